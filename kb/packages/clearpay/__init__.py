"""ClearPay's client package, reduced to the parts that raise the errors of the knowledge base."""

from clearpay.client import Client

__all__ = ["Client"]
