"""The file of currencies and limits has a mistake."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def withdrawn(lab: "Lab") -> Iterator[None]:
    """A supported currency has been withdrawn: Croatia pays in euros."""
    lab.configs.change("currency", '"GBP"', '"HRK"')
    yield


def unknown(lab: "Lab") -> Iterator[None]:
    """A supported currency is misspelt."""
    lab.configs.change("currency", '"GBP"', '"GPB"')
    yield


def default_unsupported(lab: "Lab") -> Iterator[None]:
    """The default currency is not among the supported ones."""
    lab.configs.change("currency", 'default_currency = "USD"', 'default_currency = "EUR"')
    yield


def duplicates(lab: "Lab") -> Iterator[None]:
    """A currency is listed twice after a merge."""
    lab.configs.change("currency", '"JPY"]', '"JPY", "USD"]')
    yield


def limits_missing(lab: "Lab") -> Iterator[None]:
    """A currency was added without its largest amount."""
    lab.configs.change("currency", 'JPY = "300000"\n', "")
    yield


def limits_inverted(lab: "Lab") -> Iterator[None]:
    """The smallest amount is larger than the largest."""
    lab.configs.change("currency", 'GBP = "1.00"', 'GBP = "5000.00"')
    yield


def not_positive(lab: "Lab") -> Iterator[None]:
    """The smallest amount is zero."""
    lab.configs.change("currency", 'USD = "1.00"', 'USD = "0"')
    yield


def minor_unit(lab: "Lab") -> Iterator[None]:
    """A limit in yen has two digits behind the point, and the yen has none."""
    lab.configs.change("currency", 'JPY = "100"', 'JPY = "0.50"')
    yield


def float_money(lab: "Lab") -> Iterator[None]:
    """A limit is written as a float."""
    lab.configs.change("currency", 'USD = "1.00"', "USD = 1.1")
    yield
