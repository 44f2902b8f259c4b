"""Export for any other builder: all pages and data files in one folder."""

import shutil
from pathlib import Path

from site_docs.facts import PAGES, ROOT, Facts
from site_docs.generate import generate
from site_docs.screens import embed_screens

THEME = Path(__file__).with_name("theme")
CONFIGURATIONS = (ROOT / "mkdocs.yml", Path(__file__).with_name("mkdocs.yml"))
"""Configuration of MkDocs in the repository, and its copy in the wheel."""
WITHOUT_HOOKS = {
    "docs_dir: site_docs/pages\n": "docs_dir: docs\n",
    "hooks: [site_docs/hook.py]\n": "",
    "  custom_dir: site_docs/theme\n": "  custom_dir: theme\n",
    "    - content.action.edit\n": "",
}
"""Lines of `mkdocs.yml` that a project without hooks has differently: no link could lead to a record."""


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


def export_project(folder: Path, facts: Facts) -> int:
    """Write a whole project for a builder without hooks, such as Zensical: configuration, templates, pages.

    Return the number of generated files.
    """
    configuration = next(path for path in CONFIGURATIONS if path.exists()).read_text("utf-8")
    for line, replacement in WITHOUT_HOOKS.items():
        if line not in configuration:
            raise ValueError(f"mkdocs.yml has no line {line.strip()!r}")
        configuration = configuration.replace(line, replacement)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mkdocs.yml").write_text(configuration, "utf-8")
    shutil.copytree(THEME, folder / "theme", dirs_exist_ok=True)
    return export(folder / "docs", facts)
