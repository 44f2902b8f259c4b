"""Durations as configurations write them: `3s`, `500ms`, `1m30s`, `PT5S`, `00:00:30`, `5 minutes`.

Sources: Go's time.ParseDuration, ISO 8601, TimeSpan of .NET, systemd.time(7).
"""

import re

SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 0.001, "millis": 0.001,
    "millisecond": 0.001, "milliseconds": 0.001,
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "d": 86_400, "day": 86_400, "days": 86_400,
}  # fmt: skip
"""Seconds of each unit."""
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-zµ]{1,12})")
_ISO = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,9})?)")
_UNIT_OF_NAME = (
    (re.compile(r"_(?:ms|millis|msec|milliseconds|in_ms|in_millis|in_milliseconds)$"), 0.001),
    (re.compile(r"_(?:s|sec|secs|seconds|in_seconds)$"), 1.0),
    (re.compile(r"_(?:m|min|mins|minutes)$"), 60.0),
)
"""Units at the end of a key's name."""
MAX_CHARS = 40


def duration(text: str) -> float | None:
    """Return the seconds of a duration with its unit; None for another text."""
    text = text.strip()
    if len(text) > MAX_CHARS:
        return None
    if (iso := _ISO.fullmatch(text)) and any(iso.groups()):
        return _sum(iso.groups())
    if clock := _CLOCK.fullmatch(text):
        return _sum(clock.groups())
    lowered = text.lower()
    parts = _PART.findall(lowered)
    if (
        not parts
        or re.sub(r"[\s,]+", "", _PART.sub("", lowered))
        or any(unit not in SECONDS for _, unit in parts)
    ):
        return None
    return round(sum(float(number) * SECONDS[unit] for number, unit in parts), 9)


def _sum(parts: tuple[str | None, ...]) -> float:
    return sum(float(part or 0) * unit for part, unit in zip(parts, (3600, 60, 1), strict=True))


def unit_of_name(name: str) -> tuple[str, float | None]:
    """Return a key's name without its unit, and the seconds of that unit; None if the name has none."""
    for pattern, seconds in _UNIT_OF_NAME:
        if found := pattern.search(name):
            return name[: found.start()], seconds
    return name, None
