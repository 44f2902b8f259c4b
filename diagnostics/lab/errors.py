"""Errors of the lab itself."""


class LabError(Exception):
    """The lab cannot do what was requested; the message names the reason and, if known, the remedy."""


class UnknownFault(LabError):
    """No fault produces the named finding."""
