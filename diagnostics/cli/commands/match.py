"""`match`: rank the known errors for a text, offline."""

import argparse
import sys
import time

from diagnostics.cli.input_text import large_text_matches, not_matched, read_text, time_limit
from diagnostics.cli.parser import add_format, add_knowledge, seconds
from diagnostics.cli.team_folders import kb_folders
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import index_of
from diagnostics.targets.command_line.shell_words import explain_command
from diagnostics.terminal import Terminal, print_json, terminal_of, write_stdout
from kb.matching.matcher import Match
from kb.matching.matcher import match as match_text
from kb.text.sanitize import clean

MIN_MATCH_S = 0.05
"""Time to match a text for which reading has left less."""
EXAMPLE = "echo 'FATAL: password authentication failed for user \"app_user\"' | clearpay-doctor match -"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `match`."""
    parser.add_argument("text", nargs="?", default="-", metavar="FILE|-", help="a traceback, log or sentence")
    add_knowledge(parser)
    parser.add_argument(
        "--deadline", type=seconds, metavar="TIME", help="limit of reading and matching the text: 8s, 2m"
    )
    add_format(parser, "human", "json")


def run(options: argparse.Namespace) -> int:
    """Print the matches, best first; return OK if there is one, else FOUND."""
    matches = large_text_matches(options.text, kb_folders(options), seconds=options.deadline)
    if matches is None:
        matches = _matches(options)
    if options.format == "json":
        print_json(document(matches))
    else:
        write_stdout(listing(matches, terminal_of(sys.stdout), options.kb or "") + "\n")
    return ExitCode.OK if matches else ExitCode.FOUND


def _matches(options: argparse.Namespace) -> tuple[Match, ...]:
    """Read and match the text within `--deadline`. Raises UnreadableInput."""
    until = time.monotonic() + options.deadline if options.deadline else None
    text, index = read_text(options.text, options.deadline), index_of(kb_folders(options))
    left = max(MIN_MATCH_S, until - time.monotonic()) if until else None
    with time_limit(left, not_matched(options.text, options.deadline)):
        return match_text(clean(text), index)


def document(matches: tuple[Match, ...]) -> dict[str, object]:
    """Return the matches as JSON data; the fields are a promise."""
    data = [
        {"entry": match.entry, "title": match.title, "score": round(match.score, 3), "why": list(match.why)}
        for match in matches
    ]
    return {"schema_version": "1", "matched": bool(matches), "matches": data}


def listing(matches: tuple[Match, ...], terminal: Terminal, kb: str = "") -> str:
    """Return the matches as text for a terminal; `kb` is the folder of `--kb`, for the command at the end."""
    if not matches:
        return "No known error matches this text."
    lines = []
    for match in matches:
        lines.append(f"{match.score:4.2f}  {terminal.paint(match.entry, 'strong')}  {match.title}")
        lines += [f"      {terminal.paint('because', 'dim')} {reason}" for reason in match.why]
    return "\n".join([*lines, "", f"More: {explain_command(matches[0].entry, kb)}"])
