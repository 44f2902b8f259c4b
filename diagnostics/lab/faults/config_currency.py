"""Faults in the file of currencies and limits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def withdrawn(lab: "Lab") -> Iterator[None]:
    """List a currency that was withdrawn: the kuna, which the euro replaced."""
    lab.configs.change("currency", '"GBP"', '"HRK"')
    yield


def unknown(lab: "Lab") -> Iterator[None]:
    """Misspell a supported currency."""
    lab.configs.change("currency", '"GBP"', '"GPB"')
    yield


def default_unsupported(lab: "Lab") -> Iterator[None]:
    """Set a default currency that is not among the supported ones."""
    lab.configs.change("currency", 'default_currency = "USD"', 'default_currency = "EUR"')
    yield


def duplicates(lab: "Lab") -> Iterator[None]:
    """List a currency twice, as after a merge."""
    lab.configs.change("currency", '"JPY"]', '"JPY", "USD"]')
    yield


def limits_missing(lab: "Lab") -> Iterator[None]:
    """Add a currency without its largest amount."""
    lab.configs.change("currency", 'JPY = "300000"\n', "")
    yield


def limits_inverted(lab: "Lab") -> Iterator[None]:
    """Set a smallest amount above the largest one."""
    lab.configs.change("currency", 'GBP = "1.00"', 'GBP = "5000.00"')
    yield


def not_positive(lab: "Lab") -> Iterator[None]:
    """Set the smallest amount to zero."""
    lab.configs.change("currency", 'USD = "1.00"', 'USD = "0"')
    yield


def minor_unit(lab: "Lab") -> Iterator[None]:
    """Give a limit in yen two decimal places; the yen has none."""
    lab.configs.change("currency", 'JPY = "100"', 'JPY = "0.50"')
    yield


def float_money(lab: "Lab") -> Iterator[None]:
    """Write a limit as a float."""
    lab.configs.change("currency", 'USD = "1.00"', "USD = 1.1")
    yield
