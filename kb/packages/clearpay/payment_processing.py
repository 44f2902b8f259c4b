"""Validation of the configured currencies and of the amount of each payment."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

DIGITS = {"AUD": 2, "CAD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "NZD": 2, "USD": 2}
"""Digits of the minor unit of each currency that the API accepts."""


class Error(Exception):
    """The settings are invalid, or an amount is outside the limits."""


def check(config: Mapping[str, Any]) -> None:
    """Raise Error for the first currency or limit with which the API would reject every payment."""
    codes = config["supported_currencies"]
    if len(set(codes)) < len(codes):
        raise Error("currency configuration: supported_currencies has a currency twice")
    for code in codes:
        if code not in DIGITS:
            raise Error(f"currency configuration: {code} is not a supported currency")
        _check_limits(config, code)
    if config["default_currency"] not in codes:
        raise Error(f"currency configuration: default_currency {config['default_currency']} is not supported")


def _check_limits(config: Mapping[str, Any], code: str) -> None:
    minimum, maximum = limit(config, "min_amount", code), limit(config, "max_amount", code)
    if minimum > maximum:
        raise Error(f"currency configuration: min_amount of {code} is more than max_amount")
    for key, amount in (("min_amount", minimum), ("max_amount", maximum)):
        if amount <= 0:
            raise Error(f"currency configuration: {key} of {code} is not positive")
        if amount != round(amount, DIGITS[code]):
            raise Error(f"currency configuration: {key} of {code} is finer than its minor unit")


def limit(config: Mapping[str, Any], key: str, code: str) -> Decimal:
    """Return a limit of one currency exactly as configured. Raises Error if it is missing."""
    if code not in config.get(key, {}):
        raise Error(f"currency configuration: {key} of {code} is missing")
    return Decimal(str(config[key][code]))


def accept(config: Mapping[str, Any], amount: Decimal, code: str) -> Decimal:
    """Return the amount of a payment. Raises Error if it is outside the limits."""
    if not limit(config, "min_amount", code) <= amount <= limit(config, "max_amount", code):
        raise Error(f"amount {amount} {code} is outside of the configured limits")
    return amount
