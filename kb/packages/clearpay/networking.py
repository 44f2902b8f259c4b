"""Validation of the configured timeouts and retries."""

from collections.abc import Mapping
from typing import Any

MAX_TIMEOUTS_S = {"connection_timeout": 10, "read_timeout": 60}
MILLISECONDS = 1000
BUDGET_S = 60


class Error(Exception):
    """The settings are invalid."""


def check(config: Mapping[str, Any]) -> None:
    """Raise Error for the first setting with which a call may hang or exceed its time budget."""
    for key, limit in MAX_TIMEOUTS_S.items():
        value = config.get(key)
        if not isinstance(value, int | float | None):
            raise Error(f"timeout settings: {key} is not a number")
        if not value:
            raise Error(f"timeout settings: {key} is not set, a call may never end")
        if value >= MILLISECONDS:
            raise Error(f"timeout settings: {key} is {value} seconds, milliseconds are not supported")
        if value >= limit:
            raise Error(f"timeout settings: {key} is {value} seconds, at most {limit} are allowed")
    _check_retries(config)


def _check_retries(config: Mapping[str, Any]) -> None:
    retries, factor = config.get("max_retries", 0), config.get("backoff_factor", 1)
    if factor < 1:
        raise Error("timeout settings: backoff_factor is less than 1")
    if retries and "POST" in config.get("retry_methods", ()) and not config.get("idempotency_keys"):
        raise Error("timeout settings: retry_methods has POST without idempotency_keys")
    worst = worst_case(config)
    if worst > BUDGET_S:
        raise Error(f"timeout settings: a call may take {worst:g} seconds, the caller waits {BUDGET_S}")


def worst_case(config: Mapping[str, Any]) -> float:
    """Return the duration of a call, in seconds, if every attempt times out."""
    retries, delay = config.get("max_retries", 0), config.get("retry_delay", 0)
    factor = config.get("backoff_factor", 1)
    attempts = (retries + 1) * (config["connection_timeout"] + config["read_timeout"])
    return float(attempts + sum(delay * factor**number for number in range(retries)))
