"""Errors of the lab itself."""


class LabError(Exception):
    """Failed operation of the lab; the message names the reason and, if known, the remedy."""


class UnknownFault(LabError):
    """Name of a finding that no fault produces."""
