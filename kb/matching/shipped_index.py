"""The index of the shipped records."""

from pathlib import Path
from typing import cast

from kb.matching.index import Index
from kb.records.cache import cached


def load_index() -> Index:
    """Return the index of the shipped records, from the cache unless the code or the records changed."""
    return cast("Index", cached("index", index_sources(), _compile_shipped))


def index_sources() -> list[Path]:
    """Return the files on which the index of the shipped records depends."""
    kb = Path(__file__).parent.parent
    tables = [*kb.glob("matching/*.yaml"), *kb.glob("matching/*.json")]
    code = [*kb.glob("*/*.py"), *kb.glob("matching/wording/*.py")]
    return sorted([*code, *tables, *kb.glob("entries/*/*/entry.yaml")])


def _compile_shipped() -> Index:
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed with a warm cache
    from kb.records.loader import load_entries  # noqa: PLC0415

    return compile_index(load_entries().values())
