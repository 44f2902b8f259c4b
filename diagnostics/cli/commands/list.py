"""`list`: print entries, probes, findings, targets, keys of the target file, runbooks, runs or packs."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from diagnostics.cli.parser import add_format, add_knowledge
from diagnostics.cli.team_folders import kb_folders
from diagnostics.exit_codes import ExitCode
from diagnostics.terminal import print_json, print_line, terminal_of

EXAMPLE = "clearpay-doctor list entries"
Row = Mapping[str, Any]
HINTS = {
    "packs": "pack new NAME writes one",
    "runs": "check --record keeps one",
    "targets": "the README shows a clearpay-doctor.toml",
}
"""Hints for an empty list."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `list`."""
    parser.add_argument("what", choices=tuple(LISTS), metavar="WHAT", help=", ".join(LISTS))
    add_knowledge(parser)
    add_format(parser, "human", "json")


def run(options: argparse.Namespace) -> int:
    """Print one list."""
    rows = LISTS[options.what](options)
    if options.format == "json":
        print_json({"schema_version": "1", options.what: rows})
        return ExitCode.OK
    terminal = terminal_of(sys.stdout)
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        text = f"{row['id'].ljust(width)}  {_summary(row)}"
        truncated = sys.stdout.isatty() and len(text) > terminal.width
        print_line(text[: terminal.width - 3] + "..." if truncated else text, sys.stdout)
    if not rows:
        print(f"no {options.what}; {HINTS.get(options.what, HINTS['targets'])}", file=sys.stderr)
    return ExitCode.OK


def _summary(row: Row) -> str:
    if "summary" in row:
        return str(row["summary"])
    if "meaning" in row:
        default = f", default {row['default']}" if row["default"] else ""
        return f"{row['type']}{', required' if row['required'] else default}: {row['meaning']}"
    return "  ".join(value for key, value in row.items() if key != "id" and isinstance(value, str) and value)


def _entries(options: argparse.Namespace) -> list[Row]:
    from diagnostics.run.knowledge import entries_of  # noqa: PLC0415  the other lists need no entries

    return [
        {"id": entry.id, "severity": entry.severity, "layer": entry.layer, "title": entry.title}
        for entry in entries_of(kb_folders(options)).values()
        if not entry.retired
    ]


def _probes(options: argparse.Namespace) -> list[Row]:
    from diagnostics.run.knowledge import catalogue_of  # noqa: PLC0415

    return [
        {
            "id": name,
            "safety": probe.SAFETY,
            "layer": probe.LAYER,
            "question": probe.QUESTION,
            "findings": list(probe.FINDINGS),
            "needs": list(probe.NEEDS),
            "budget_s": probe.BUDGET,
        }
        for name, probe in catalogue_of(kb_folders(options)).probes.items()
    ]


def _findings(options: argparse.Namespace) -> list[Row]:
    from diagnostics.run.knowledge import entries_of  # noqa: PLC0415

    return [
        {"id": cause.finding, "entry": entry.id, "sentence": cause.sentence}
        for entry in entries_of(kb_folders(options)).values()
        for cause in entry.causes
    ]


def _targets(options: argparse.Namespace) -> list[Row]:
    from diagnostics.cli.options import announce  # noqa: PLC0415  the other lists need no target
    from diagnostics.targets import target_file  # noqa: PLC0415
    from diagnostics.targets.platform import PARTS, platform_of  # noqa: PLC0415

    file = target_file.load(options.config)
    usable = [name for name in file.settings.target if name not in file.problems]
    targets = [target_file.target_named(name, file) for name in usable]
    announce(targets)
    rows: list[Row] = [
        {
            "id": target.name,
            "kind": "production" if target.production else "not production",
            "endpoints": [point.name for point in target.endpoints],
            "platform": {part: platform_of(target, part) for part in PARTS},
        }
        for target in targets
    ]
    return rows + [
        {"id": name, "kind": "unknown", "endpoints": [], "problem": "; ".join(problems)}
        for name, problems in file.problems.items()
    ]


def _keys(_: argparse.Namespace) -> list[Row]:
    from diagnostics.targets.keys import key_sections  # noqa: PLC0415

    return [
        {
            "id": f"{section.place}.{key.name}".lstrip("."),
            "type": key.type,
            "default": key.default,
            "required": key.required,
            "meaning": key.meaning,
        }
        for section in key_sections()
        for key in section.keys
        if key.type not in {"table", "tables by name"}
    ]


def _runbooks(options: argparse.Namespace) -> list[Row]:
    from diagnostics.runbooks.lookup import all_runbooks  # noqa: PLC0415  as above

    runbooks = all_runbooks(kb_folders(options))
    return [{"id": runbook.id, "title": runbook.title} for runbook in runbooks.values()]


def _packs(options: argparse.Namespace) -> list[Row]:
    from diagnostics.packs.installed import installed_packs  # noqa: PLC0415  as above
    from diagnostics.run.left_out import problems_by_subject  # noqa: PLC0415  pydantic
    from diagnostics.runbooks.lookup import all_runbooks  # noqa: PLC0415
    from kb.records.loader import entry_files  # noqa: PLC0415
    from kb.runbook_model.loader import runbook_files  # noqa: PLC0415

    all_runbooks(kb_folders(options))  # reads all parts of the packs, and reports the broken ones
    problems = problems_by_subject()
    return [
        _pack_row(
            {
                "id": pack.name,
                "version": pack.version,
                "folder": pack.folder,
                "entries": [path.parent.name for path in entry_files(pack.entries)] if pack.folder else [],
                "probes": list(pack.probe_names),
                "runbooks": [path.stem for path in runbook_files(pack.runbooks)] if pack.folder else [],
                "problems": [
                    *problems.get(f"pack {pack.name}", ()),
                    *problems.get(f"runbooks of pack {pack.name}", ()),
                ],
            }
        )
        for pack in installed_packs()
    ]


def _pack_row(row: Row) -> Row:
    """Return the row with its line: what the pack brings, or the problems for which it is left out."""
    counts = [f"{name} {', '.join(row[name])}" for name in ("entries", "probes", "runbooks") if row[name]]
    parts = ["left out", *row["problems"]] if row["problems"] else [*counts, row["folder"]]
    return {**row, "summary": "; ".join((row["version"], *parts))}


def _runs(_: argparse.Namespace) -> list[Row]:
    from diagnostics.history.listing import list_runs, summary_line  # noqa: PLC0415
    from kb.records.dataclass_io import to_data  # noqa: PLC0415

    listing = list_runs()
    for note in listing.notes:
        print_line(f"skipped: {note}", sys.stderr)
    return [{**to_data(run), "summary": summary_line(run)} for run in listing.runs]


LISTS: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "entries": _entries,
    "probes": _probes,
    "findings": _findings,
    "targets": _targets,
    "keys": _keys,
    "runbooks": _runbooks,
    "runs": _runs,
    "packs": _packs,
}
