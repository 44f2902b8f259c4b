"""`runbook`: list, draw and run runbooks."""

import argparse
import json
import sys

from diagnostics.cli.parser import add_format, add_knowledge, add_target, add_verb, seconds
from diagnostics.exit_codes import ExitCode
from diagnostics.terminal import encodable, terminal_of
from kb.records.dataclass_io import to_data
from kb.runbook_model.drawing import tree_markdown, tree_text

EXAMPLE = "clearpay-doctor runbook run database-unreachable --target lab"
EXAMPLES = {
    "list": "clearpay-doctor runbook list",
    "show": "clearpay-doctor runbook show database-unreachable",
    "run": EXAMPLE,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `runbook` takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="list|show|run", required=True)
    listing = add_verb(verbs, "list", "the runbooks that there are", EXAMPLES["list"])
    add_knowledge(listing)
    add_format(listing, "human", "json")
    show = add_verb(verbs, "show", "draw one as a tree of decisions", EXAMPLES["show"])
    show.add_argument("name", metavar="NAME")
    add_knowledge(show)
    add_format(show, "human", "markdown", "json")
    _add_run(add_verb(verbs, "run", "walk one on a target", EXAMPLES["run"]))


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    add_target(parser)
    add_knowledge(parser)
    parser.add_argument(
        "--answer", action="append", default=[], metavar="STEP=ANSWER", dest="answers",
        help="answer a question beforehand, once; may repeat",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="where the incident log is written, as it happens")
    parser.add_argument("--resume", metavar="LOG", help="go on where this incident log ends")
    parser.add_argument("--plan", action="store_true", help="say what would be sent, and send nothing")
    parser.add_argument("--active", action="store_true", help="also probes that send what can be felt")
    parser.add_argument("--force-production", action="store_true", help="beside --active: on production too")
    parser.add_argument(
        "--deadline", type=seconds, metavar="TIME", help="end each step after this long (default 60s)"
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="only the exit code; nothing on stdout")
    add_format(parser, "human", "json", "markdown")
    parser.set_defaults(output=[])


def run(options: argparse.Namespace) -> int:
    """Hand over to one of the three."""
    return {"list": _list, "show": _show, "run": _run}[options.verb](options)


def _list(options: argparse.Namespace) -> int:
    from diagnostics.cli.commands import list as listing  # noqa: PLC0415  each of the three loads only its own

    return listing.run(argparse.Namespace(what="runbooks", config=None, **vars(options)))


def _show(options: argparse.Namespace) -> int:
    from diagnostics.runbooks.lookup import all_runbooks, runbook_named  # noqa: PLC0415  as above

    runbook = runbook_named(options.name, all_runbooks(options.kb))
    match options.format:
        case "json":
            data = {"schema_version": "1", **to_data(runbook)}
            text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        case "markdown":
            text = tree_markdown(runbook)
        case _:
            text = tree_text(runbook, terminal_of(sys.stdout).width)
    sys.stdout.write(encodable(text, sys.stdout))
    return ExitCode.OK


def _run(options: argparse.Namespace) -> int:
    from diagnostics.cli.runbook_run import run_runbook  # noqa: PLC0415  as above

    return run_runbook(options)
