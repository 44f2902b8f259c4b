"""Python files of a project that configure it, and the parts of them that are settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from diagnostics.clients.config.tree import Document, Section, tables

WORDS: Final = frozenset(
    ["settings", "setting", "config", "configs", "configuration", "conf", "env", "environment", "constants"]
)
"""Words of the names of files and folders that hold settings."""
VARIANTS: Final = frozenset(
    [
        "base",
        "common",
        "default",
        "defaults",
        "dev",
        "develop",
        "development",
        "docker",
        "heroku",
        "live",
        "local",
        "main",
        "prod",
        "production",
        "qa",
        "shared",
        "stage",
        "staging",
        "sandbox",
        "test",
        "testing",
        "ci",
    ]
)
"""Words beside them, for one environment."""
_WORD: Final = re.compile(r"[a-z0-9]+")


def is_settings_file(path: Path) -> bool:
    """Return True for a Python file that is named, or placed, as settings are.

    `settings.py`, `payment_settings.py`, `config_prod.py`, and files of a folder `settings` or `config`.
    """
    words = _WORD.findall(path.stem.lower())
    if not words:
        return False
    variant = words[0] in WORDS and all(word in WORDS | VARIANTS for word in words)
    return words[-1] in WORDS or variant or path.parent.name.lower() in WORDS


def settings_tables(path: Path, document: Document, *, chosen: bool) -> Iterator[Section]:
    """Yield the tables of a file that hold settings; of a file that was `chosen` by name, all of them."""
    every = chosen or path.suffix != ".py"
    settings_file = is_settings_file(path)
    for section in tables(document.root):
        if every or _is_settings(section, document, settings_file=settings_file):
            yield section


def _is_settings(section: Section, document: Document, *, settings_file: bool) -> bool:
    """Return True for a part of a Python file that holds settings and is not the code of a program.

    A class needs the base, the decorator or the name of settings; in a settings file one with nothing but
    values will do. Outside of settings files, a module without functions may assign constants.
    """
    kind = document.classes.get(section.name.partition(".")[0])
    if kind:
        return kind == "settings" or (settings_file and kind == "plain")
    return settings_file or not document.is_program
