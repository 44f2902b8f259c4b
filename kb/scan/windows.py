"""Bounds of the record around a position in a chunk of bytes, found by the lines next to it alone."""

import re
from typing import Final

MAX_RECORD: Final = 16_384
"""Bytes of a record; also how far before a position its beginning is searched."""
_ENVELOPE: Final = re.compile(
    rb"\{\"log\":\""  # Docker
    rb"|\d{4}-\d\d-\d\dT\S{8,30} std(?:out|err) [FP] "  # CRI
    rb"|\[pod/[^\]\n]{1,200}\] |[\w.-]{1,60} {1,20}\| ?"  # kubectl logs --prefix, docker compose
)
_STAMP: Final = re.compile(
    rb"[\[(<]?(?:\d{4}[-/.]?\d\d[-/.]?\d\d[T ,_]|\d\d?[-/. ][A-Z][a-z]{2}[a-z]*[-/. ]\d{2,4}[T :]"
    rb"|1\d{9}[\s.,\d])"
    rb"|[A-Z][a-z]{2} {1,2}\d\d? (?:\d{4} )?\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d\d? \d\d:"
    rb"|[IWEF]\d{4} {1,2}\d\d:|\[?\d\d[:.]\d\d[:.]\d\d|\d\d?[-/.]\d\d?[-/.]\d{2,4}[T ,]{1,2}\d\d?:|<\d{1,3}>"
    rb"|(?:[\d.:a-f]{3,40}|[\w.-]{1,80}) \S{1,40} \S{1,40} \[\d\d/[A-Z]"  # access log
    rb"|\{|(?:ts|time|t|timestamp|level|lvl)=|(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)[ :\]|]"
    rb"|\[(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)"
)
"""Beginning of a line that starts a record."""
_CONTINUES: Final = re.compile(
    rb"[ \t]|\\t|\xe3\x80\x80|Traceback \(most|Caused by\b|During handling of|The above exception|\.\.\. \d+ "
    rb"|Suppressed: |goroutine \d+ \[|at |created by |(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): "
    rb"|\[SQL: |\[parameters: |\(Background on this error|LINE \d+:|exit status \d"
)
"""Beginning of a line, without its envelope, that goes on with the record before."""


def record_bounds(data: bytes, position: int) -> tuple[int, int]:
    """Return the start and the end of the record that has a position.

    Only `MAX_RECORD` bytes before the position and behind the start are read, so that neighbouring chunks
    with as much context find the same bounds.
    """
    line = data.rfind(b"\n", 0, position) + 1
    start = _start(data, line)
    return start, _end(data, start)


def _start(data: bytes, line: int) -> int:
    """Return the start of the record that has a line, given the start of the line."""
    limit = max(0, line - MAX_RECORD)
    at, free = line, -1
    while True:
        begins, goes_on = _kind(data, at)
        if begins:
            return at
        if free < 0 and not goes_on and not _follows_frame(data, at):
            free = at
        if at <= limit:
            return free if free >= 0 else line
        at = data.rfind(b"\n", 0, at - 1) + 1


def _end(data: bytes, start: int) -> int:
    """Return the end of the record that begins at a position: after its last line break."""
    limit = min(len(data), start + MAX_RECORD)
    is_stamped, _ = _kind(data, start)
    in_envelope = _ENVELOPE.match(data, start) is not None
    at = _next_line(data, start)
    while at < limit:
        begins, goes_on = _kind(data, at)
        stays = goes_on or _follows_frame(data, at) or (is_stamped and not in_envelope)
        if begins or not stays:
            break
        at = _next_line(data, at)
    return min(at, len(data))


def _kind(data: bytes, at: int) -> tuple[bool, bool]:
    """Return if the line at a position begins a record, and if it goes on with the one before."""
    envelope = _ENVELOPE.match(data, at)
    content = envelope.end() if envelope else at
    goes_on = _CONTINUES.match(data, content) is not None
    begins = not goes_on and (_STAMP.match(data, content) is not None)
    return begins, goes_on


def _follows_frame(data: bytes, at: int) -> bool:
    """Return True if the line before is a stack frame: the exception follows it."""
    if at == 0:
        return False
    before = data.rfind(b"\n", 0, at - 1) + 1
    envelope = _ENVELOPE.match(data, before)
    content = envelope.end() if envelope else before
    return data.startswith((b"  ", b"\t", b"\\t"), content)


def _next_line(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end + 1
