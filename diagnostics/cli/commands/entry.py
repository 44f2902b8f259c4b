"""`entry`: create the files of a new entry, check entries, print the JSON Schemas."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from diagnostics.cli.parser import add_subcommand
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UsageError, printable
from diagnostics.exit_codes import ExitCode
from kb.records.errors import InvalidRecord
from kb.records.lint import ID
from kb.records.loader import ENTRIES, load_entries
from kb.records.skeletons.plain import skeleton
from kb.records.skeletons.with_check import KINDS as CHECK_KINDS

SCHEMA = "schema.json"
"""File name of the JSON Schema of entries, in the package and in a team's folder."""
EXAMPLE = "clearpay-doctor entry lint"
EXAMPLES = {
    "new": "clearpay-doctor entry new db-disk-full --layer database --kb team",
    "lint": EXAMPLE,
    "schema": "clearpay-doctor entry schema --runbook",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `entry`."""
    subcommands = parser.add_subparsers(dest="subcommand", metavar="new|lint|schema", required=True)
    new = add_subcommand(subcommands, "new", "create the files of a new entry", EXAMPLES["new"])
    new.add_argument("id", help="words joined by hyphens: db-disk-full")
    new.add_argument("--layer", required=True, help="database, tls, api, config or service")
    new.add_argument("--code", action="store_true", help="also a program that fails and one that does not")
    new.add_argument("--check", choices=CHECK_KINDS, help="a record that brings a check: sql, http or config")
    for parser_ in (
        new,
        add_subcommand(subcommands, "lint", "list every problem of every entry", EXAMPLES["lint"]),
    ):
        parser_.add_argument(
            "--kb", metavar="DIR", help="a team's folder of entries instead of the shipped one"
        )
    schema = add_subcommand(subcommands, "schema", "print the JSON Schema of an entry", EXAMPLES["schema"])
    schema.add_argument("--runbook", action="store_true", help="the schema of a runbook instead")
    schema.add_argument("--report", action="store_true", help="the schema of the JSON report instead")
    schema.add_argument("--target", action="store_true", help="the schema of clearpay-doctor.toml instead")
    schema.add_argument("--scan", action="store_true", help="the schema of the JSON report of a scan instead")
    schema.add_argument("--incident", action="store_true", help="the schema of an incident instead")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand."""
    return {"new": _new, "lint": _lint, "schema": _schema}[options.subcommand](options)


def _new(options: argparse.Namespace) -> int:
    if not ID.fullmatch(options.id):
        raise UsageError(
            f"{printable(options.id)!r} is not an id; write words joined by hyphens, such as db-disk-full"
        )
    base = Path(options.kb) if options.kb else ENTRIES
    folder = base / options.layer / options.id
    if folder.exists():
        raise UsageError(f"{folder}: exists already")
    files = skeleton(options.id, code=options.code, schema=_schema_of(options), check=options.check or "")
    try:
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
            print(folder / name)
        if options.kb:
            _write_schema(base / SCHEMA)
    except OSError as error:
        raise UsageError(f"{printable(str(error.filename or folder))}: {error.strerror}") from None
    print(f"next: fill in entry.yaml, then run {_lint_command(options.kb)}", file=sys.stderr)
    return ExitCode.OK


def _schema_of(options: argparse.Namespace) -> str:
    """Return the path from an entry.yaml to its JSON Schema: that of the package, or the copy in `--kb`."""
    return f"../../{SCHEMA}" if options.kb else f"../../../{SCHEMA}"


def _write_schema(path: Path) -> None:
    """Write a copy of the JSON Schema of entries, which the editors of a team then find."""
    from kb.records.models import Entry  # noqa: PLC0415  pydantic
    from kb.records.validate import schema  # noqa: PLC0415

    path.write_text(json.dumps(schema(Entry), indent=2) + "\n", "utf-8")


def _lint_command(kb: str | None) -> str:
    if not kb:
        return "clearpay-doctor entry lint; CONTRIBUTING.md has the other steps"
    from diagnostics.targets.command_line.shell_words import kb_options  # noqa: PLC0415  for --kb only

    return f"clearpay-doctor entry lint {kb_options((kb,))}"


def _lint(options: argparse.Namespace) -> int:
    from diagnostics.probes import PROBES  # noqa: PLC0415
    from diagnostics.runbooks.lookup import problems_of_runbooks  # noqa: PLC0415
    from kb.records.validate import problems_of, read_folder  # noqa: PLC0415  pydantic; `entry new` does not need it

    folder = _folder(options)
    shipped = load_entries() if options.kb else {}
    problems = problems_of(folder, shipped.values())
    if not problems:
        entries = read_folder(folder, shipped.values())
        catalogue = Catalogue(entries, PROBES)
        own = entries.keys() - shipped.keys() if options.kb else ()
        problems = list(catalogue.problems(own, lint=True))
        problems += problems_of_runbooks(options.kb, catalogue)
    if problems:
        raise InvalidRecord(problems)
    print("no problem found")
    return ExitCode.OK


def _schema(options: argparse.Namespace) -> int:
    print(json.dumps(_selected_schema(options), indent=2))
    return ExitCode.OK


def _selected_schema(options: argparse.Namespace) -> dict[str, Any]:
    from diagnostics.report.formats.schema import report_schema  # noqa: PLC0415  pydantic
    from diagnostics.runbooks.schema import incident_schema  # noqa: PLC0415
    from diagnostics.scan.formats.schema import scan_schema  # noqa: PLC0415
    from diagnostics.targets.schema import target_schema  # noqa: PLC0415
    from kb.records.models import Entry  # noqa: PLC0415
    from kb.records.validate import schema  # noqa: PLC0415
    from kb.runbook_model.model import Runbook  # noqa: PLC0415

    if options.incident:
        return incident_schema()
    if options.scan:
        return scan_schema()
    if options.target:
        return target_schema()
    return report_schema() if options.report else schema(Runbook if options.runbook else Entry)


def _folder(options: argparse.Namespace) -> Path:
    folder = Path(options.kb) if options.kb else ENTRIES
    if not folder.is_dir():
        raise UsageError(f"--kb {folder}: is not a folder")
    return folder
