"""The adapter for any other builder: the whole tree of pages as files."""

import shutil
from pathlib import Path

from site_docs.facts import Facts
from site_docs.generate import generate
from site_docs.screens import with_screens

PAGES = Path(__file__).with_name("pages")


def export(folder: Path, facts: Facts) -> int:
    """Write the pages that people wrote, then the generated ones; returns how many files were made."""
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    for path in folder.rglob("*.md"):
        path.write_text(with_screens(path.read_text("utf-8"), facts.screens), "utf-8")
    made = generate(facts)
    for file in made.values():
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, "utf-8")
    return len(made)
