"""The nearest right name for a wrong one."""

from collections.abc import Iterable


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`did you mean <name>?`, or an empty text where nothing is near."""
    import difflib  # noqa: PLC0415  most runs have no wrong name

    near = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
