"""The theme that the user has chosen, kept in a file of the data folder."""

import json
from contextlib import suppress
from pathlib import Path

from diagnostics.targets.data_folder import data_folder, make_private_folder

NAME = "screen.json"
MAX_BYTES = 10_000


class KeptTheme:
    """The file `screen.json` with the name of the theme; without one the terminal decides."""

    def read(self) -> str:
        """Return the name of the kept theme; empty without one."""
        try:
            data = json.loads(_path().read_bytes()[:MAX_BYTES])
        except (OSError, ValueError):
            return ""
        theme = data.get("theme") if isinstance(data, dict) else ""
        return theme if isinstance(theme, str) else ""

    def write(self, theme: str) -> None:
        """Keep a theme; a folder that cannot be written costs nothing but that."""
        with suppress(OSError):
            make_private_folder(data_folder())
            _path().write_text(json.dumps({"theme": theme}) + "\n", "utf-8")


def _path() -> Path:
    """Return the path of the file. Raises OSError."""
    return data_folder() / NAME
