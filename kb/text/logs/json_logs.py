"""Expansion of JSON log lines to plain text, so that a traceback in a JSON field becomes lines again."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed
from kb.text.lazy_patterns import lazy_pattern

_MESSAGE_KEYS: Final = lazy_pattern(
    r"@?message|msg|log|event|body|(?:short|full)_message|textpayload|exc_(?:info|text|value)|exception"
    r"|err(?:or)?|stack(?:_?trace|_info)?|traceback|details?|description|reason|cause"
)
_METADATA_KEYS: Final = lazy_pattern(
    r"time|ts|@?timestamp|asctime|created|stream|level(?:name|no)?|severity|logger|name|pid|process"
    r"|thread(?:name)?|lineno|filename|pathname|module|@?version"
)
_TIME_KEYS: Final = lazy_pattern(r"time|ts|@?timestamp|asctime")
_LEVEL_KEYS: Final = lazy_pattern(r"level(?:name)?|severity")
_LEVEL: Final = lazy_pattern(r"[A-Za-z]{3,13}")
_UNQUOTED: Final = lazy_pattern(r"[\w.:/@+-]+")


def expand(lines: Iterable[str], sanitize: Callable[[str], str]) -> Iterator[str]:
    """Yield lines of a log, each JSON object replaced by its messages and its other fields as `key=value`.

    Time and level come before the first message, as a logger prints them; other metadata is dropped. Numbers
    are as written. `sanitize` is applied to every key and value.
    """
    for line in lines:
        record = _json_object(line)
        if record is None:
            yield line
        else:
            yield from expand(_record_lines(record, sanitize), sanitize)


def _json_object(line: str) -> dict[str, Any] | None:
    """Return the JSON object that makes up the whole line, or None."""
    text = line.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = parse_json(text, numbers=str)
    except Malformed:
        return None
    return value if isinstance(value, dict) else None


def _record_lines(record: dict[str, Any], sanitize: Callable[[str], str]) -> Iterator[str]:
    lines: list[str] = []
    rest: list[str] = []
    time = level = ""
    for key, value in _flattened(record):
        name = key.rpartition(".")[2].lower()
        text = sanitize(str(value))
        if _TIME_KEYS.fullmatch(name):
            time = time or text
        elif _LEVEL_KEYS.fullmatch(name) and _LEVEL.fullmatch(text):
            level = level or f" {text.upper()}:"
        if _MESSAGE_KEYS.fullmatch(name) and (" " in text or "\n" in text):
            lines += text.rstrip("\n").split("\n")
        elif not _METADATA_KEYS.fullmatch(name) and value not in (None, ""):
            quoted = text if _UNQUOTED.fullmatch(text) else json.dumps(text, ensure_ascii=False)
            rest.append(f"{sanitize(key)}={quoted}")
    if rest:
        lines.append(" ".join(rest))
    if lines and time and "\n" not in time and not lines[0].lstrip().startswith("{"):
        lines[0] = f"{time}{level} {lines[0]}"
    yield from lines


def _flattened(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _flattened(item, f"{prefix}{key}.")
        elif isinstance(item, list):
            yield from _flattened(
                {str(number): element for number, element in enumerate(item)}, f"{prefix}{key}."
            )
        else:
            yield f"{prefix}{key}", item
