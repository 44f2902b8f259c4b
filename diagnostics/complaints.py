"""What a user is told when a call cannot be carried out: one line that names the place and the cure."""


class UsageError(ValueError):
    """A call that cannot be understood: exit code 2."""


class InvalidTarget(UsageError):
    """A target that cannot be examined; the message says how to write it."""


class UnknownName(UsageError):
    """A name that means nothing; the message offers the nearest one."""


class UnreadableInput(UsageError):
    """Input that holds no text; the message names it."""


class Terminated(BaseException):
    """SIGTERM arrived."""


def shown(text: str) -> str:
    """A piece of the user's own input for a message: one line, no controls, no password, not too long."""
    from kb.text import mask_secrets  # noqa: PLC0415  its patterns cost a start that ends well too much

    before, at, after = text.rpartition("@")
    safe = f"...@{after}" if at and ":" in before else text
    return mask_secrets("".join(c if c.isprintable() else "?" for c in safe))[:120]
