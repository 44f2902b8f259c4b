"""Levels of log records, in one spelling."""

from typing import Final

from kb.text.lazy_patterns import lazy_pattern

_NAMES: Final = {
    "trace": "trace", "verbose": "trace", "finest": "trace", "debug": "debug", "fine": "debug",
    "info": "info", "information": "info", "informational": "info", "log": "info", "notice": "notice",
    "warn": "warning", "warning": "warning", "err": "error", "error": "error", "severe": "error",
    "crit": "critical", "critical": "critical", "fatal": "fatal", "alert": "critical", "panic": "fatal",
    "emerg": "fatal", "emergency": "fatal",
}  # fmt: skip
_LETTERS: Final = {"T": "trace", "D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal"}
_SYSLOG: Final = ("fatal", "critical", "critical", "error", "warning", "notice", "info", "debug")
"""Level by severity of RFC 5424, which journald calls PRIORITY."""
_BUNYAN: Final = {"10": "trace", "20": "debug", "30": "info", "40": "warning", "50": "error", "60": "fatal"}
"""Level by number of bunyan and pino; Python's logging has the same up to 50, its `critical`."""
_WORD: Final = lazy_pattern(
    r"\b(TRACE|DEBUG|INFO(?:RMATION)?|NOTICE|WARN(?:ING)?|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|FATAL|PANIC|ALERT"
    r"|EMERG|LOG(?=:))\b"
    r"|[\[(<](trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|alert|emerg)[\])>]"
    r"|\b(?:level|lvl|severity)=\"?(\w+)"
    r"|^([IWEF])\d{4} \d|^([TDIWEF]), \["
    r"|(?:\d|\]|\|)[Z ]\s*(debug|info|warn(?:ing)?|error|fatal)\b(?=[ :\t])"
)
_MAX_LEAD: Final = 200


def level_in(line: str) -> str:
    """Return the level that a plain log line names near its beginning, or an empty text."""
    found = _WORD.search(line[:_MAX_LEAD])
    if found is None:
        return ""
    text = next(group for group in found.groups() if group)
    return _LETTERS.get(text) or level_of(text)


def level_of(value: object) -> str:
    """Return the level that a structured record gives as a name or a number, or an empty text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _BUNYAN.get(str(value), "")
    return _NAMES.get(str(value).strip().lower(), "")


def syslog_level(priority: object) -> str:
    """Return the level of a syslog severity, 0 to 7, or an empty text."""
    text = str(priority)
    return _SYSLOG[int(text)] if text in "01234567" and len(text) == 1 else ""
