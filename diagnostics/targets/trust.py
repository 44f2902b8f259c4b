"""Trust in a target file: who may have written it, and what one that was found may do.

A target file names servers, secrets and commands, so it decides which secret is sent where. One that lies in
a folder which the user happens to work in is the work of others until the user has allowed its contents.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from diagnostics.targets.allowed_files import is_allowed, was_allowed
from kb.records.errors import InvalidRecord
from kb.text.sanitize import mask_secrets, one_line


@dataclass(frozen=True, slots=True)
class FileInUse:
    """Target file that settings were read from."""

    path: Path
    named: bool = True
    """False if it was found, in the working directory, above it or in the user's configuration folder."""
    blocked: str = ""
    """Reason why no secret is sent and no command is run; empty if the file is trusted."""
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the user: why the file is not trusted, and warnings."""
        return (self.blocked, *self.warnings) if self.blocked else self.warnings

    @property
    def name(self) -> str:
        """Path of the file in messages and reports: printable, on one line, secrets masked."""
        return printable_path(self.path)


def judge(path: Path, status: os.stat_result, data: bytes, *, named: bool, own: bool = False) -> FileInUse:
    """Return the file with what it may do; `status` and `data` are those of the file that was read.

    `named` is true for a file of `--config`, `own` for one of the user's configuration folder. Raises
    InvalidRecord for a file that another user can write.
    """
    _require_own(path, status)
    warnings = (f"{printable_path(path)}: its group may write it; run: chmod g-w",) if _shared(status) else ()
    blocked = "" if named or own or is_allowed(path, data) else _blocked(path)
    return FileInUse(path, named, blocked, warnings)


def _require_own(path: Path, status: os.stat_result) -> None:
    problem = ""
    if status.st_uid not in _trusted_users():
        owner = _user_name(status.st_uid)
        problem = f"belongs to {owner}, who can change it; it must be yours or root's: copy it, or run chown"
    elif status.st_mode & stat.S_IWOTH:
        problem = "every user may write it; run: chmod o-w"
    if problem:
        raise InvalidRecord([f"{printable_path(path)}: {problem}"])


def printable_path(path: Path) -> str:
    """Return a path for messages: on one line, without control characters, secrets masked."""
    return mask_secrets(one_line(os.fsencode(path).decode("utf-8", "replace")))


def _trusted_users() -> set[int]:
    users = {0, os.getuid(), os.geteuid()}
    caller = os.environ.get("SUDO_UID", "")
    # Under sudo the file is the caller's, who may run commands as root anyway.
    return users | {int(caller)} if os.geteuid() == 0 and caller.isdecimal() else users


def _shared(status: os.stat_result) -> bool:
    """Return True if the group may write the file and is not the private group of its owner."""
    if not status.st_mode & stat.S_IWGRP:
        return False
    import grp  # noqa: PLC0415  a file that only its owner may write needs neither
    import pwd  # noqa: PLC0415

    try:
        group, owner = grp.getgrgid(status.st_gid), pwd.getpwuid(status.st_uid)
    except KeyError:
        return True
    return group.gr_name != owner.pw_name or bool(set(group.gr_mem) - {owner.pw_name})


def _user_name(number: int) -> str:
    import pwd  # noqa: PLC0415  as above

    try:
        return f"user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"user {number}"


def _blocked(path: Path) -> str:
    from kb.text.quoting import shell_quoted  # noqa: PLC0415  a trusted file needs none

    state = "has changed since you allowed it" if was_allowed(path) else "was found, and you did not allow it"
    return (
        f"{printable_path(path)} {state}: no secret is sent and none of its commands is run; "
        f"read it, then run: clearpay-doctor allow {shell_quoted(str(path))}"
    )
