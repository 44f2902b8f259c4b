"""`runbook`: list, draw and run runbooks."""

import argparse
import sys

from diagnostics.cli.parser import add_consent, add_format, add_knowledge, add_subcommand, add_target, seconds
from diagnostics.cli.team_folders import kb_folders
from diagnostics.exit_codes import ExitCode
from diagnostics.terminal import print_json, terminal_of, write_stdout
from kb.records.dataclass_io import to_data
from kb.runbook_model.drawing import tree_markdown, tree_text

EXAMPLE = "clearpay-doctor runbook run database-unreachable --target lab"
EXAMPLES = {
    "list": "clearpay-doctor runbook list",
    "show": "clearpay-doctor runbook show database-unreachable",
    "run": EXAMPLE,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `runbook`."""
    subcommands = parser.add_subparsers(dest="subcommand", metavar="list|show|run", required=True)
    listing = add_subcommand(subcommands, "list", "list the runbooks", EXAMPLES["list"])
    add_knowledge(listing)
    add_format(listing, "human", "json")
    show = add_subcommand(subcommands, "show", "draw a runbook as a decision tree", EXAMPLES["show"])
    show.add_argument("name", metavar="NAME")
    add_knowledge(show)
    add_format(show, "human", "markdown", "json")
    _add_run(add_subcommand(subcommands, "run", "run a runbook on a target, step by step", EXAMPLES["run"]))


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    add_target(parser)
    add_knowledge(parser)
    parser.add_argument(
        "--answer", action="append", default=[], metavar="STEP=ANSWER", dest="answers",
        help="answer to one question of the runbook, used once; may repeat",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="file of the incident log, written during the run")
    parser.add_argument("--resume", metavar="LOG", help="continue the run of this incident log")
    add_consent(parser)
    parser.add_argument("--deadline", type=seconds, metavar="TIME", help="limit of each step (default 60s)")
    parser.add_argument("--quiet", "-q", action="store_true", help="no output on stdout, only the exit code")
    add_format(parser, "human", "json", "markdown")
    parser.set_defaults(output=[])


def run(options: argparse.Namespace) -> int:
    """Run the subcommand."""
    return {"list": _list, "show": _show, "run": _run}[options.subcommand](options)


def _list(options: argparse.Namespace) -> int:
    from diagnostics.cli.commands import list as listing  # noqa: PLC0415  each subcommand loads its own modules

    return listing.run(argparse.Namespace(what="runbooks", **vars(options)))


def _show(options: argparse.Namespace) -> int:
    from diagnostics.runbooks.lookup import all_runbooks, runbook_named  # noqa: PLC0415  as above

    runbook = runbook_named(options.name, all_runbooks(kb_folders(options)))
    match options.format:
        case "json":
            print_json({"schema_version": "1", **to_data(runbook)})
        case "markdown":
            write_stdout(tree_markdown(runbook))
        case _:
            write_stdout(tree_text(runbook, terminal_of(sys.stdout).width))
    return ExitCode.OK


def _run(options: argparse.Namespace) -> int:
    from diagnostics.cli.runbook_run import run_runbook  # noqa: PLC0415  as above

    return run_runbook(options)
