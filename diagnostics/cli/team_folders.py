"""Folders of a team's own entries and runbooks: those of the target file, and those of `--kb`."""

import argparse
import sys

from diagnostics.targets.file_search import locate
from diagnostics.terminal import print_line


def kb_folders(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the folders that a command reads entries and runbooks from, besides the shipped ones.

    Those of a target file that is not trusted are left out, with a line on stderr. Raises InvalidRecord and
    UsageError for a target file that cannot be read.
    """
    own = tuple(options.kb or ())
    path, named = locate(getattr(options, "config", None))
    if path is None:
        return own
    from diagnostics.targets.target_file import kb_of  # noqa: PLC0415  `match` without a target file loads no settings

    folders, note = kb_of(path, named=named)
    if note:
        print_line(f"clearpay-doctor: {note}", sys.stderr)
    return (*folders, *own)
