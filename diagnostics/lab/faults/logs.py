"""Faults of the logging configuration and of the log."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from diagnostics.lab.target_file import POOL

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

LEVELS = '"clearpay": {"level": "DEBUG", "handlers": ["console", "file"]'
CARD = "4242 4242 4242 4242"
"""A test number with a valid check digit; it belongs to no card."""


def import_missing(lab: "Lab") -> Iterator[None]:
    """Import logging instead of logging.config."""
    lab.configs.change("logging", "import logging.config", "import logging")
    yield


def folder_missing(lab: "Lab") -> Iterator[None]:
    """Delete the folder of the log."""
    lab.configs.log.unlink()
    lab.configs.log.parent.rmdir()
    yield


def not_writable(lab: "Lab") -> Iterator[None]:
    """Create a folder with the name of the log, as a volume mounted one level too deep."""
    lab.configs.log.unlink()
    lab.configs.log.mkdir()
    yield


def invalid(lab: "Lab") -> Iterator[None]:
    """Refer to a handler that is not defined."""
    lab.configs.change("logging", '["console", "file"]', '["console", "files"]')
    yield


def no_handler(lab: "Lab") -> Iterator[None]:
    """Configure a logger name that is not the application's."""
    lab.configs.change("logging", '"clearpay": {', '"clear_pay": {')
    yield


def level_hides(lab: "Lab") -> Iterator[None]:
    """Raise the level to ERROR."""
    lab.configs.change("logging", LEVELS, LEVELS.replace("DEBUG", "ERROR"))
    yield


def silenced(lab: "Lab") -> Iterator[None]:
    """Omit disable_existing_loggers, which defaults to True."""
    lab.configs.change("logging", '    "disable_existing_loggers": False,\n', "")
    yield


def secrets(lab: "Lab") -> Iterator[None]:
    """Log the headers of a request at level DEBUG."""
    _log(lab, "DEBUG clearpay.http sent Authorization: Bearer 9f8e7d6c5b4a39281706f5e4d3c2b1a0")
    yield


def card_numbers(lab: "Lab") -> Iterator[None]:
    """Log a payment with its card number."""
    _log(lab, f"ERROR clearpay.payments rejected: card {CARD}, exp 11/27")
    yield


def no_time_zone(lab: "Lab") -> Iterator[None]:
    """Write times without their zone."""
    lab.configs.change("logging", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S")
    yield


def shared_file(lab: "Lab") -> Iterator[None]:
    """Rotate one log file from three processes."""
    lab.configs.change("logging", "WatchedFileHandler", "RotatingFileHandler")
    lab.resize(replace(POOL, size=2, max_overflow=1, processes=3))
    yield


def _log(lab: "Lab", line: str) -> None:
    with lab.configs.log.open("a", encoding="utf-8") as log:
        log.write(f"2026-11-23T09:00:01+0000 {line}\n")
