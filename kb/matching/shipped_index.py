"""The index of the shipped records, compiled once and then read from the cache."""

from pathlib import Path
from typing import cast

from kb.matching.index import Index
from kb.records.cache import cached


def load_index() -> Index:
    """The index of the shipped records: compiled once, then read from the cache."""
    here = Path(__file__).parent.parent
    sources = sorted(
        [*here.glob("*/*.py"), *here.glob("matching/*.yaml"), *here.glob("entries/*/*/entry.yaml")]
    )
    return cast("Index", cached("index", sources, _compile_shipped))


def _compile_shipped() -> Index:
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  a warm start compiles nothing
    from kb.records.loader import load_entries  # noqa: PLC0415

    return compile_index(load_entries().values())
