"""What can go wrong with the lab itself."""


class LabError(Exception):
    """The lab cannot do what it was asked; the message says why and what helps."""


class UnknownFault(LabError):
    """No fault makes the finding that was named."""
