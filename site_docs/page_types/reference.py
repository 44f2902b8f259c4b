"""Reference pages, generated from the program: commands, exit codes, data and schemas."""

import argparse
from collections.abc import Iterator

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import parser_for
from diagnostics.exit_codes import ExitCode
from kb.records.field_docs import field_docs
from site_docs.file import File
from site_docs.markup import fence, page, prose, table

HELP_WIDTH = 88
COMMANDS_PAGE, EXIT_CODES, SCHEMAS = "commands.md", "exit-codes.md", "schemas.md"


def commands_page() -> File:
    """Return the page with the help text of every command."""
    rows = ([f"[`{command}`](#{command})", prose(purpose)] for command, purpose in COMMANDS.items())
    lines = [
        "# Command line",
        "",
        "The output of `--help`. Names, options, formats and exit codes are stable, for use in scripts.",
        "",
        *table(["Command", "Purpose"], rows),
    ]
    for command in COMMANDS:
        lines += [f"## {command} {{ #{command} }}", "", *fence(_help(command))]
    return File(COMMANDS_PAGE, page("Command line", "Every command and option.", lines))


class _FixedWidthFormatter(argparse.RawDescriptionHelpFormatter):
    """Help formatter whose width does not depend on the terminal that builds the site."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=HELP_WIDTH)


def _help(command: str) -> str:
    parser = parser_for(command, load(command))
    parser.formatter_class = _FixedWidthFormatter
    return parser.format_help()


def exit_codes_page() -> File:
    """Return the page with the table of exit codes."""
    meanings = field_docs(ExitCode)
    rows = ([str(int(code)), f"`{code.name}`", prose(meanings[code.name])] for code in ExitCode)
    lines = [
        "# Exit codes",
        "",
        "The same in every format except [`nagios`](formats.md#nagios), which has the codes of plugins.",
        "",
        *table(["Code", "Name", "Meaning"], rows),
        "The outcome of a report is its most severe one: `fail`, `error`, `unknown`, `warn`, `pass`.",
        "Code 1 takes precedence over 3. A pass beside an unknown outcome is 3: no answer is never a pass.",
    ]
    return File(EXIT_CODES, page("Exit codes", "The meaning of each exit code.", lines))


def schemas_page() -> File:
    """Return the page that links the data files and schemas."""
    lines = ["# Data and schemas", "", *table(["File", "Content"], _documents())]
    lines += [
        "Every page has a Markdown copy: `errors/db-deadlock/index.md` beside `errors/db-deadlock/`.",
        "Addresses are stable: a renamed or retired entry keeps a page at its old address.",
    ]
    return File(SCHEMAS, page("Data and schemas", "JSON for programs.", lines))


def _documents() -> Iterator[list[str]]:
    yield ["[`errors.json`](errors.json)", "Every entry: id, title, symptoms, findings, probes, addresses."]
    yield [
        "[`record.schema.json`](record.schema.json)",
        "JSON Schema of `entry.yaml`; also from `clearpay-doctor entry schema`.",
    ]
    yield [
        "[`target.schema.json`](target.schema.json)",
        "JSON Schema of `clearpay-doctor.toml`; also from `clearpay-doctor entry schema --target`.",
    ]
    yield [
        "[`report.schema.json`](report.schema.json)",
        "JSON Schema of the report; also from `clearpay-doctor entry schema --report`.",
    ]
    yield [
        "[`scan.schema.json`](scan.schema.json)",
        "JSON Schema of the report of `scan`; also from `clearpay-doctor entry schema --scan`.",
    ]
    yield [
        "[`incident.schema.json`](incident.schema.json)",
        "JSON Schema of the incident of a runbook; also from `clearpay-doctor entry schema --incident`.",
    ]
    yield [
        "[`runbook.schema.json`](runbook.schema.json)",
        "JSON Schema of a runbook, for editors; also from `clearpay-doctor entry schema --runbook`.",
    ]
