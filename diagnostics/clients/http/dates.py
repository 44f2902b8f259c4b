"""Moments as servers write them, in seconds since the epoch."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(text: str) -> float | None:
    """Seconds since the epoch of an HTTP-date (RFC 9110, 5.6.7), None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def moment_of(value: object) -> float | None:
    """Seconds since the epoch of a time in a document: RFC 3339, or a number; None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return datetime.fromtimestamp(value, UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def shown_time(moment: float) -> str:
    """A moment for people, in UTC."""
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "beyond every calendar"
