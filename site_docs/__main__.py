"""Command line `python -m site_docs export DIR`: write all pages for a builder other than MkDocs."""

import argparse
from pathlib import Path

from site_docs.export import export, export_project
from site_docs.facts import load_facts


def main() -> None:
    """Parse the arguments and export the site."""
    parser = argparse.ArgumentParser(prog="python -m site_docs", description="Export the pages of the site.")
    parser.add_argument("command", choices=("export",))
    parser.add_argument("folder", type=Path, help="folder to write the pages to")
    parser.add_argument(
        "--project",
        action="store_true",
        help="also write the templates and an mkdocs.yml without hooks; the pages go to its folder docs",
    )
    parser.add_argument(
        "--kb", metavar="DIR", action="append", default=None, help="a team's own entries; may be repeated"
    )
    options = parser.parse_args()
    write = export_project if options.project else export
    print(f"{write(options.folder, load_facts(options.kb or ()))} generated files in {options.folder}")  # noqa: T201


if __name__ == "__main__":
    main()
