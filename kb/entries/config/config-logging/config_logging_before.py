"""Configures logging when the program already speaks, and nobody notices that nothing is heard.

`import logging` does not import logging.config: whether that works depends on what else was imported.
disable_existing_loggers is True where it is not said, so every logger that a module made at import falls
silent, without a word. The log's folder is taken for granted. Whole requests are logged, with their
tokens and cards. Times have no zone, and several workers rotate one file under each other's feet.
"""

import logging

from clearpay import audit, config

settlement = logging.getLogger("settlement")
DEFAULTS = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"]},
}
REQUEST = {"amount": "25.00", "reference": "payment 5812"}


def pay() -> None:
    """Book a payment and leave a trace of it."""
    settings = DEFAULTS | config.load("logging")
    logging.config.dictConfig(settings)  # type: ignore[attr-defined]  # mypy sees it
    logging.getLogger("clearpay.payments").info(f"booked {REQUEST}")
    audit.check(settings, "payment 5812", "clearpay.payments", "settlement")


if __name__ == "__main__":
    pay()
