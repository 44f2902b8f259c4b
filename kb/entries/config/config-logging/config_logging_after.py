"""Configures logging first of all, says what becomes of loggers that exist, and masks before writing.

Import logging.config by name. Set disable_existing_loggers to False. Make the folder in the deployment,
and let the start fail if it is not there. Log references and the last four digits, never whole requests,
and put a filter on every handler as a net below. Write times with their zone. In containers write to
standard output; in files let one process write, or use WatchedFileHandler with logrotate.
"""

import logging
import logging.config
import re

from clearpay import audit, config

CARD = re.compile(r"\b(?:\d[ -]?){9,15}(\d{4})\b")


class Masking(logging.Filter):
    """Leaves the last four digits of what could be a card."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the finished message."""
        record.msg, record.args = CARD.sub(r"...\1", record.getMessage()), ()
        return True


def pay(reference: str, card: str) -> None:
    """Book a payment and leave a trace of it."""
    settings = config.load("logging")
    for handler in logging.getLogger("clearpay").handlers:
        handler.addFilter(Masking())
    logging.getLogger("clearpay.payments").info("booked %s with card %s", reference, card)
    audit.check(settings, reference, "clearpay.payments")


if __name__ == "__main__":
    pay("payment 5812", "4242 4242 4242 4242")
    print("payments logged: 1")
