"""`pack`: write a new pack, a package with entries, runbooks and probes of a team."""

import argparse
import json
import sys
from pathlib import Path

from diagnostics.cli.parser import add_subcommand
from diagnostics.errors import UsageError, printable
from diagnostics.exit_codes import ExitCode

EXAMPLE = "clearpay-doctor pack new payouts"
EXAMPLES = {"new": EXAMPLE}
NEXT = """\
next: cd {folder} && pip install --editable '.[test]'
      clearpay-doctor list packs
      pytest"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pack`."""
    subcommands = parser.add_subparsers(dest="subcommand", metavar="new", required=True)
    new = add_subcommand(subcommands, "new", "write a pack with two entries and their tests", EXAMPLE)
    new.add_argument("name", metavar="NAME", help="words joined by hyphens: payouts")
    new.add_argument("--into", metavar="DIR", default=".", help="folder that gets the folder of the pack")


def run(options: argparse.Namespace) -> int:
    """Write the files of a pack. Raises UsageError for a wrong name and for a folder that exists."""
    from diagnostics.packs.template_files import NAME, package_of, template_files  # noqa: PLC0415  for this verb only
    from kb.records.models import Entry  # noqa: PLC0415
    from kb.records.validate import schema  # noqa: PLC0415  pydantic

    if not NAME.fullmatch(options.name):
        raise UsageError(f"{printable(options.name)!r} is not a name; write words joined by hyphens: payouts")
    folder = Path(options.into) / f"clearpay-doctor-{options.name}"
    if folder.exists():
        raise UsageError(f"{folder}: exists already")
    files = dict(template_files(options.name))
    files[f"{package_of(options.name)}/schema.json"] = json.dumps(schema(Entry), indent=2) + "\n"
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(path)
    except OSError as error:
        raise UsageError(f"{printable(str(error.filename or folder))}: {error.strerror}") from None
    print(NEXT.format(folder=folder), file=sys.stderr)
    return ExitCode.OK
