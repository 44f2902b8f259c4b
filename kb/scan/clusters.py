"""Joining of groups of unknown error lines whose templates differ in few words."""

from collections.abc import Mapping, Sequence
from typing import Final

from kb.scan.summary import Groups, Tally, merge_tally

WORDS_ALIKE: Final = 0.6
"""Share of the words, position by position, in which templates of one cluster agree (Drain's threshold)."""
_MASK: Final = "<*>"
_MAX_CANDIDATES: Final = 200


def clusters_of(groups: Groups) -> Mapping[str, Tally]:
    """Return the tallies by template, the largest first; those whose templates are alike are joined."""
    joined: dict[str, Tally] = {}
    for text, templates in joined_templates(groups).items():
        for template in templates:
            tally = groups.tallies[template]
            joined[text] = merge_tally(joined[text], tally) if text in joined else tally
    return dict(sorted(joined.items(), key=lambda item: (-item[1].count, item[0])))


def joined_templates(groups: Groups) -> Mapping[str, Sequence[str]]:
    """Return the templates that are alike by the template that stands for them.

    It is Drain's similarity (He et al., ICWS 2017) on complete groups, the largest first, so that the result
    does not depend on the order of the lines.
    """
    clusters: dict[tuple[int, str], list[tuple[list[str], list[str]]]] = {}
    for template, _ in sorted(groups.tallies.items(), key=lambda item: (-item[1].count, item[0])):
        words = template.split(" ")
        known = clusters.setdefault((len(words), _head(words)), [])
        cluster = next((other for other in known[:_MAX_CANDIDATES] if _is_alike(other[0], words)), None)
        if cluster is None:
            known.append((words, [template]))
        else:
            cluster[0][:] = [
                word if word == other else _MASK for word, other in zip(cluster[0], words, strict=True)
            ]
            cluster[1].append(template)
    members: dict[str, list[str]] = {}
    for words, templates in (cluster for known in clusters.values() for cluster in known):
        members.setdefault(" ".join(words), []).extend(templates)
    return members


def _head(words: Sequence[str]) -> str:
    """Return the first word without a mask: templates with different ones are not compared."""
    return next((word for word in words if _MASK not in word), "")


def _is_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    same = sum(word == twin for word, twin in zip(one, other, strict=True))
    return same >= WORDS_ALIKE * len(one)
