"""First lines of a report, for the formats that people read: the text without a match, then the targets."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from diagnostics.report.model import Diagnosis, Report, Result

RUN_COMMAND = "To run it: "
"""Words before the command in the reason of an active probe that nobody allowed to run."""
RESULTS_WITHOUT_MATCH = "The probes ran all the same; what they found need not be about this text."


def target_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the targets and the target file that they were read from, each with its label."""
    if report.targets:
        yield "target", ", ".join(report.targets)
    if report.target_file:
        yield "file", report.target_file


def folded(report: Report) -> tuple[Result, ...]:
    """Return the skipped results that share one line.

    Not among them are probes that the command named, and those that the reason of another result names in
    backquotes. If no probe ran, none is folded: the reasons are the result then.
    """
    skipped = [result for result in report.results if result.outcome == "skipped"]
    if len(skipped) == len(report.results):
        return ()
    named = {*report.selected, *_named_in_reasons(report)}
    return tuple(result for result in skipped if result.key.probe not in named)


def _named_in_reasons(report: Report) -> Iterator[str]:
    for result in report.results:
        if result.outcome in {"unknown", "error"}:
            yield from re.findall(r"`(\w+)`", result.reason)


def folded_text(results: Sequence[Result]) -> str:
    """Return the line of the folded results, without the word `skipped`."""
    held_back = [result for result in results if RUN_COMMAND in result.reason]
    others = [result for result in results if RUN_COMMAND not in result.reason]
    groups = [names for names in (_names(others), _names(held_back, "with --active: ")) if names]
    return "; ".join([*groups, "--format json has the reasons"])


def _names(results: Sequence[Result], before: str = "") -> str:
    names = ", ".join(dict.fromkeys(result.key.probe for result in results))
    return f"{before}{names}" if names else ""


def beside_story(report: Report) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that people read: beside a story, those that are still open.

    After a fix the text of the error speaks of the past, and so do the candidates that were ruled out. The
    diagnosis whose fix the report describes has no steps and no commands of its own.
    """
    if report.story is None:
        fixed = report.fix.finding if report.fix else ""
        return tuple(
            replace(diagnosis, fix=(), next=()) if fixed and diagnosis.finding == fixed else diagnosis
            for diagnosis in report.diagnoses
        )
    return tuple(
        diagnosis
        for diagnosis in report.diagnoses
        if diagnosis.verdict in {"confirmed", "suspected"} and diagnosis.entry != report.story.entry
    )
