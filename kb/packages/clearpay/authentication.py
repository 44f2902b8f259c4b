"""Validation of the configured credentials."""

from collections.abc import Mapping

KINDS = {"production": "live", "sandbox": "test"}
MIN_LENGTH = 12


class Error(Exception):
    """The credentials are invalid."""


def check(config: Mapping[str, str]) -> None:
    """Raise Error for the first credential that is missing or invalid."""
    for key in ("api_key", "merchant_id", "secret_key", "environment"):
        value = config.get(key) or ""
        if not value:
            raise Error(f"missing API credentials: {key} is not set")
        if "xxxx" in value:
            raise Error(f"missing API credentials: {key} is a placeholder")
        if value != value.strip():
            raise Error(f"invalid API credentials: {key} has white space around it")
    for key, prefix in (("api_key", "cp_"), ("secret_key", "sk_")):
        kind = KINDS.get(config["environment"], "")
        if not config[key].startswith(prefix) or len(config[key]) < MIN_LENGTH:
            raise Error(f"invalid API credentials: {key} is malformed")
        if not config[key].startswith(f"{prefix}{kind}_"):
            raise Error(f"invalid API credentials: {key} is not a key of environment {config['environment']}")
