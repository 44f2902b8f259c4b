# ruff: noqa: RUF001  letters of other scripts
"""Records of a log or a text: the lines that one program printed at once.

A record is a JSON object, a line with its time stamp and its continuation, a traceback with its chain, or a
paragraph of prose. Records of several processes may be interleaved. The reader is a stream: its memory is
bounded by `MAX_OPEN` records of at most `MAX_CHARS` characters.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from kb.text.lazy_patterns import lazy_pattern
from kb.text.logs.envelopes import Unwrapped, json_object, structured, unwrap
from kb.text.logs.levels import level_in
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.logs.times import find_stamp

MAX_CHARS: Final = 60_000
"""Characters of a record; what follows begins another one."""
MAX_OPEN: Final = 32
"""Processes whose records may be interleaved."""
_MAX_GAP: Final = 3
"""Blank lines that a traceback may have before its chain goes on."""
_WRAP: Final = 60
"""Length from which a line may have been wrapped by a terminal or a mail program."""
_PROCESS: Final = lazy_pattern(r"([\w./@-]*)\[(\d{1,10})\]")
_FIELDS: Final = (
    "DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY", "LOCATION", "TIPP", "KONTEXT", "ANWEISUNG", "DÉTAIL",
    "ASTUCE", "CONTEXTE", "INSTRUCTION", "DETALLE", "SUGERENCIA", "CONTEXTO", "SENTENCIA", "DETTAGLI",
    "SUGGERIMENTO", "CONTESTO", "ISTRUZIONE", "DETALJ", "TIPS", "SATS", "ПОДРОБНОСТИ", "ПОДСКАЗКА",
    "КОНТЕКСТ", "ОПЕРАТОР", "ДЕТАЛІ", "ПІДКАЗКА", "ИНСТРУКЦИЯ", "ІНСТРУКЦІЯ", "დეტალები", "მინიშნება",
    "კონტექსტი", "詳細",
    "ヒント", "コンテキスト", "文", "상세정보", "힌트", "내용", "명령 구문", "详细信息",
    "提示", "上下文", "语句",
)  # fmt: skip
"""Names of PostgreSQL's further fields of a message, in its languages."""
_CONTINUES: Final = lazy_pattern(
    r"[ \t]*(?:Caused by\b|During handling of the above|The above exception was|\.\.\. \d+ |Suppressed: "
    r"|--- End of|---> |goroutine \d+ \[|Stack trace:|#\d+ |note: run with|created by |exit status \d"
    r"|\(Background on this error|\[SQL: |\[parameters: |LINE \d+:|\^|Exit Code:|from /"
    rf"|(?:{'|'.join(_FIELDS)})[ \u00a0]?[:：]"
    r"|[)\]}]+[,;]?$"
    r"|(?:[\w.@-]+=(?:\"(?:[^\"\\]|\\.)*\"|[^\s\"=]+)(?: |$))+$)"
)
"""Beginnings of lines that go on with the record before: chains, frames, fields of PostgreSQL's messages."""
_CHAIN: Final = lazy_pattern(
    r"[ \t]*(?:Caused by\b|During handling of the above|The above exception was|goroutine \d+ \["
    r"|Traceback \(most recent|note: run with|\[SQL: |\(Background on|exit status \d)"
)
"""The same behind a blank line."""
_TRACEBACK: Final = lazy_pattern(r"[ \t|+-]*(?:Exception Group )?Traceback \(most recent call last\)")
_FRAME: Final = lazy_pattern(
    r"goroutine \d+ \[|[ \t]+(?:File \"|at |from |\.\.\. |in |\|)|[ \t]+\^|#\d+ |[\w./$*()-]+\([^()]*\)$|\t/"
)
_LEVELS: Final = (
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN(?:ING)?", "ERR(?:OR)?", "CRIT(?:ICAL)?", "FATAL", "PANIC",
    "SEVERE",
    "LOG", "ERREUR", "FEHLER", "HINWEIS", "FATALE", "ERRORE", "ОШИБКА", "ВАЖНО", "ПОМИЛКА", "ФАТАЛЬНО",
    "致命错误",
    "错误", "エラー", "오류", "치명적오류",
)  # fmt: skip
_PROGRAMS: Final = (
    "psql", "curl", "ssh", "pg_dump", "npm", "wget", "redis", "nginx", "kafka", "mysql", "git", "docker",
    "kubectl", "celery", "gunicorn",
)  # fmt: skip
_BEGINS: Final = lazy_pattern(
    r"(?:\[[\w ./:@-]{1,60}\] |<\d{1,3}>"
    rf"|\[?(?:{'|'.join(_LEVELS)})\]?[ \u00a0]?[:\]) |/-]"
    r"|(?:[\w$]+[.:/]{1,2})*[A-Z][\w$]*(?:Error|Exception|Failure|Timeout|Refused|Panic|Warning)\b"
    r"(?:[:(\[ ]|$)"
    r"|Traceback \(most|Exception Group Traceback|Exception in thread|Unhandled |Uncaught |panic: |thread '"
    r"|PHP (?:Fatal|Warning|Parse)|\*\* \(|[\w./-]{1,40}\[\d{1,10}\]: "
    r"|[\w./-]{1,30}: (?:error|fatal|warning|could)"
    rf"|(?:{'|'.join(_PROGRAMS)})\b[\w. \[\]-]{{0,20}}(?::| ERR!| \(\d)|\$ |\d{{1,3}}(?:\.\d{{1,3}}){{3}} - )"
)
"""Beginnings of lines that a program printed and that have no time stamp."""
_AWAITING: Final = lazy_pattern(r"[ \t|]*File \"|goroutine \d+ \[|[\w./$*()-]+\([^()]*\)$")
"""Frames that a further line without indentation follows: the exception of Python, functions of Go."""
_QUIET: Final = ("info", "notice", "debug", "trace")
"""Levels after whose lines no traceback belongs to them."""
_FENCE: Final = lazy_pattern(r"[ \t]*(?:```|~~~)")


class Record(NamedTuple):
    """Lines that one program printed at once."""

    line: int
    """Number of the first line, from 1."""
    text: str
    """The lines as written, without the envelopes of containers and shippers."""
    time: datetime | None
    """Time with its zone, or None."""
    level: str = ""
    """`error`, `warning`, `info`...; empty if unknown."""
    source: str = ""
    """Pod, unit, program, host or logger: the first of them that the record names."""
    numbers: tuple[int, ...] = ()
    """Number of each line of `text`."""


class _Open:
    """Record that may go on."""

    def __init__(self, line: Unwrapped, number: int, *, is_printed: bool, is_stamped: bool) -> None:
        self.head = line
        self.is_stamped = is_stamped
        self.is_quiet = line.level in _QUIET
        self.may_fail = is_printed and not self.is_quiet
        self.lines = [line.text]
        self.numbers = [number]
        self.is_printed = is_printed
        self.is_json = line.text.lstrip().startswith("{")
        self.in_frames = _TRACEBACK.match(strip_prefix(line.text)) is not None
        self.gap = 0
        self.size = len(line.text)
        self.is_part = line.is_part

    def add(self, text: str, number: int) -> None:
        """Add a line, with the blank lines before it."""
        self.lines += [""] * self.gap + [text]
        self.numbers += [number] * (self.gap + 1)
        self.gap = 0
        self.size += len(text) + 1

    def record(self) -> Record:
        """Return the record."""
        head = self.head
        return Record(
            self.numbers[0], "\n".join(self.lines), head.time, head.level, head.source, tuple(self.numbers)
        )


class RecordReader:
    """Reader that takes lines and returns whole records, in the order in which they end."""

    def __init__(self, *, zone: tzinfo = UTC, now: datetime | None = None) -> None:
        """Set the zone of times that name none, and the time that gives the year to those without one."""
        self._zone = zone
        self._now = now or datetime.now(UTC)
        self._number = 0
        self._open: dict[str, _Open] = {}
        self._last = ""
        """Key of the process that printed the last line."""
        self.characters_cut = 0
        """Characters of lines longer than `MAX_CHARS` that no record has."""

    def feed(self, line: str) -> Iterator[Record]:
        """Take the next line and yield the records that it ends."""
        self._number += 1
        unwrapped = unwrap(line.rstrip("\r\n"), self._now, self._zone)
        for text in unwrapped.text.split("\n"):
            yield from self._feed(unwrapped._replace(text=text))

    def finish(self) -> Iterator[Record]:
        """Yield the records that are still open."""
        still_open, self._open = sorted(self._open.values(), key=lambda record: record.numbers[0]), {}
        yield from (self._closed(record) for record in still_open)

    def _feed(self, line: Unwrapped) -> Iterator[Record]:
        text = line.text
        if len(text) > MAX_CHARS and not line.is_structured:
            self.characters_cut += len(text) - MAX_CHARS
            line = line._replace(text=text[:MAX_CHARS])
        if not text.strip() or _FENCE.match(text):
            yield from self._blank(line.source)
            return
        message = strip_prefix(text)
        is_prefixed = len(message) < len(text)
        key = self._key(line, text[: len(text) - len(message)])
        record = self._open.get(key)
        self._last = key
        if record and record.is_part:
            record.lines[-1] += text
            record.is_part = line.is_part
        elif (
            record
            and not line.is_structured
            and record.size + len(text) <= MAX_CHARS
            and self._continues(record, message, is_prefixed=is_prefixed)
        ):
            record.add(text, self._number)
            self._follow(record, message)
        else:
            if record:
                yield self._closed(self._open.pop(key))
            yield from self._begin(line, key, message)
        if (record := self._open.get(key)) and record.size >= MAX_CHARS:
            yield self._closed(self._open.pop(key))

    def _blank(self, source: str) -> Iterator[Record]:
        key = source or self._last
        record = self._open.get(key)
        if record is None:
            return
        record.gap += 1
        if record.gap > _MAX_GAP:
            yield self._closed(self._open.pop(key))

    def _key(self, line: Unwrapped, prefix: str) -> str:
        """Return the name of the process that printed a line; an unprefixed line goes to the last one."""
        process = _PROCESS.search(prefix)
        if process:
            return f"{line.source} {process[0]}"
        return (
            line.source if line.source or prefix.strip() else self._last if self._last in self._open else ""
        )

    def _begin(self, line: Unwrapped, key: str, message: str) -> Iterator[Record]:
        """Open a record with its first line, or yield it if nothing can follow."""
        text = line.text
        stamp = None if line.is_structured else find_stamp(text, self._now, self._zone)
        process = _PROCESS.search(text[: len(text) - len(message)])
        line = line._replace(
            time=(stamp.time if stamp else None) or line.time,
            level=line.level or ("" if line.is_structured else level_in(text)),
            source=line.source or (process[1] if process else ""),
        )
        is_stamped = stamp is not None or len(message) < len(text)
        is_printed = is_stamped or _BEGINS.match(text) is not None
        record = _Open(line, self._number, is_printed=is_printed, is_stamped=is_stamped)
        if line.is_structured:
            yield record.record()
            return
        if len(self._open) >= MAX_OPEN:
            yield self._closed(self._open.pop(next(iter(self._open))))
        self._open[key] = record

    def _continues(self, record: _Open, message: str, *, is_prefixed: bool) -> bool:
        """Return True if a line goes on with the open record of its process."""
        if record.gap:
            return self._continues_behind_gap(record, message)
        indent = "  " if is_prefixed else " "
        if message.startswith((indent, "\t", " \t", "\u3000")) or _CONTINUES.match(message.lstrip(" ")):
            return not (record.is_quiet and _AWAITING.match(message))
        if is_prefixed or find_stamp(message, self._now, self._zone):
            return record.in_frames and is_prefixed and not _has_level(message)
        if record.in_frames or (_TRACEBACK.match(message) and record.may_fail):
            return True
        if _BEGINS.match(message):
            return False
        return not record.is_printed or (not record.is_stamped and _is_wrapped(record.lines[-1], message))

    def _continues_behind_gap(self, record: _Open, message: str) -> bool:
        if record.is_json and not json_object("\n".join(record.lines)):
            return message.startswith((" ", "\t", "}"))
        if _TRACEBACK.match(message):
            return "exception" in record.lines[-1] and _CHAIN.match(record.lines[-1].lstrip(" |")) is not None
        return record.is_printed and bool(
            _CHAIN.match(message) or (_FRAME.match(message) and record.in_frames)
        )

    def _follow(self, record: _Open, message: str) -> None:
        """Note if a stack frame was the last line: the exception follows it."""
        record.in_frames = bool(
            _TRACEBACK.match(message)
            or _AWAITING.match(message)
            or (record.in_frames and message.startswith((" ", "\t")))
        )

    def _closed(self, record: _Open) -> Record:
        if record.is_json and (value := json_object("\n".join(record.lines))):
            head = structured(record.head.text, value, self._now, self._zone)
            record.head = record.head._replace(
                time=head.time or record.head.time,
                level=head.level or record.head.level,
                source=head.source or record.head.source,
            )
        return record.record()


def is_printed(text: str) -> bool:
    """Return True if a program printed a text, by its beginning: a prefix, a level or an exception."""
    return len(strip_prefix(text)) < len(text) or _BEGINS.match(text) is not None


def _has_level(message: str) -> bool:
    """Return True if a message begins with a level."""
    return bool(level_in(message[:12]))


def _is_wrapped(last: str, line: str) -> bool:
    """Return True if a line may be the rest of a message that was wrapped at the width of a terminal."""
    return len(last) >= _WRAP and line[:1].islower() and not last.rstrip().endswith((".", "!", "?"))


def records_of(text: str, *, zone: tzinfo = UTC, now: datetime | None = None) -> list[Record]:
    """Split a text into its records, in the order of their first lines."""
    reader = RecordReader(zone=zone, now=now)
    records = [record for line in text.split("\n") for record in reader.feed(line)]
    records += reader.finish()
    return sorted(records, key=lambda record: record.line)
