"""Spans of inputs: the units of work of a scan, which any process can read by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from diagnostics.errors import UnreadableInput, printable
from diagnostics.scan.inputs import STDIN, Input, NotRead
from diagnostics.scan.pipes import OUT_OF_TIME
from diagnostics.scan.streams import (
    CHUNK,
    Broken,
    chunks,
    compression_of,
    decompressed,
    open_input,
    ranged_chunk,
    require_text,
)
from kb.scan.chunk import Chunk, Scanner, scan_chunk
from kb.scan.summary import Summary, merge

SPAN: Final = 4 * CHUNK
"""Bytes of a span of a plain file."""
_GRACE: Final = 0.5
_SNIFF: Final = 8_192
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Span:
    """Range of a plain file, or the whole of an input that can only be read from its beginning."""

    item: Input
    file: int
    """Position of the input in the order of the scan."""
    begin: int = 0
    end: int | None = None
    """Byte behind the range; None for the whole input."""


@dataclass(frozen=True, slots=True)
class SpanResult:
    """Summary of a span, or of the beginning of it."""

    span: Span
    summary: Summary
    is_complete: bool = False
    reason: str = ""
    """Reason why it is not complete, if it ended."""

    @property
    def size(self) -> int:
        """Bytes that were read, decompressed."""
        return sum(part.size for part in self.summary.parts.values())


def spans_of(inputs: Sequence[Input]) -> tuple[list[Span], list[NotRead]]:
    """Return the spans of inputs, in their order, and the inputs that cannot be read at all."""
    spans: list[Span] = []
    unreadable: list[NotRead] = []
    for number, item in enumerate(inputs):
        try:
            spans += _spans(item, number)
        except (OSError, UnreadableInput, ImportError) as error:
            unreadable.append(NotRead(item.label, reason_of(error)))
    return spans, unreadable


def scan_span(span: Span, scanner: Scanner, seconds: float = float("inf")) -> SpanResult:
    """Read and scan a span for at most some seconds; errors of the input are part of the result."""
    result = SpanResult(span, Summary())
    for result in scan_steps(span, scanner, seconds):  # noqa: B007  the last result is that of the span
        pass
    return result


def scan_steps(span: Span, scanner: Scanner, seconds: float = float("inf")) -> Iterator[SpanResult]:
    """Scan a span chunk by chunk and yield the result so far after each.

    A chunk that is not scanned to its end in that time does not count; what had come from a pipe gets
    `_GRACE` seconds more.
    """
    end = monotonic() + seconds
    summary = Summary()
    try:
        for chunk in _chunks(span, end):
            is_late = monotonic() > end
            if is_late and span.end is not None:
                raise TimeoutError(OUT_OF_TIME)
            limit = monotonic() + _GRACE if is_late else end
            summary = merge(summary, scan_chunk(chunk, scanner, limit))
            yield SpanResult(span, summary)
            if is_late:
                raise TimeoutError(OUT_OF_TIME)
    except (OSError, UnreadableInput, Broken, ImportError) as error:
        yield SpanResult(span, summary, reason=reason_of(error))
        return
    yield SpanResult(span, summary, is_complete=True)


def reason_of(error: BaseException) -> str:
    """Return the reason of an error of an input in one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(text)


def _spans(item: Input, number: int) -> Iterator[Span]:
    if item.name == STDIN or item.size is None:
        yield Span(item, number)
        return
    with open_input(item) as stream:
        head = stream.read(_SNIFF)
    if compression_of(head) or head.startswith(_UTF_16):
        yield Span(item, number)
        return
    require_text(head)
    for begin in range(0, item.size, SPAN):
        yield Span(item, number, begin, min(begin + SPAN, item.size))


def _chunks(span: Span, until: float) -> Iterator[Chunk]:
    if span.end is None:
        stream = open_input(span.item, until)
        try:
            yield from chunks(decompressed(stream), span.file, span.item.source)
        finally:
            if span.item.name != STDIN:
                stream.close()
        return
    for begin in range(span.begin, span.end, CHUNK):
        chunk = ranged_chunk(span.item, span.file, begin, min(begin + CHUNK, span.end))
        if chunk is not None:
            yield chunk
