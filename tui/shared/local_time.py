"""Times as the screens show them: local, with the zone named where it is not evident."""

from datetime import datetime


def local(time: str) -> datetime:
    """Return a time of a report, ISO 8601 with its offset, in the local zone. Raises ValueError."""
    return datetime.fromisoformat(time).astimezone()


def day_and_time(time: str) -> str:
    """Return day and minute of a time in the local zone; a text that is no time as it is."""
    try:
        return f"{local(time):%Y-%m-%d %H:%M}"
    except ValueError:
        return time.replace("T", " ")[:16]


def time_of_day(time: str) -> str:
    """Return the second of the day in the local zone; a text that is no time as it is."""
    try:
        return f"{local(time):%H:%M:%S}"
    except ValueError:
        return time


def zone_name() -> str:
    """Return the name of the local zone, as `UTC` or `CET`."""
    return f"{datetime.now().astimezone():%Z}"
