"""`scan`: find known errors in logs of any size."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from diagnostics.cli.options import announce, selected_targets
from diagnostics.cli.parser import add_format, add_knowledge, add_target, processes, seconds
from diagnostics.cli.team_folders import kb_folders
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import entries_of, index_of
from diagnostics.targets import target_file
from diagnostics.terminal import show_progress, terminal_of, write_stdout
from kb.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from diagnostics.scan.inputs import Input, NotRead
    from diagnostics.scan.report import ScanReport
    from diagnostics.scan.runner import ScanResult

EXAMPLE = "clearpay-doctor scan /var/log/payments --since 2h --mark v42=2026-11-29T18:00Z"
FORMATS = ("human", "json", "ndjson", "markdown", "html")
ENGINES = ("loki", "elasticsearch", "clickhouse")
PROGRESS_S = 0.1
"""Seconds between two updates of the progress line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `scan`."""
    parser.add_argument(
        "inputs", nargs="*", metavar="FILE|DIR|URL|-",
        help="logs, also .gz, .zst, .bz2 and .xz; default: [target.NAME.logs] paths, else standard input",
    )  # fmt: skip
    parser.add_argument(
        "--since", metavar="TIME", help="leave out what is older: 2026-11-29T18:00Z, 18:00, 2h"
    )
    parser.add_argument("--until", metavar="TIME", help="leave out what is newer")
    parser.add_argument(
        "--mark", action="append", default=[], metavar="LABEL=TIME", dest="marks",
        help="show an event in the timeline, as in --mark v42=2026-11-29T18:00Z; may repeat",
    )  # fmt: skip
    parser.add_argument(
        "--timezone", default="UTC", metavar="ZONE",
        help="zone of times that name none, and of the report: Europe/Berlin, +02:00 (default: UTC)",
    )  # fmt: skip
    add_format(parser, *FORMATS)
    parser.add_argument("--deadline", type=seconds, metavar="TIME", help="end after this time: 30s, 5m")
    parser.add_argument(
        "--jobs",
        type=processes,
        default=0,
        metavar="N",
        help="processes (default: one a processor for large logs)",
    )
    parser.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="scan on this Dask scheduler's workers"
    )
    parser.add_argument(
        "--query", choices=ENGINES,
        help="print queries for the engine that has the logs, one an entry, instead of reading; "
        "the arguments are then ids of entries",
    )  # fmt: skip
    add_target(parser)
    add_knowledge(parser)


def run(options: argparse.Namespace) -> int:
    """Scan the inputs and print the report; return OK if an entry is known, FOUND if none is."""
    if options.query:
        return _print_queries(options)
    from diagnostics.scan.formats import SCAN_FORMATS  # noqa: PLC0415  `scan` alone needs it

    report = scan_report(options, _names(options))
    _show("")
    write_stdout(SCAN_FORMATS[options.format](report, terminal_of(sys.stdout)))
    return report.exit_code


def scan_report(options: argparse.Namespace, names: Sequence[str]) -> "ScanReport":
    """Return the report of a scan of the named inputs. Raises UsageError."""
    from diagnostics.scan.build import EntryFacts, ReportOptions, build_report  # noqa: PLC0415  as above
    from diagnostics.scan.times import marker_of, zone_of  # noqa: PLC0415  as above

    now = datetime.now(UTC)
    zone = zone_of(options.timezone)
    markers = sorted((marker_of(text, zone, now) for text in options.marks), key=lambda marker: marker[1])
    result = _scan(options, names, now)
    entries = entries_of(kb_folders(options)).values() if result.summary.entries else ()
    facts = {entry.id: EntryFacts(entry.title, entry.layer, entry.leads_to) for entry in entries}
    return build_report(result, ReportOptions(facts, zone, markers, kb=tuple(options.kb or ())))


def _scan(options: argparse.Namespace, names: Sequence[str], now: datetime) -> "ScanResult":
    from diagnostics.scan.inputs import inputs_of  # noqa: PLC0415  as above
    from diagnostics.scan.runner import run_scan  # noqa: PLC0415
    from diagnostics.scan.times import time_of, zone_of  # noqa: PLC0415
    from kb.scan.chunk import Scanner  # noqa: PLC0415
    from kb.scan.reading import ScanSettings  # noqa: PLC0415

    zone = zone_of(options.timezone)
    inputs, missing = inputs_of(names)
    _require_input(inputs, missing)
    settings = ScanSettings(
        index_of(kb_folders(options)),
        now,
        zone,
        time_of(options.since, "--since", zone, now) if options.since else float("-inf"),
        time_of(options.until, "--until", zone, now) if options.until else float("inf"),
    )
    result = run_scan(
        inputs,
        Scanner(settings),
        jobs=options.jobs,
        seconds=options.deadline or float("inf"),
        cluster=options.cluster,
        progress=_Progress(),
    )
    result.not_read[:0] = missing
    return result


def _names(options: argparse.Namespace) -> list[str]:
    """Return the names of the inputs: those of the command line, those of the target, or standard input."""
    if options.inputs:
        return list(options.inputs)
    targets = selected_targets(target_file.load(options.config), options, required=bool(options.targets))
    announce(targets, quiet=True)
    paths = [
        path if Path(path).is_absolute() or "://" in path else str(target.folder / path)
        for target in targets
        if target.settings.logs
        for path in target.settings.logs.paths
    ]
    if options.targets and not paths:
        raise UsageError(f"target {options.targets[0]} has no logs; name files, or add [target.x.logs] paths")
    if not paths and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(
            "no logs; name files, a folder or -, or add [target.x.logs] paths to the target file"
        )
    return paths or ["-"]


def _require_input(inputs: Sequence["Input"], missing: Sequence["NotRead"]) -> None:
    if not inputs:
        raise UsageError("; ".join(f"{part.name}: {part.reason}" for part in missing))


class _Progress:
    """Progress line on stderr, if it is a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._began = self._last = monotonic()

    def __call__(self, read: int, total: int) -> None:
        now = monotonic()
        if self._is_shown and now - self._last > PROGRESS_S:
            from diagnostics.scan.formats.wording import size_text  # noqa: PLC0415  for a terminal only

            self._last = now
            of_total = f" of {size_text(total)}" if total >= read else ""
            _show(f"{size_text(read)}{of_total} read, {size_text(int(read / (now - self._began)))}/s")


def _show(text: str) -> None:
    if sys.stderr.isatty():
        with suppress(OSError):
            show_progress(text)


def _print_queries(options: argparse.Namespace) -> int:
    """Print one query for each of the named entries, or for all that have literals."""
    from diagnostics.scan.queries import QUERIES, Query  # noqa: PLC0415  for --query only
    from diagnostics.scan.times import time_of, zone_of  # noqa: PLC0415  as above
    from kb.matching.literals import literals_of  # noqa: PLC0415  as above

    now, zone = datetime.now(UTC), zone_of(options.timezone)
    times = [
        datetime.fromtimestamp(time_of(text, option, zone, now), zone).isoformat() if text else ""
        for option, text in (("--since", options.since), ("--until", options.until))
    ]
    entries = entries_of(kb_folders(options))
    literals = literals_of(index_of(kb_folders(options)))
    for name in options.inputs:
        if name not in entries:
            near = did_you_mean(name, entries)
            raise UnknownName(f"{printable(name)}: no entry has this id; {near or 'see: list entries'}")
    queries = [
        Query(name, entries[name].title, sorted(literals[name]), *times)
        for name in (options.inputs or literals)
        if literals.get(name)
    ]
    texts = {query.entry: QUERIES[options.query](query) for query in queries}
    if options.format == "json":
        document = [{"entry": entry, "query": text} for entry, text in texts.items()]
        data = {"schema_version": "1", "engine": options.query, "queries": document}
        write_stdout(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    else:
        write_stdout("\n\n".join(texts.values()) + "\n")
    return ExitCode.OK
