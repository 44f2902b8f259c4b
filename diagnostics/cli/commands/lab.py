"""`lab`: real servers on this machine, held by `lab up`, broken and repaired from another terminal."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from diagnostics.cli.parser import add_verb
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
{what}
In another terminal:
  clearpay-doctor lab break db-credential-rotation
  clearpay-doctor check --target lab
  clearpay-doctor lab repair
Ctrl-c ends it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `lab` takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="list|up|break|repair|status|down", required=True)
    helps = {
        "list": "what can be broken",
        "up": "start the lab and hold it in the foreground",
        "break": "break one thing; what was broken before is repaired first",
        "repair": "make everything healthy again",
        "status": "say what is broken",
        "down": "end the lab",
    }
    made = {name: add_verb(verbs, name, text, EXAMPLES[name]) for name, text in helps.items()}
    made["break"].add_argument("name", metavar="ENTRY-or-FINDING", help="an entry means its first cause")
    for name in ("list", "status"):
        made[name].add_argument("--format", choices=("human", "json"), default="human")


def run(options: argparse.Namespace) -> int:
    """Hand over to one of the verbs. A lab that cannot do it says so in one line."""
    try:
        from diagnostics.lab.errors import LabError  # noqa: PLC0415  only this verb and demo know the lab
    except ImportError as error:
        raise UsageError(f"the lab needs {error.name}: pip install 'clearpay-doctor[lab]'") from None
    try:
        return {"list": _list, "up": _up, "break": _break, "status": _status}.get(options.verb, _plain)(
            options
        )
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
        wide = max(len(row["id"]) for row in rows)
        print("\n".join(f"{row['id'].ljust(wide)}  {row['entry']}" for row in rows))
    return ExitCode.OK


def _up(_: argparse.Namespace) -> int:
    from diagnostics.lab.service.daemon import up  # noqa: PLC0415

    print("Starting the lab...", file=sys.stderr, flush=True)
    up(_guide)
    print("The lab is gone.", file=sys.stderr)
    return ExitCode.OK


def _guide(lab: "Lab") -> None:
    print(GUIDE.format(what=lab.description), file=sys.stderr, flush=True)


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


def _plain(options: argparse.Namespace) -> int:
    from diagnostics.lab.service.client import send  # noqa: PLC0415

    answer = send(options.verb)
    print(_status_line(answer) if options.verb == "repair" else "the lab is gone")
    return ExitCode.OK


def _status_line(answer: dict[str, Any]) -> str:
    state = f"broken: {answer['broken']}" if answer["broken"] else "healthy"
    return f"{state}  database {answer['database']}  PostgreSQL {answer['postgresql']}  {answer['url']}"
