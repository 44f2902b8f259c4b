"""Streams of decompressed bytes of an input, and the chunks that a scan reads them in."""

import bz2
import codecs
import gzip
import importlib
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from diagnostics.errors import UnreadableInput
from diagnostics.scan.inputs import STDIN, Input, is_url
from diagnostics.scan.pipes import stdin_until
from kb.scan.chunk import CONTEXT, Chunk
from kb.text.sanitize import looks_binary

CHUNK: Final = 8 << 20
"""Bytes of a chunk: the memory of a scan is a few of them."""
_READ: Final = 1 << 20
_SNIFF: Final = 8_192
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Broken(Exception):
    """Input that ended early: damaged or cut short."""


def compression_of(head: bytes) -> str:
    """Return the compression that the first bytes of a file show: `gz`, `zst`, `bz2`, `xz` or none."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


def open_input(item: Input, until: float = float("inf")) -> io.BufferedReader:
    """Open an input for reading as it is stored. Raises UnreadableInput, OSError.

    Reading a pipe raises TimeoutError after `until`, by the monotonic clock.
    """
    if item.name == STDIN:
        if sys.stdin is None or sys.stdin.closed:
            raise UnreadableInput("standard input is closed; name a file instead")
        return stdin_until(until)
    if is_url(item.name):
        import fsspec  # noqa: PLC0415  the extra `remote`

        return io.BufferedReader(fsspec.open(item.name, "rb").open(), _READ)
    return io.BufferedReader(io.FileIO(Path(item.name)), _READ)


def decompressed(stored: io.BufferedReader) -> Iterator[bytes]:
    """Yield the bytes of a stream, decompressed and as UTF-8. Raises UnreadableInput, Broken."""
    head = stored.peek(_SNIFF)[:_SNIFF]
    kind = compression_of(head)
    stream = _OPENERS[kind](stored) if kind else stored
    try:
        first = stream.read1(_READ)  # what came before damage is returned before the error
        require_text(first)
        if first.startswith(_UTF_16):
            yield from _from_utf_16(first, stream)
            return
        block = first.removeprefix(codecs.BOM_UTF8)
        while block:
            yield block
            block = stream.read1(_READ)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise Broken(f"{kind} data is damaged or ends early: {error}") from None
    except OSError as error:
        if kind and error.errno is None:  # bz2 reports damage so
            raise Broken(f"{kind} data is damaged: {error}") from None
        raise
    except Exception as error:
        if type(error).__name__ == "ZstdError":
            raise Broken(f"zst data is damaged: {error}") from None
        raise


def require_text(head: bytes) -> None:
    """Raise UnreadableInput if the first bytes of an input are not those of a text."""
    if looks_binary(head):
        raise UnreadableInput("is binary; expected the text of a log")


def chunks(blocks: Iterator[bytes], file: int, label: str, *, start: int = 0) -> Iterator[Chunk]:
    """Yield chunks of whole lines from blocks of bytes, each with the context that its scan needs.

    What was read before an error of the blocks is yielded before the error is raised.
    """
    pending, before, offset = bytearray(), b"", start
    error: BaseException | None = None
    while True:
        try:
            block = next(blocks, b"") if error is None else b""
        except (Broken, OSError) as problem:
            block, error = b"", problem
        pending += block
        if block and len(pending) < CHUNK + CONTEXT:
            continue
        if not pending:
            break
        size = len(pending) if not block and len(pending) <= CHUNK else pending.rfind(b"\n", 0, CHUNK) + 1
        size = size or min(len(pending), CHUNK)
        text = before + bytes(memoryview(pending)[: size + CONTEXT])
        yield Chunk(file, offset, text, len(before), len(before) + size, label)
        offset += size
        before = text[max(0, len(before) + size - CONTEXT) : len(before) + size]
        del pending[:size]
    if error is not None:
        raise error


def ranged_chunk(item: Input, file: int, begin: int, end: int) -> Chunk | None:
    """Return the chunk of the lines that begin in a range of bytes of a plain file; None without a line."""
    with open_input(item) as stream:
        low = max(0, begin - CONTEXT)
        stream.seek(low)
        text = stream.read(end + CONTEXT - low)
    first = 0 if begin == 0 else _line_start(text, begin - low)
    last = min(_line_start(text, end - low), len(text))
    if first >= last:
        return None
    return Chunk(file, low + first, text, first, last, item.source)


def _line_start(text: bytes, position: int) -> int:
    """Return the first position not before the given one at which a line begins, or the end."""
    if position >= len(text):
        return len(text)
    end = text.find(b"\n", position - 1)
    return len(text) if end < 0 else end + 1


def _from_utf_16(first: bytes, stream: io.BufferedReader) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    block = first
    while block:
        yield decoder.decode(block).encode("utf-8", "replace")
        block = stream.read(_READ)


def _open_zst(stored: io.BufferedReader) -> io.BufferedReader:
    try:
        return cast("io.BufferedReader", importlib.import_module("compression.zstd").open(stored))
    except ImportError:  # before Python 3.14
        pass
    try:
        import zstandard  # noqa: PLC0415  the extra `logs`
    except ImportError:
        raise UnreadableInput(".zst files need the extra: pip install 'clearpay-doctor[logs]'") from None
    reader = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True, closefd=False)
    return io.BufferedReader(reader, _READ)


_MAGIC: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
_OPENERS: Final[Mapping[str, Callable[[Any], io.BufferedReader]]] = {
    "gz": lambda stored: cast("io.BufferedReader", gzip.GzipFile(fileobj=stored)),
    "zst": _open_zst,
    "bz2": lambda stored: cast("io.BufferedReader", bz2.BZ2File(stored)),
    "xz": lambda stored: cast("io.BufferedReader", lzma.LZMAFile(stored)),  # noqa: SIM115  as long as `stored`
}
