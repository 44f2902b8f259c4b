"""Adds amounts as Decimal with their currency beside them, and checks the configuration when it starts.

An amount is a Decimal made from text, never from a float, and is rounded once, to the minor unit of its
currency. Limits are texts in the file for the same reason. The whole configuration is checked at start:
each supported currency has its two limits in the right order, and the default is one of them. On the
wire, send integers of the minor unit, and say so in the name: amount_minor.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from clearpay import config, payment_processing

ITEMS = ("0.10", "0.20", "0.99")


def total(items: tuple[str, ...], currency: str) -> Decimal:
    """Return the amount in the minor unit of its currency."""
    unit = Decimal(1).scaleb(-payment_processing.DIGITS[currency])
    return sum((Decimal(item) for item in items), Decimal(0)).quantize(unit, ROUND_HALF_EVEN)


def pay(items: tuple[str, ...], currency: str) -> str:
    """Charge the sum of some items. Raises payment_processing.Error."""
    settings = config.load("currency")
    payment_processing.check(settings)
    return f"charged {payment_processing.accept(settings, total(items, currency), currency)} {currency}"


if __name__ == "__main__":
    print(pay(ITEMS, "USD"))
