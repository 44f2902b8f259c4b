"""Joining of groups of unknown error lines whose templates differ in few words."""

from collections.abc import Mapping, Sequence
from typing import Final

from kb.scan.summary import Groups, Tally, merge_tally

WORDS_ALIKE: Final = 0.6
"""Share of the words, position by position, in which templates of one cluster agree (Drain's threshold)."""
_MASK: Final = "<*>"
_MAX_CANDIDATES: Final = 200


def clusters_of(groups: Groups) -> Mapping[str, Tally]:
    """Return the tallies by template, the largest first; templates of equal length that are alike are joined.

    It is Drain's similarity (He et al., ICWS 2017) on complete groups, the largest first, so that the result
    does not depend on the order of the lines.
    """
    ordered = sorted(groups.tallies.items(), key=lambda item: (-item[1].count, item[0]))
    by_length: dict[tuple[int, str], list[list[str]]] = {}
    tallies: dict[int, Tally] = {}
    templates: dict[int, list[str]] = {}
    for text, tally in ordered:
        words = text.split(" ")
        known = by_length.setdefault((len(words), _head(words)), [])
        cluster = next((other for other in known[:_MAX_CANDIDATES] if _is_alike(other, words)), None)
        if cluster is None:
            known.append(words)
            tallies[id(words)], templates[id(words)] = tally, words
        else:
            cluster[:] = [one if one == other else _MASK for one, other in zip(cluster, words, strict=True)]
            tallies[id(cluster)] = merge_tally(tallies[id(cluster)], tally)
    joined: dict[str, Tally] = {}
    for key, words in templates.items():
        text = " ".join(words)
        joined[text] = merge_tally(joined[text], tallies[key]) if text in joined else tallies[key]
    return dict(sorted(joined.items(), key=lambda item: (-item[1].count, item[0])))


def _head(words: Sequence[str]) -> str:
    """Return the first word without a mask: templates with different ones are not compared."""
    return next((word for word in words if _MASK not in word), "")


def _is_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    same = sum(word == twin for word, twin in zip(one, other, strict=True))
    return same >= WORDS_ALIKE * len(one)
