"""Search for the target file; commands that read no target load nothing else of this package."""

import os
from pathlib import Path

from diagnostics.errors import UsageError, printable

FILE_NAME = "clearpay-doctor.toml"
VARIABLE = "CLEARPAY_DOCTOR_CONFIG"
"""Environment variable that names the target file, as `--config` does."""


def locate(option: str | None) -> tuple[Path | None, bool]:
    """Return the target file, and true if it is named: by `option`, which is `--config`, or the environment.

    Otherwise it is the file that is found, or None. Raises UsageError if a named file does not exist.
    """
    source, path = "--config ", option
    if not path:
        source, path = f"{VARIABLE}=", os.environ.get(VARIABLE)
    if not path:
        return find(), False
    if not Path(path).is_file():
        raise UsageError(f"{source}{printable(path)}: no such file")
    return Path(path), True


def find(start: Path | None = None) -> Path | None:
    """Return the nearest target file: upward from `start`, then in the user's configuration folder.

    `start` defaults to the working directory.
    """
    here = (start or Path.cwd()).absolute()
    places = [folder / FILE_NAME for folder in (here, *here.parents)]
    return next((path for path in (*places, own_file()) if path.is_file()), None)


def own_file() -> Path:
    """Return the path of the file in the user's configuration folder."""
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    return base.absolute() / "clearpay-doctor" / FILE_NAME
