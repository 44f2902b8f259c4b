"""Faults in the file with the API credentials."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

SOURCE = """\
CLEARPAY_CONFIG = {{
    "api_key": "{api_key}",
    "merchant_id": "{merchant_id}",
    "secret_key": "{secret_key}",
    "environment": "sandbox",
}}
"""


def missing(lab: "Lab") -> Iterator[None]:
    """Delete the line with the secret key."""
    _set(lab, "SECRET_KEY", None)
    yield


def empty(lab: "Lab") -> Iterator[None]:
    """Deploy an empty API key, as a secret store without the value does."""
    _set(lab, "API_KEY", "")
    yield


def placeholder(lab: "Lab") -> Iterator[None]:
    """Deploy the API key of the example file."""
    _set(lab, "API_KEY", "cp_test_xxxxxxxxxxxxxxxxxxxxxxxx")
    yield


def whitespace(lab: "Lab") -> Iterator[None]:
    """Copy the API key with a trailing space."""
    _set(lab, "API_KEY", '"' + _value(lab, "API_KEY") + ' "')
    yield


def malformed(lab: "Lab") -> Iterator[None]:
    """Copy only the first characters of the API key."""
    _set(lab, "API_KEY", "cp_test")
    yield


def mixed_pair(lab: "Lab") -> Iterator[None]:
    """Combine the live secret key with the API key of the sandbox."""
    _set(lab, "SECRET_KEY", _value(lab, "SECRET_KEY").replace("_test_", "_live_"))
    yield


def wrong_environment(lab: "Lab") -> Iterator[None]:
    """Switch the environment to production and keep the sandbox keys."""
    _set(lab, "ENVIRONMENT", "production")
    yield


def in_source(lab: "Lab") -> Iterator[None]:
    """Write the keys into a Python file of the repository."""
    names = ("api_key", "merchant_id", "secret_key")
    text = SOURCE.format(**{name: _value(lab, name.upper()) for name in names})
    lab.configs.names["credentials"] = "config.py"
    lab.configs.write("credentials", text)
    lab.publish()
    yield


def _value(lab: "Lab", name: str) -> str:
    text = lab.configs.path("credentials").read_text("utf-8")
    return text.partition(f"CLEARPAY_{name}=")[2].partition("\n")[0]


def _set(lab: "Lab", name: str, value: str | None) -> None:
    line = f"CLEARPAY_{name}={_value(lab, name)}\n"
    lab.configs.change("credentials", line, "" if value is None else f"CLEARPAY_{name}={value}\n")
