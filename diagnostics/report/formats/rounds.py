"""Changes between the rounds of `--repeat`, as text for the formats that people read."""

from collections import Counter
from collections.abc import Iterator, Sequence

from diagnostics.report.model import Round


def codes_of(round_: Round) -> str:
    """Return the findings of a round, joined by commas."""
    return ", ".join(dict.fromkeys(code for result in round_.results for code in result.findings))


def changes_over(rounds: Sequence[Round]) -> Iterator[str]:
    """Yield the number of rounds of each finding, then the outcomes of each probe that had several."""
    for code, count in _finding_counts(rounds).items():
        yield f"{code}: in {count} of {len(rounds)} rounds"
    for (endpoint, probe), outcomes in _outcomes(rounds).items():
        if len(outcomes) > 1:
            counts = ", ".join(f"{outcome} in {count}" for outcome, count in outcomes.items())
            yield f"{probe} on {endpoint}: {counts}"


def _finding_counts(rounds: Sequence[Round]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for round_ in rounds:
        counts.update(list(dict.fromkeys(code for result in round_.results for code in result.findings)))
    return counts


def _outcomes(rounds: Sequence[Round]) -> dict[tuple[str, str], Counter[str]]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for round_ in rounds:
        for result in round_.results:
            counts.setdefault((result.endpoint, result.probe), Counter())[result.outcome] += 1
    return counts
