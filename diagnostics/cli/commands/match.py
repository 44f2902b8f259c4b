"""`match`: rank the known errors for a text. No network, no probe."""

import argparse
import json
import sys

from diagnostics.cli.input_text import read_text
from diagnostics.cli.parser import add_format, add_knowledge
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import index_of
from diagnostics.terminal import Terminal, terminal_of
from kb.matching.matcher import Match, match
from kb.text.sanitize import clean

EXAMPLE = "echo 'FATAL: password authentication failed for user \"app_user\"' | clearpay-doctor match -"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `match` takes."""
    parser.add_argument("text", nargs="?", default="-", metavar="FILE|-", help="a traceback, log or sentence")
    add_knowledge(parser)
    add_format(parser, "human", "json")


def run(options: argparse.Namespace) -> int:
    """Print the matches, best first."""
    matches = match(clean(read_text(options.text)), index_of(options.kb))
    if options.format == "json":
        print(json.dumps(document(matches), indent=2, ensure_ascii=False))
    else:
        print(listing(matches, terminal_of(sys.stdout)))
    return ExitCode.OK if matches else ExitCode.FOUND


def document(matches: tuple[Match, ...]) -> dict[str, object]:
    """The matches as plain data; the fields are a promise."""
    listed = [
        {"entry": one.entry, "title": one.title, "score": round(one.score, 3), "why": list(one.why)}
        for one in matches
    ]
    return {"schema_version": "1", "matched": bool(matches), "matches": listed}


def listing(matches: tuple[Match, ...], terminal: Terminal) -> str:
    """The matches for a person."""
    if not matches:
        return "No known error matches this text."
    lines = []
    for one in matches:
        lines.append(f"{one.score:4.2f}  {terminal.paint(one.entry, 'strong')}  {one.title}")
        lines += [f"      {terminal.paint('because', 'dim')} {why}" for why in one.why]
    return "\n".join([*lines, "", f"More: clearpay-doctor explain {matches[0].entry}"])
