"""The client looks at its currencies, and at each amount before it is sent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

DIGITS = {"AUD": 2, "CAD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "NZD": 2, "USD": 2}
"""Currencies that the API takes, and the digits of their minor unit."""


class Error(Exception):
    """The settings cannot work, or an amount is outside of them."""


def check(config: Mapping[str, Any]) -> None:
    """Raise Error for the first currency or limit for which every payment would be rejected."""
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
    least, most = limit(config, "min_amount", code), limit(config, "max_amount", code)
    if least > most:
        raise Error(f"currency configuration: min_amount of {code} is more than max_amount")
    for key, amount in (("min_amount", least), ("max_amount", most)):
        if amount <= 0:
            raise Error(f"currency configuration: {key} of {code} is not positive")
        if amount != round(amount, DIGITS[code]):
            raise Error(f"currency configuration: {key} of {code} is finer than its minor unit")


def limit(config: Mapping[str, Any], key: str, code: str) -> Decimal:
    """A limit of one currency, exactly as it is written. Raises Error where there is none."""
    if code not in config.get(key, {}):
        raise Error(f"currency configuration: {key} of {code} is missing")
    return Decimal(str(config[key][code]))


def accept(config: Mapping[str, Any], amount: Decimal, code: str) -> Decimal:
    """The amount of a payment, if it is within the limits. Raises Error where it is not."""
    if not limit(config, "min_amount", code) <= amount <= limit(config, "max_amount", code):
        raise Error(f"amount {amount} {code} is outside of the configured limits")
    return amount
