"""What is known, for verbs that run no probe. Matching needs no records: they load when asked for."""

from typing import TYPE_CHECKING

from kb.index import Index, load_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Entry
    from kb.runbook import Runbook


def entries_of(folder: str | None) -> "Mapping[str, Entry]":
    """The shipped records and a team's own. Raises what `catalogue_of` raises."""
    if folder is None:
        from kb.loader import load_entries  # noqa: PLC0415  `match` needs the index alone

        return load_entries()
    from diagnostics.session import catalogue_of  # noqa: PLC0415  only foreign records need the probes' side

    return catalogue_of(folder).entries


def index_of(folder: str | None) -> Index:
    """The index over the same records."""
    if folder is None:
        return load_index()
    from kb.compile import compile_index  # noqa: PLC0415  the shipped index is kept compiled

    return compile_index(entries_of(folder).values())


def runbooks_known(folder: str | None) -> "Mapping[str, Runbook]":
    """The shipped runbooks and a team's own. Raises what `catalogue_of` raises."""
    if folder is None:
        from kb.runbook_loader import load_runbooks  # noqa: PLC0415  `match` needs the index alone

        return load_runbooks()
    from diagnostics.runbooks.shelf import runbooks_of  # noqa: PLC0415  as for entries
    from diagnostics.session import catalogue_of  # noqa: PLC0415  as for entries

    return runbooks_of(folder, catalogue_of(folder))
