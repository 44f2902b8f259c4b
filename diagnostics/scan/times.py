"""Times and zones on the command line of a scan."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diagnostics.errors import UsageError, printable

_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)?")
_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name, `Europe/Berlin`, or of an offset, `+02:00`. Raises UsageError."""
    if name in ("UTC", "Z"):
        return UTC
    if found := _OFFSET.fullmatch(name):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--timezone {printable(name)}: not a zone; write UTC, Europe/Berlin or +02:00"
        ) from None


def time_of(text: str, option: str, zone: tzinfo, now: datetime) -> float:
    """Return seconds since 1970: ISO 8601, `12:30` of today, or `2h` before now. Raises UsageError."""
    if ago := _AGO.fullmatch(text.strip()):
        return now.timestamp() - float(ago[1]) * _SECONDS[ago[2]]
    today = now.astimezone(zone).date().isoformat()
    for candidate in (text.strip(), f"{today}T{text.strip()}"):
        try:
            time = datetime.fromisoformat(candidate)
        except ValueError:
            continue
        return (time if time.tzinfo else time.replace(tzinfo=zone)).timestamp()
    raise UsageError(
        f"{option} {printable(text)}: not a time; write 2026-11-29T18:00Z, 18:00 (today) or 2h (before now)"
    )


def marker_of(text: str, zone: tzinfo, now: datetime) -> tuple[str, float]:
    """Return the label and the time of a marker, `v42=2026-11-29T18:00Z`. Raises UsageError."""
    label, equals, time = text.partition("=")
    if not equals or not label.strip():
        raise UsageError(f"--mark {printable(text)}: write LABEL=TIME, as in --mark v42=2026-11-29T18:00Z")
    return printable(label.strip()), time_of(time, "--mark", zone, now)
