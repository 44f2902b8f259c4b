"""What a user is told when a call cannot be carried out: one line that names the place and the cure."""

import traceback
from pathlib import Path


class UsageError(ValueError):
    """A call that cannot be understood: exit code 2."""


class InvalidTarget(UsageError):
    """A target that cannot be examined; the message says how to write it."""


class UnknownName(UsageError):
    """A name that means nothing; the message offers the nearest one."""


class UnreadableInput(UsageError):
    """Input that holds no text; the message names it."""


class CannotTell(Exception):
    """The question cannot be answered: the probe ends as `unknown`, with this as its reason."""


class OutOfTime(CannotTell):
    """The budget is used up."""


class Skip(Exception):
    """The question does not apply here: the probe ends as `skipped`, with this as its reason."""


class Terminated(BaseException):
    """SIGTERM arrived."""


def printable(text: str) -> str:
    """A piece of the user's own input for a message: one line, no controls, no password, not too long."""
    from kb.text.sanitize import mask_secrets  # noqa: PLC0415  its patterns cost a start that ends well too much

    before, at, after = text.rpartition("@")
    safe = f"...@{after}" if at and ":" in before else text
    return mask_secrets("".join(c if c.isprintable() else "?" for c in safe))[:120]


ROOT = Path(__file__).resolve().parent.parent


def frame_names(error: BaseException) -> tuple[str, ...]:
    """`file:line in function` of each frame, the innermost last; our own files without what leads to them."""
    found = traceback.extract_tb(error.__traceback__)
    return tuple(f"{_name(frame.filename)}:{frame.lineno} in {frame.name}" for frame in found)


def _name(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])
