"""What came and went over the rounds, in words that every format for people shows."""

from collections import Counter
from collections.abc import Iterator, Sequence

from diagnostics.report.model import Round


def codes_of(one: Round) -> str:
    """The findings of a round."""
    return ", ".join(dict.fromkeys(code for seen in one.results for code in seen.findings))


def came_and_went(rounds: Sequence[Round]) -> Iterator[str]:
    """In how many rounds each finding was made, then each probe that did not always end alike."""
    for code, count in _counted(rounds).items():
        yield f"{code}: in {count} of {len(rounds)} rounds"
    for (endpoint, probe), outcomes in _outcomes(rounds).items():
        if len(outcomes) > 1:
            told = ", ".join(f"{outcome} in {count}" for outcome, count in outcomes.items())
            yield f"{probe} on {endpoint}: {told}"


def _counted(rounds: Sequence[Round]) -> Counter[str]:
    return Counter(code for one in rounds for code in {c for seen in one.results for c in seen.findings})


def _outcomes(rounds: Sequence[Round]) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in rounds:
        for seen in one.results:
            found.setdefault((seen.endpoint, seen.probe), Counter())[seen.outcome] += 1
    return found
