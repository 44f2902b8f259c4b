"""Screens as the tests saw them. A link to one, alone on its line, is shown as the screen itself."""

import re
from collections.abc import Mapping
from pathlib import Path

from site_docs.markup import terminal

FOLDER = "tests/tui/screens"
"""Below the root of the repository, where the link leads for who reads a page there."""
_LINK = re.compile(rf"^\[(?P<caption>[^\]\n]+)\]\((?:\.\./)+{FOLDER}/(?P<name>[\w-]+)\.txt\)$", re.MULTILINE)


def read_screens(root: Path) -> dict[str, str]:
    """The screens by name and size, as `triage-80x24`; an installed copy has none."""
    return {path.stem: path.read_text("utf-8") for path in sorted((root / FOLDER).glob("*.txt"))}


def with_screens(markdown: str, screens: Mapping[str, str]) -> str:
    """A page with its screens in it. A link to one that does not exist stays, and fails a strict build."""

    def shown(link: re.Match[str]) -> str:
        text = screens.get(link["name"])
        return "\n".join(terminal(text, link["caption"])) if text else link[0]

    return _LINK.sub(shown, markdown)
