"""What is known, for verbs that run no probe."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kb.loader import load_entries
from kb.models import Entry

if TYPE_CHECKING:
    from kb.index import Index


def entries_of(folder: str | None) -> Mapping[str, Entry]:
    """The shipped records and a team's own. Raises what `catalogue_of` raises."""
    if folder is None:
        return load_entries()
    from diagnostics.session import catalogue_of  # noqa: PLC0415  only foreign records need the probes' side

    return catalogue_of(folder).entries


def index_of(folder: str | None) -> "Index":
    """The index over the same records."""
    from kb.index import compile_index  # noqa: PLC0415  only `match` needs it

    return compile_index(entries_of(folder).values())
