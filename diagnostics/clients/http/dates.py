"""Points in time as servers write them, in seconds since the epoch."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_http_date(text: str) -> float | None:
    """Parse an HTTP-date (RFC 9110, 5.6.7); return None if the text is not one."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
        return None


def parse_timestamp(value: object) -> float | None:
    """Parse a time in a JSON document, RFC 3339 or a number of seconds; return None if it is neither."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        if isinstance(value, str):
            time = datetime.fromisoformat(value)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        return datetime.fromtimestamp(value, UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def timestamp_text(seconds: float) -> str:
    """Return a timestamp in UTC, readable for people."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "out of range"
