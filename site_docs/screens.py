"""Captured screens of the terminal interface, and the links that a page shows as screens."""

import re
from collections.abc import Mapping
from pathlib import Path

from site_docs.markup import terminal

FOLDER = "tests/tui/screens"
"""Folder of the captured screens below the root of the repository, where links in the Markdown lead."""
_LINK = re.compile(rf"^\[(?P<caption>[^\]\n]+)\]\((?:\.\./)+{FOLDER}/(?P<name>[\w-]+)\.txt\)$", re.MULTILINE)


def read_screens(root: Path) -> dict[str, str]:
    """Read the captured screens by name and size, as `triage-80x24`; an installed copy has none."""
    return {path.stem: path.read_text("utf-8") for path in sorted((root / FOLDER).glob("*.txt"))}


def embed_screens(markdown: str, screens: Mapping[str, str]) -> str:
    """Replace each line that is only a link to a captured screen with the screen.

    A link to a screen that does not exist stays, so that a strict build fails.
    """

    def replacement(link: re.Match[str]) -> str:
        text = screens.get(link["name"])
        return "\n".join(terminal(text, link["caption"])) if text else link[0]

    return _LINK.sub(replacement, markdown)
