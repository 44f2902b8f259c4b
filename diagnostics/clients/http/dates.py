"""Points in time as servers write them, in seconds since the epoch."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

EPOCH: Final = re.compile(r"\d{9,19}(?:\.\d{1,9})?")
"""A number since the epoch as a text; eight digits are a date without separators."""
MIN_EPOCH_S: Final = 1e8
"""March 1973: a smaller number is a duration. A thousand times as much is the year 5138, so milliseconds."""
MAX_EPOCH_NS: Final = 1e20


def parse_http_date(text: str) -> float | None:
    """Parse an HTTP-date (RFC 9110, 5.6.7); return None if the text is not one."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
        return None


def parse_timestamp(value: object) -> float | None:
    """Parse a time in a JSON document; return None if it is none.

    It is a text of RFC 3339 or RFC 9110, or a number since the epoch in s, ms, us or ns.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not EPOCH.fullmatch(text):
            return _parse_iso(text) if text[:1].isdigit() else parse_http_date(text)
        value = float(text)
    return _parse_epoch(value)


def _parse_iso(text: str) -> float | None:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _parse_epoch(value: float) -> float | None:
    """Return seconds since the epoch, from a number in s, ms, us or ns; None for a duration."""
    try:
        if not MIN_EPOCH_S <= value <= MAX_EPOCH_NS:
            return None
        unit = next(unit for unit in (1, 10**3, 10**6, 10**9) if value / unit < MIN_EPOCH_S * 1000)
        return datetime.fromtimestamp(value / unit, UTC).timestamp()
    except (ValueError, OverflowError, OSError, StopIteration):
        return None


def timestamp_text(seconds: float) -> str:
    """Return a timestamp in UTC, readable for people."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "out of range"
