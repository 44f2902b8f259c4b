"""The index of the shipped records."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kb.matching.index import Index
from kb.records.cache import cached

if TYPE_CHECKING:
    from kb.records.models import Entry


def load_index() -> Index:
    """Return the index of the shipped records, from the cache unless the code or the records changed."""
    return cast("Index", {**_read("proof"), **_read("words")})


def open_index() -> Index:
    """Return the same index for a match: its words are read when nothing in a text is proven."""
    return cast("Index", _ProofIndex(_read("proof"), _read))


def open_cached_index(name: str, files: Sequence[Path], entries: "Callable[[], Iterable[Entry]]") -> Index:
    """Return an index of other entries that depends on files, in the same two parts."""

    @cache
    def compiled() -> Index:
        from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed with a warm cache

        return compile_index(entries())

    def read(part: str) -> dict[str, Any]:
        value: dict[str, Any] = cached(f"{name}-{part}", files, lambda: _part(compiled(), part))
        return value

    return cast("Index", _ProofIndex(read("proof"), read))


class _ProofIndex(dict[str, Any]):
    """Index that reads its words on first use."""

    def __init__(self, proof: dict[str, Any], read: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(proof)
        self._read = read

    def __missing__(self, key: str) -> Any:
        if key != "words":
            raise KeyError(key)
        self.update(self._read("words"))
        return self[key]


def _read(part: str) -> dict[str, Any]:
    """Return `words` or `proof`, which is all else, from the cache."""
    value: dict[str, Any] = cached(f"index-{part}", index_sources(), lambda: _part(_compile_shipped(), part))
    return value


def index_sources() -> list[Path]:
    """Return the files on which the index of the shipped records depends."""
    kb = Path(__file__).parent.parent
    tables = [*kb.glob("matching/*.yaml"), *kb.glob("matching/*.json")]
    code = [*kb.glob("*/*.py"), *kb.glob("matching/wording/*.py")]
    return sorted([*code, *tables, *kb.glob("entries/*/*/entry.yaml")])


def _part(index: Index, name: str) -> dict[str, Any]:
    """Return the words of the index, or all else."""
    return {key: value for key, value in index.items() if (key == "words") == (name == "words")}


@cache
def _compile_shipped() -> Index:
    from kb.matching.index_compiler import compile_index  # noqa: PLC0415  not needed with a warm cache
    from kb.records.loader import load_entries  # noqa: PLC0415

    return compile_index(load_entries().values())
