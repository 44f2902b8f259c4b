"""Suggestions for misspelt names."""

from collections.abc import Iterable


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return `did you mean <name>?` with the closest known name, or an empty text if none is close."""
    import difflib  # noqa: PLC0415  only needed for a mistake

    near = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
