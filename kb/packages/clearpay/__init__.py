"""ClearPay's client package, as small as the errors need it: what users' tracebacks are made of."""

from clearpay.client import Client

__all__ = ["Client"]
