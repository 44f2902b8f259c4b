"""Time stamps of log lines: ISO 8601, syslog, common log format, klog, epoch, two-digit years and others.

One search for a clock, then the date before it, so that each form needs one short pattern.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple, TypeAlias

from kb.text.lazy_patterns import lazy_pattern

MAX_LEAD: Final = 160
"""Characters of a line in which its time stamp is searched."""
_CLOCK: Final = lazy_pattern(
    r"(?:(?<![\d:])|(?<=/\d{4}:))(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,:](\d{1,9}))?(?!\d|:\d)"
    r"(?: ?([AaPp])\.?[Mm]\b)?"
    r"(?: ?(Z\b|[+-]\d\d:?(?:\d\d)?(?!\d)|[A-Z]{3,4}\b))?(?: (\d{4})\b)?",
    re.ASCII,
)
"""Hour, minute, second, fraction, half of the day, zone, year (as `asctime` prints it)."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST: Final = lazy_pattern(
    r"(?<!\d)(\d{4})(?:([-/.])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))[T ,_]{1,2}$", re.ASCII
)
_DAY_NAME_YEAR: Final = lazy_pattern(
    r"(?<!\d)(\d\d?)[-/. ]([A-Z][a-z]{2})[a-z]*[-/. ,]{1,2}(\d{4}|\d\d)[T: ,]{1,2}$", re.ASCII
)
_NAME_DAY: Final = lazy_pattern(r"\b([A-Z][a-z]{2})[a-z]* {1,2}(\d\d?),?(?: (\d{4}),?)? $", re.ASCII)
_KLOG: Final = lazy_pattern(r"^[IWEF](\d\d)(\d\d) {1,2}$", re.ASCII)
_NUMBERS: Final = lazy_pattern(r"(?<!\d)(\d\d?)([-/.])(\d\d?)\2(\d{4}|\d\d)[T ,]{1,2}$", re.ASCII)
_SIX_DIGITS: Final = lazy_pattern(r"(?<!\d)(\d\d)(\d\d)(\d\d) {1,2}$", re.ASCII)
_EPOCH: Final = lazy_pattern(
    r"^[\[(]?(?:(?:ts|time|t|timestamp)=\"?)?(1\d{9})(?:(\d{3})|[.,](\d{1,9}))?(?=[\s\])\":,]|$)", re.ASCII
)
_LEAD_WORD: Final = lazy_pattern(r"[^\s\[\]()<>|\"'=]+(?=[\s\[\]()<>|\"']|$)")
"""Word before a stamp; the names of fields, as in `time=`, are not words."""
_LEVEL_WORD: Final = lazy_pattern(
    r"[a-z]|trace|debug|info|notice|log|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|std(?:out|err)|mon|tue|wed|thu|fri|sat|sun"
)
_MAX_LEAD_WORDS: Final = 6
_NEAR_YEARS: Final = 5
_MIN_YEAR, _MAX_YEAR = 1971, 2099
_HALF_DAY: Final = 12
_CENTURY: Final = 100
_ZONES: Final = {
    "UTC": 0, "GMT": 0, "WET": 0, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "BST": 60, "MSK": 180,
    "IST": 330, "JST": 540, "AEST": 600, "AEDT": 660, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "BRT": -180,
}  # fmt: skip
"""Minutes east of Greenwich by abbreviation, where one meaning is usual in logs."""


class Stamp(NamedTuple):
    """Time stamp of a line and its place in the line."""

    time: datetime | None
    """The time with its zone; None for a clock without a date."""
    start: int
    end: int


def find_stamp(line: str, now: datetime, zone: tzinfo = UTC) -> Stamp | None:
    """Find the time stamp in the lead of a line, or return None.

    `now` gives the year where a stamp has none: the latest one that is not in the future. `zone` is the zone
    of stamps that name none. A time in the middle of a sentence is not a stamp.
    """
    head = line[:MAX_LEAD]
    if epoch := _EPOCH.match(head):
        microseconds = int((epoch[2] or epoch[3] or "0").ljust(6, "0")[:6])
        time = datetime.fromtimestamp(int(epoch[1]), UTC) + timedelta(microseconds=microseconds)
        return Stamp(time, 0, epoch.end())
    clock = _CLOCK.search(head)
    if clock is None:
        return None
    before = head[: clock.start()]
    date, start = _date(before, clock, now)
    if not _is_lead(head[:start]):
        return None
    return Stamp(_time(date, clock, now, zone) if date else None, start, clock.end())


_Date: TypeAlias = tuple[int | None, int, int]
"""Year, if there is one, month and day."""


def _date(before: str, clock: re.Match[str], now: datetime) -> tuple[_Date | None, int]:  # noqa: PLR0911
    """Return the date before a clock and the position at which the stamp begins."""
    if found := _YEAR_FIRST.search(before):
        return (int(found[1]), int(found[3] or found[5]), int(found[4] or found[6])), found.start()
    if (found := _DAY_NAME_YEAR.search(before)) and (month := _month(found[2])):
        return (_full_year(int(found[3]), now), month, int(found[1])), found.start()
    if (found := _NAME_DAY.search(before)) and (month := _month(found[1])):
        year = found[3] or clock[7]
        return (int(year) if year else None, month, int(found[2])), found.start()
    if found := _KLOG.search(before):
        return (None, int(found[1]), int(found[2])), found.start()
    if found := _NUMBERS.search(before):
        return _numeric_date(int(found[1]), found[2], int(found[3]), int(found[4]), now), found.start()
    if found := _SIX_DIGITS.search(before):
        return (_full_year(int(found[1]), now), int(found[2]), int(found[3])), found.start()
    return None, clock.start()


def _numeric_date(first: int, separator: str, second: int, third: int, now: datetime) -> _Date:
    """Return the date of three numbers: 26/11/29 (year first), 29.11.26 and 29/11/2026, else month first."""
    if third < _CENTURY and abs(_full_year(first, now) - now.year) <= _NEAR_YEARS and second <= _HALF_DAY:
        return _full_year(first, now), second, third
    year = _full_year(third, now)
    return (year, second, first) if separator == "." or first > _HALF_DAY else (year, first, second)


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0


def _full_year(year: int, now: datetime) -> int:
    """Return a year with its century: the last one in which a two-digit year is at most a year ahead."""
    if year >= _CENTURY:
        return year
    century = now.year - now.year % _CENTURY
    return century + year if century + year <= now.year + 1 else century + year - _CENTURY


def _time(date: _Date, clock: re.Match[str], now: datetime, zone: tzinfo) -> datetime | None:
    year, month, day = date
    hour = int(clock[1])
    if clock[5]:
        hour = hour % _HALF_DAY + (_HALF_DAY if clock[5] in "Pp" else 0)
    microsecond = int((clock[4] or "0").ljust(6, "0")[:6])
    if year and not _MIN_YEAR <= year <= _MAX_YEAR:
        return None
    try:
        place = _zone(clock[6] or "", zone)
        second = int(clock[3] or 0)
        time = datetime(year or now.year, month, day, hour, int(clock[2]), second, microsecond, place)
        if year is None and time > now + timedelta(days=1):
            time = time.replace(year=now.year - 1)
    except ValueError:
        return None
    return time


def _zone(name: str, zone: tzinfo) -> tzinfo:
    if name == "Z":
        return UTC
    if name[:1] in ("+", "-"):
        digits = name[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
        return timezone(timedelta(minutes=minutes if name[0] == "+" else -minutes))
    return timezone(timedelta(minutes=_ZONES[name])) if name in _ZONES else zone


def _is_lead(before: str) -> bool:
    """Return True if only names, levels and addresses stand before a stamp, not the words of a sentence."""
    words = _LEAD_WORD.findall(before)
    if len(words) > _MAX_LEAD_WORDS:
        return False
    if before.rstrip().endswith(("[", "|", "]")):
        return True
    return not any(word.isalpha() and not _LEVEL_WORD.fullmatch(word.lower()) for word in words)
