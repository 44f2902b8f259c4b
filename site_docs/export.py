"""Export for any other builder: all pages and data files in one folder."""

import shutil
from pathlib import Path

from site_docs.facts import Facts
from site_docs.generate import generate
from site_docs.screens import embed_screens

PAGES = Path(__file__).with_name("pages")


def export(folder: Path, facts: Facts) -> int:
    """Write the handwritten pages with their screens, then the generated files.

    Return the number of generated files.
    """
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    for path in folder.rglob("*.md"):
        path.write_text(embed_screens(path.read_text("utf-8"), facts.screens), "utf-8")
    files = generate(facts)
    for file in files.values():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8")
    return len(files)
