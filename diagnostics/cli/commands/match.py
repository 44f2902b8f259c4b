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
from kb.matching.matcher import Match, Result, match_text
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
    """Print the matches, the root first; return OK if there is one, else FOUND."""
    matches = large_text_matches(options.text, kb_folders(options), seconds=options.deadline)
    result = _result(options) if matches is None else Result(matches)
    if options.format == "json":
        print_json(document(result))
    else:
        write_stdout(listing(result, terminal_of(sys.stdout), tuple(options.kb or ())) + "\n")
    return ExitCode.OK if result.matches else ExitCode.FOUND


def _result(options: argparse.Namespace) -> Result:
    """Read and match the text within `--deadline`. Raises UnreadableInput."""
    until = time.monotonic() + options.deadline if options.deadline else None
    text, index = read_text(options.text, options.deadline), index_of(kb_folders(options))
    left = max(MIN_MATCH_S, until - time.monotonic()) if until else None
    with time_limit(left, not_matched(options.text, options.deadline)):
        return match_text(clean(text), index)


def document(result: Result) -> dict[str, object]:
    """Return the matches as JSON data; the fields are a promise."""
    data = [
        {
            "entry": match.entry,
            "title": match.title,
            "score": round(match.score, 3),
            "why": list(match.why),
            "line": match.line or None,
            "time": match.time or None,
            "count": match.occurrences,
            "sources": list(match.sources),
        }
        for match in result.matches
    ]
    return {
        "schema_version": "1",
        "matched": bool(result.matches),
        "matches": data,
        "left_out": list(result.left_out),
        "other_system": result.other_system or None,
        "characters_not_read": result.characters_not_read,
    }


def listing(result: Result, terminal: Terminal, kb: tuple[str, ...] = ()) -> str:
    """Return the matches as text for a terminal; `kb` is the folder of `--kb`, for the command at the end."""
    lines = []
    for match in result.matches:
        lines.append(f"{match.score:4.2f}  {terminal.paint(match.entry, 'strong')}  {match.title}")
        if place := _place(match):
            lines.append(f"      {place}")
        lines += [f"      {terminal.paint('because', 'dim')} {reason}" for reason in match.why]
    if not result.matches:
        lines.append("No known error matches this text.")
        if result.other_system:
            lines.append(f"It is about another system: this is {result.other_system}.")
    if result.left_out:
        lines.append(f"Also in the text, not listed: {', '.join(result.left_out)}")
    if result.characters_not_read:
        lines.append(f"Not read: {result.characters_not_read:,} characters in the middle of the text.")
    if result.matches:
        lines += ["", f"More: {explain_command(result.matches[0].entry, kb)}"]
    return "\n".join(lines)


def _place(match: Match) -> str:
    """Return where and how often an error is in the text; empty if the line alone is known."""
    parts = [f"first in line {match.line}" if match.line else "", f"at {match.time}" if match.time else ""]
    parts.append(f"{match.occurrences} times" if match.occurrences > 1 else "")
    parts.append(f"from {', '.join(match.sources)}" if match.sources else "")
    return ", ".join(part for part in parts if part) if any(parts[1:]) else ""
