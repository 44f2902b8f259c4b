"""Envelopes that container runtimes, journald and log shippers put around a line, and structured records."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

from kb.text.lazy_patterns import lazy_pattern
from kb.text.logs.levels import level_of, syslog_level
from kb.text.logs.times import find_stamp

_CRI: Final = lazy_pattern(r"(\d{4}-\d\d-\d\dT\S{8,30}) std(?:out|err) ([FP])(?: |$)")
"""Line of a container runtime's log file (CRI): time, stream, F for a full line or P for a part."""
_CONTAINER: Final = lazy_pattern(r"\[pod/([\w.-]+)/[\w.-]+\] |([\w.-]{1,60}) {1,20}\|(?: |$)")
"""Name that `kubectl logs --prefix` and `docker compose logs` put before a line."""
_PAYLOAD_KEYS: Final = ("log", "MESSAGE", "textPayload", "line")
_ENVELOPE_KEYS: Final = frozenset((
    "stream", "attrs", "kubernetes", "docker", "container_id", "__REALTIME_TIMESTAMP", "PRIORITY", "_PID",
    "SYSLOG_IDENTIFIER", "_HOSTNAME", "_TRANSPORT", "insertId", "logName", "receiveTimestamp", "labels",
    "time",
))  # fmt: skip
_TIME_KEYS: Final = (
    "@timestamp", "timestamp", "time", "ts", "asctime", "eventTime", "datetime", "date", "created", "t",
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "record.time.timestamp", "@t",
)  # fmt: skip
_LEVEL_KEYS: Final = (
    "level", "levelname", "severity", "severity_text", "log.level", "error_severity", "lvl", "loglevel",
    "status", "record.level.name", "level_name", "severityText", "@l",
)  # fmt: skip
_SOURCE_KEYS: Final = (
    "kubernetes.pod_name", "kubernetes.pod.name", "resource.labels.pod_name", "labels.pod", "pod", "pod_name",
    "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "container_name", "service.name", "service", "_HOSTNAME",
    "hostname", "host.name", "host", "logger", "logger_name", "log.logger", "name", "record.name", "dbname",
)  # fmt: skip
MAX_JSON: Final = 1_000_000
"""Characters up to which a line is parsed as JSON."""
_MAX_DEPTH: Final = 4
_NUMBER: Final = lazy_pattern(r"(1\d{9,18})(?:\.\d{1,9})?", re.ASCII)
_SCALES: Final = {"10": 1.0, "13": 1e3, "16": 1e6, "19": 1e9}
"""Units of a time in one second, by the digits of the number."""


class Unwrapped(NamedTuple):
    """Line without its envelopes."""

    text: str
    time: datetime | None = None
    level: str = ""
    source: str = ""
    is_part: bool = False
    """True if the runtime broke the line: its rest follows in the next one."""
    is_structured: bool = False
    """True for the JSON object of a structured logger."""


def unwrap(line: str, now: datetime, zone: tzinfo = UTC) -> Unwrapped:
    """Take the envelopes off a line: container prefixes, CRI, and JSON of Docker, journald and shippers."""
    result = Unwrapped(line)
    for _ in range(_MAX_DEPTH):
        inner = _without_prefix(result, now) or _without_json(result, now, zone)
        if inner is None:
            break
        result = inner
        if inner.is_structured:
            break
    return result


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that makes up a whole text, or None."""
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")) or len(text) > MAX_JSON:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def structured(text: str, value: Mapping[str, Any], now: datetime, zone: tzinfo = UTC) -> Unwrapped:
    """Return the time, level and source that a structured logger's JSON object names."""
    level = level_of(_first(value, _LEVEL_KEYS))
    return Unwrapped(
        text,
        _time_of(_first(value, _TIME_KEYS), now, zone),
        level or syslog_level(value.get("PRIORITY")),
        _text_of(_first(value, _SOURCE_KEYS)),
        is_structured=True,
    )


def _without_prefix(line: Unwrapped, now: datetime) -> Unwrapped | None:
    if found := _CRI.match(line.text):
        stamp = find_stamp(found[1], now)
        time = stamp.time if stamp else None
        return line._replace(text=line.text[found.end() :], time=time or line.time, is_part=found[2] == "P")
    if found := _CONTAINER.match(line.text):
        return line._replace(text=line.text[found.end() :], source=found[1] or found[2])
    return None


def _without_json(line: Unwrapped, now: datetime, zone: tzinfo) -> Unwrapped | None:
    value = json_object(line.text) if line.text[-1:] == "}" or line.text.rstrip()[-1:] == "}" else None
    if value is None:
        return None
    inner = structured(line.text, value, now, zone)
    payload = next((value[key] for key in _PAYLOAD_KEYS if key in value), None)
    if isinstance(payload, list):
        payload = _from_bytes(payload)
    is_envelope = isinstance(payload, str) and not _ENVELOPE_KEYS.isdisjoint(value)
    text = str(payload) if is_envelope else line.text
    is_part = is_envelope and "log" in value and "stream" in value and not text.endswith("\n")
    return Unwrapped(
        text.rstrip("\n"),
        inner.time or line.time,
        inner.level or line.level,
        line.source or inner.source,
        is_part=is_part,
        is_structured=not is_envelope,
    )


def _from_bytes(numbers: Iterable[object]) -> str:
    """Return a message that journald exports as a list of bytes because it is not UTF-8."""
    return bytes(int(str(number)) % 256 for number in numbers if str(number).isdigit()).decode(
        "utf-8", "replace"
    )


def _first(value: Mapping[str, Any], keys: Iterable[str]) -> object:
    for key in keys:
        found = value.get(key)
        if found is None and "." in key:
            found = _nested(value, key.split("."))
        if found not in (None, "") and not isinstance(found, (dict, list)):
            return found
    return None


def _nested(value: Any, path: Iterable[str]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text_of(value: object) -> str:
    return value[:120].replace("\n", " ") if isinstance(value, str) else ""


def _time_of(value: object, now: datetime, zone: tzinfo) -> datetime | None:
    """Return a time that is written as text, or as seconds, milli-, micro- or nanoseconds since 1970."""
    text = str(value)[:120] if isinstance(value, (str, int, float)) else ""
    if found := _NUMBER.fullmatch(text):
        scale = _SCALES.get(str(len(found[1])))
        return datetime.fromtimestamp(float(text) / scale, UTC) if scale else None
    stamp = find_stamp(text, now, zone)
    return stamp.time if stamp else None
