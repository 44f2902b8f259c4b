"""JSON log lines become the text that they carry, so that a traceback in a field is lines again."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

_PROSE: Final = re.compile(
    r"@?message|msg|log|event|body|(?:short|full)_message|textpayload|exc_(?:info|text|value)|exception"
    r"|err(?:or)?|stack(?:_?trace|_info)?|traceback|details?|description|reason|cause"
)
_NOISE: Final = re.compile(
    r"time|ts|@?timestamp|asctime|created|stream|level(?:name|no)?|severity|logger|name|pid|process"
    r"|thread(?:name)?|lineno|filename|pathname|module|@?version"
)
_PLAIN: Final = re.compile(r"[\w.:/@+-]+")


def expand(lines: Iterable[str], harmless: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines; one that is a JSON object gives its messages as lines and the rest as `key=value`."""
    for line in lines:
        record = _record(line)
        if record is None:
            yield line
        else:
            yield from expand(_lines(record, harmless), harmless)


def _record(line: str) -> dict[str, Any] | None:
    """Return the object that a line is, or None."""
    text = line.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lines(record: dict[str, Any], harmless: Callable[[str], str]) -> Iterator[str]:
    rest = []
    for key, value in _flat(record):
        name = key.rpartition(".")[2].lower()
        text = harmless(str(value))
        if _PROSE.fullmatch(name) and (" " in text or "\n" in text):
            yield from text.rstrip("\n").split("\n")
        elif not _NOISE.fullmatch(name) and value not in (None, ""):
            rest.append(
                f"{harmless(key)}={text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)}"
            )
    if rest:
        yield " ".join(rest)


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{key}.")
        elif isinstance(item, list):
            yield from _flat({str(number): each for number, each in enumerate(item)}, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item
