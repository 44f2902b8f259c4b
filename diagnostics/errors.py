"""Exceptions whose message is one line for the user: the place of the error and the remedy."""


class UsageError(ValueError):
    """A call with a wrong option, name or input: exit code 2."""


class InvalidTarget(UsageError):
    """A target that cannot be examined; the message states the expected form."""


class UnknownName(UsageError):
    """A name that does not exist; the message suggests the nearest one."""


class UnreadableInput(UsageError):
    """Input that cannot be read; the message names it."""


class CannotTell(Exception):
    """The probe cannot answer its question and ends as `unknown`, with this message as its reason."""


class OutOfTime(CannotTell):
    """The deadline has passed."""


class Skip(Exception):
    """The probe does not apply here and ends as `skipped`, with this message as its reason."""


class Terminated(BaseException):
    """SIGTERM was received."""


def printable(text: str) -> str:
    """Return user input for a message: without control characters and passwords, at most 120 characters."""
    from kb.text.sanitize import mask_secrets  # noqa: PLC0415  compiling its patterns slows down a start without errors

    before, at, after = text.rpartition("@")
    safe = f"...@{after}" if at and ":" in before else text
    return mask_secrets("".join(c if c.isprintable() else "?" for c in safe))[:120]


def frame_names(error: BaseException) -> tuple[str, ...]:
    """Return `file:line in function` of each frame of the traceback, the innermost last.

    Files of this project are named relative to its root, others by their last two parts.
    """
    import traceback  # noqa: PLC0415  8 ms that only a bug of the program costs

    frames = traceback.extract_tb(error.__traceback__)
    return tuple(f"{_short_path(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames)


def _short_path(file: str) -> str:
    from pathlib import Path  # noqa: PLC0415  as above

    path, root = Path(file), Path(__file__).resolve().parent.parent
    return str(path.relative_to(root)) if path.is_relative_to(root) else "/".join(path.parts[-2:])
