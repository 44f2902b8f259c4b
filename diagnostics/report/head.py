"""First lines of a report, for the formats that people read: the text without a match, then the targets."""

from collections.abc import Iterator

from diagnostics.report.model import Report

RESULTS_WITHOUT_MATCH = "The probes ran all the same; what they found need not be about this text."


def target_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the targets and the target file that they were read from, each with its label."""
    if report.targets:
        yield "target", ", ".join(report.targets)
    if report.target_file:
        yield "file", report.target_file


def folded(report: Report) -> tuple[str, ...]:
    """Return the skipped probes that share one line: all but those that the command named.

    If no probe ran, none is folded: the reasons are the result then.
    """
    skipped = [result.key.probe for result in report.results if result.outcome == "skipped"]
    if len(skipped) == len(report.results):
        return ()
    return tuple(dict.fromkeys(probe for probe in skipped if probe not in report.selected))


def folded_text(probes: tuple[str, ...]) -> str:
    """Return the line of the folded probes, without the word `skipped`."""
    return f"{', '.join(probes)}; --format json has the reasons"
