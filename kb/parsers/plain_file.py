"""Regular files, read within a limit: not pipes and devices, which may never end."""

import os
import stat
from pathlib import Path

from kb.parsers.malformed import Malformed


def read_plain_file(path: Path, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """Return the contents of a regular file and its status. Raises OSError, Malformed."""
    # Without O_NONBLOCK, opening a pipe waits for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Malformed("is not a regular file")
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise Malformed(f"is larger than {max_bytes} bytes")
    return data, status


def expanded(text: str) -> Path:
    """Return the path with `~` replaced by a home folder; unchanged where there is no such user or folder."""
    return Path(os.path.expanduser(text))  # noqa: PTH111  Path.expanduser raises for an unknown user
