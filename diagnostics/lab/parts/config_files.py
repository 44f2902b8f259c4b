"""Configuration files of the application, healthy until a fault or a fix changes one."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from diagnostics.lab.api.part import ApiPart
from diagnostics.lab.api.rules import MERCHANT
from diagnostics.lab.layout import write_private
from diagnostics.lab.part import Part
from diagnostics.targets.settings import ConfigFiles, TargetSettings
from kb.records.dataclass_io import build

ROLES = ("credentials", "network", "currency", "webhook", "logging")
CREDENTIALS = """\
# credentials.env: filled by the secret store, never committed
CLEARPAY_API_KEY={key}
CLEARPAY_MERCHANT_ID={merchant}
CLEARPAY_SECRET_KEY=sk_test_{secret}
CLEARPAY_ENVIRONMENT=sandbox
"""
NETWORK = """\
CLEARPAY_NETWORK_CONFIG = {
    "connection_timeout": 3.05,
    "read_timeout": 10,
    "max_retries": 2,
    "retry_delay": 0.5,
    "backoff_factor": 2,
    "retry_methods": ["GET", "POST"],
    "idempotency_keys": True,
}
"""
CURRENCY = """\
[clearpay]
supported_currencies = ["USD", "GBP", "JPY"]
default_currency = "USD"

[clearpay.min_amount]
USD = "1.00"
GBP = "1.00"
JPY = "100"

[clearpay.max_amount]
USD = "2000.00"
GBP = "1000.00"
JPY = "300000"
"""
WEBHOOK = """\
import os

CLEARPAY_WEBHOOK_CONFIG = {
    "verify_signatures": True,
    "signature_header": "clearpay-signature",
    "webhook_secret": os.environ["CLEARPAY_WEBHOOK_SECRET"],
    "tolerance_seconds": 300,
    "events_to_process": ["payment.approved", "payment.declined", "payment.voided", "refund.processed"],
}
"""
LOGGING = """\
import logging.config

CLEARPAY_LOGGING_CONFIG = {{
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {{
        "detailed": {{
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }},
    }},
    "handlers": {{
        "console": {{"class": "logging.StreamHandler", "level": "INFO", "formatter": "detailed"}},
        "file": {{
            "class": "logging.handlers.WatchedFileHandler",
            "level": "DEBUG",
            "formatter": "detailed",
            "filename": "{log}",
        }},
    }},
    "loggers": {{
        "clearpay": {{"level": "DEBUG", "handlers": ["console", "file"], "propagate": False}},
    }},
}}

logging.config.dictConfig(CLEARPAY_LOGGING_CONFIG)
"""
HEALTHY_LOG = (
    "2026-11-23T09:00:00+0000 INFO clearpay.payments payment 4711 of 25.00 USD booked, card ends in 4242\n"
)


class ConfigsPart(Part):
    """The files; faults call `write` and `change`, `restore` rewrites every file."""

    def __init__(self, folder: Path, api: ApiPart) -> None:
        self.folder = folder
        self._api = api
        self.names: dict[str, str] = {}
        """File names by role."""
        self.webhook_secret = ""

    def start(self, stack: ExitStack) -> None:  # noqa: ARG002  nothing to end
        """Create the folder; it is removed with the lab's."""
        self.folder.mkdir()

    @property
    def log(self) -> Path:
        """Log that the logging configuration names."""
        return self.folder / "log" / "transactions.log"

    def path(self, role: str) -> Path:
        """Return the file of a role."""
        return self.folder / self.names[role]

    def restore(self) -> None:
        """Rewrite every file, with the API key. The API part must be restored before."""
        self.names = {
            "credentials": "credentials.env",
            "network": "network_config.py",
            "currency": "payment_config.toml",
            "webhook": "webhook_config.py",
            "logging": "logging_config.py",
        }
        self._restore_log()
        self.webhook_secret = f"whsec_{secrets.token_hex(16)}"
        self.write(
            "credentials",
            CREDENTIALS.format(key=self._api.key, merchant=MERCHANT, secret=secrets.token_hex(12)),
        )
        self.write("network", NETWORK)
        self.write("currency", CURRENCY)
        self.write("webhook", WEBHOOK)
        self.write("logging", LOGGING.format(log=self.log))

    def write(self, role: str, text: str) -> None:
        """Replace the file of a role."""
        write_private(self.path(role), text)

    def change(self, role: str, old: str, new: str) -> None:
        """Replace a text in the file of a role. Raises ValueError if the text is absent."""
        before, found, after = self.path(role).read_text("utf-8").partition(old)
        if not found:
            raise ValueError(f"{self.path(role).name}: has no {old!r}")
        self.write(role, before + new + after)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Set the paths of the files."""
        return replace(settings, config=build(ConfigFiles, {role: str(self.path(role)) for role in ROLES}))

    def environment(self) -> Mapping[str, str]:
        """Return the paths and the webhook secret for the application."""
        files = {f"CLEARPAY_{role.upper()}_FILE": str(self.path(role)) for role in ROLES}
        return {**files, "CLEARPAY_WEBHOOK_SECRET": self.webhook_secret}

    def _restore_log(self) -> None:
        if self.log.is_dir():
            self.log.rmdir()
        self.log.parent.mkdir(exist_ok=True)
        write_private(self.log, HEALTHY_LOG)
