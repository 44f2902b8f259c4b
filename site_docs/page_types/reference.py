"""What scripts build upon, made from what the program itself goes by."""

import argparse
from collections.abc import Iterator

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import parser_for
from diagnostics.exit_codes import ExitCode
from site_docs.docstrings import field_docs
from site_docs.file import File
from site_docs.markup import fence, page, prose, table

WIDTH = 88
"""Columns of the help."""
COMMANDS_PAGE, EXIT_CODES, SCHEMAS = "commands.md", "exit-codes.md", "schemas.md"


def commands_page() -> File:
    """Return the page with the help of every command, as the program prints it."""
    lines = [
        "# Command line",
        "",
        "What `--help` prints. Names, options, formats and exit codes are a promise to scripts.",
        "",
        *table(
            ["Command", "What for"],
            ([f"[`{command}`](#{command})", prose(what)] for command, what in COMMANDS.items()),
        ),
    ]
    for command in COMMANDS:
        lines += [f"## {command} {{ #{command} }}", "", *fence(_help(command))]
    return File(COMMANDS_PAGE, page("Command line", "Every command and option.", lines))


class _Help(argparse.RawDescriptionHelpFormatter):
    """The same width everywhere, whatever terminal builds the site."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=WIDTH)


def _help(command: str) -> str:
    parser = parser_for(command, load(command))
    parser.formatter_class = _Help
    return parser.format_help()


def exit_codes_page() -> File:
    """The table of exit codes."""
    meanings = field_docs(ExitCode)
    rows = ([str(int(code)), f"`{code.name}`", prose(meanings[code.name])] for code in ExitCode)
    lines = [
        "# Exit codes",
        "",
        "The same in every format, but for [`nagios`](formats.md#nagios), which has those of plugins.",
        "",
        *table(["Code", "Name", "Meaning"], rows),
        "A report rolls up to the gravest outcome: `fail`, `error`, `unknown`, `warn`, `pass`.",
        "Code 1 wins over 3. What passed beside something unknown is 3: no answer is never a pass.",
    ]
    return File(EXIT_CODES, page("Exit codes", "What each exit code means.", lines))


def schemas_page() -> File:
    """Where the documents for programs are."""
    lines = ["# Data and schemas", "", *table(["File", "What it holds"], _documents())]
    lines += [
        "Every page has its Markdown beside it: `errors/db-deadlock/index.md` beside `errors/db-deadlock/`.",
        "Addresses stay: an entry that is renamed or retired keeps the page at its old address.",
    ]
    return File(SCHEMAS, page("Data and schemas", "JSON for programs.", lines))


def _documents() -> Iterator[list[str]]:
    yield ["[`errors.json`](errors.json)", "Every entry: id, title, symptoms, findings, probes, addresses."]
    yield [
        "[`record.schema.json`](record.schema.json)",
        "JSON Schema of `entry.yaml`; also from `clearpay-doctor entry schema`.",
    ]
    yield [
        "[`report.schema.json`](report.schema.json)",
        "JSON Schema of the report; also from `clearpay-doctor entry schema --report`.",
    ]
    yield [
        "[`incident.schema.json`](incident.schema.json)",
        "JSON Schema of the incident of a runbook; also from `clearpay-doctor entry schema --incident`.",
    ]
    yield [
        "[`runbook.schema.json`](runbook.schema.json)",
        "JSON Schema of a runbook, for editors; also from `clearpay-doctor entry schema --runbook`.",
    ]
