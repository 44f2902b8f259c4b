"""Adds amounts as floats and learns of a wrong currency from the API, one rejected payment at a time.

A float holds no tenth exactly: 0.1 + 0.2 is more than 0.3, so a payment at the limit is rejected or let
through by chance, and sums drift from the ledger. Two digits are printed forevery currency, though the
yen has none and the Kuwaiti dinar has three. Whether the numbers are dollars or cents stands nowhere: a
factor of a hundred.
"""

from decimal import Decimal

from clearpay import config, payment_processing

ITEMS = [0.1, 0.2, 0.99]


def pay(items: list[float], currency: str) -> str:
    """Charge the sum of some items."""
    settings = config.load("currency")
    payment_processing.check(settings)
    total = sum(items)
    payment_processing.accept(settings, Decimal(str(total)), currency)
    return f"charged {total:.2f} {currency}"


if __name__ == "__main__":
    print(pay(ITEMS, "USD"))
