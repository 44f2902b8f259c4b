"""`lab`: start real servers on this machine, and break or repair them from another terminal."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from diagnostics.cli.parser import add_format, add_subcommand
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import entry_named
from kb.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

EXAMPLE = "clearpay-doctor lab break db-credential-rotation"
EXAMPLES = {
    "list": "clearpay-doctor lab list",
    "up": "clearpay-doctor lab up",
    "break": EXAMPLE,
    "repair": "clearpay-doctor lab repair",
    "status": "clearpay-doctor lab status",
    "down": "clearpay-doctor lab down",
}
GUIDE = """\
{description}
{missing}In another terminal:
  clearpay-doctor lab break db-credential-rotation
  clearpay-doctor check --target lab
  clearpay-doctor lab repair
Ctrl-C stops the lab."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `lab`."""
    subcommands = parser.add_subparsers(
        dest="subcommand", metavar="list|up|break|repair|status|down", required=True
    )
    summaries = {
        "list": "list the faults that the lab can inject",
        "up": "start the lab and run it in the foreground",
        "break": "inject one fault; an earlier one is repaired first",
        "repair": "repair the injected fault",
        "status": "show the injected fault",
        "down": "stop the lab",
    }
    parsers = {
        name: add_subcommand(subcommands, name, text, EXAMPLES[name]) for name, text in summaries.items()
    }
    parsers["break"].add_argument(
        "name", metavar="ENTRY-or-FINDING", help="an entry stands for its first cause"
    )
    for name in ("list", "status"):
        add_format(parsers[name], "human", "json")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand. Raises UsageError for an error of the lab and for a missing package."""
    try:
        from diagnostics.lab.errors import LabError  # noqa: PLC0415  the lab is an extra
    except ImportError as error:
        raise UsageError(f"the lab needs {error.name}: pip install 'clearpay-doctor[lab]'") from None
    try:
        actions = {"list": _list, "up": _up, "break": _break, "status": _status}
        return actions.get(options.subcommand, _repair_or_down)(options)
    except LabError as error:
        raise UsageError(str(error)) from None
    except ImportError as error:
        raise UsageError(f"the lab needs {error.name}: pip install 'clearpay-doctor[lab]'") from None


def _list(options: argparse.Namespace) -> int:
    claims = catalogue_of(None).claims
    rows = [{"id": code, "entry": claim.entry.id} for code, claim in claims.items()]
    if options.format == "json":
        print(json.dumps({"schema_version": "1", "faults": rows}, indent=2))
    else:
        width = max(len(row["id"]) for row in rows)
        print("\n".join(f"{row['id'].ljust(width)}  {row['entry']}" for row in rows))
    return ExitCode.OK


def _up(_: argparse.Namespace) -> int:
    from diagnostics.lab.service.daemon import up  # noqa: PLC0415

    print("Starting the lab...", file=sys.stderr, flush=True)
    up(_guide)
    print("The lab has stopped.", file=sys.stderr)
    return ExitCode.OK


def _guide(lab: "Lab") -> None:
    from diagnostics.lab.requirements import missing  # noqa: PLC0415  as above

    lines = [f"Not installed: {each.name}; to install it: {each.install}\n" for each in missing()]
    guide = GUIDE.format(description=lab.description, missing="".join(lines))
    print(guide, file=sys.stderr, flush=True)


def _break(options: argparse.Namespace) -> int:
    from diagnostics.lab.service.client import send  # noqa: PLC0415

    answer = send("break", finding=_finding(options.name))
    print(_status_line(answer))
    return ExitCode.OK


def _finding(name: str) -> str:
    catalogue = catalogue_of(None)
    if name in catalogue.claims:
        return name
    near = "" if name in catalogue.entries else did_you_mean(name, catalogue.claims)
    if near:
        raise UnknownName(f"{printable(name)}: the lab has no such fault; {near}")
    return entry_named(name, catalogue).causes[0].finding


def _status(options: argparse.Namespace) -> int:
    from diagnostics.lab.service.client import send  # noqa: PLC0415

    answer = send("status")
    if options.format == "json":
        print(json.dumps({"schema_version": "1", **{k: v for k, v in answer.items() if k != "ok"}}, indent=2))
    else:
        print(_status_line(answer))
    return ExitCode.OK


def _repair_or_down(options: argparse.Namespace) -> int:
    from diagnostics.lab.service.client import send  # noqa: PLC0415

    answer = send(options.subcommand)
    print(_status_line(answer) if options.subcommand == "repair" else "the lab has stopped")
    return ExitCode.OK


def _status_line(answer: dict[str, Any]) -> str:
    state = f"broken: {answer['broken']}" if answer["broken"] else "healthy"
    return f"{state}  database {answer['database']}  PostgreSQL {answer['postgresql']}  {answer['url']}"
