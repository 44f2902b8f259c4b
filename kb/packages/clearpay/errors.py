"""What every error of ClearPay's client is."""


class ClearPayError(Exception):
    """The API did not do what was asked."""
