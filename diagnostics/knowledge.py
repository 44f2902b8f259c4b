"""What is known, for verbs that run no probe."""

from collections.abc import Mapping

from kb.index import Index, compile_index
from kb.loader import load_entries
from kb.models import Entry


def entries_of(folder: str | None) -> Mapping[str, Entry]:
    """The shipped records and a team's own. Raises what `catalogue_of` raises."""
    if folder is None:
        return load_entries()
    from diagnostics.session import catalogue_of  # noqa: PLC0415  only foreign records need the probes' side

    return catalogue_of(folder).entries


def index_of(folder: str | None) -> Index:
    """The index over the same records."""
    return compile_index(entries_of(folder).values())
