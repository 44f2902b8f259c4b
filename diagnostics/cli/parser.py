"""Parsers, and the options that several verbs share. A wrong one is a single line that names the nearest."""

import argparse
import re
import sys
from types import ModuleType
from typing import NoReturn, TypeAlias

from diagnostics.cli.command_table import VERBS
from diagnostics.errors import UsageError
from diagnostics.report.formats import FORMAT_NAMES
from diagnostics.terminal import terminal_of
from diagnostics.version import __version__
from kb.text.suggestions import did_you_mean

PROGRAM = "clearpay-doctor"
DEBUG = "--debug"
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  it has no other name


class Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as other prose; to find its own width, argparse would load `shutil` at each start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_of(sys.stdout).width - 2 if sys.stdout else None)


class Parser(argparse.ArgumentParser):
    """A parser that raises one clear line instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; an unknown option is answered with the nearest one."""
        raise UsageError(f"{message}{self._hint(message)}; see: {self.prog} --help")

    def _hint(self, message: str) -> str:
        wrong = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        if wrong and (near := did_you_mean(wrong[1], self.options())):
            return f"; {near}"
        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice and (near := did_you_mean(choice[1], re.findall(r"[\w-]+", choice[2]))):
            return f"; {near}"
        return ""

    def options(self) -> set[str]:
        """Return the option strings of this parser and of its subparsers."""
        return {option for action in self._all_actions() for option in action.option_strings}

    def flags(self) -> set[str]:
        """Return the option strings that take no value."""
        return {
            option for action in self._all_actions() if action.nargs == 0 for option in action.option_strings
        }

    def option_choices(self) -> dict[str, list[str]]:
        """Return the accepted values of each option that has a fixed list of them."""
        found: dict[str, list[str]] = {}
        for action in self._all_actions():
            for option in action.option_strings if action.choices else ():
                values = found.setdefault(option, [])
                values += [value for value in action.choices or () if value not in values]
        return found

    def argument_choices(self) -> list[str]:
        """Return the names of the subcommands and the accepted values of positional arguments."""
        positionals = [action for action in self._actions if not action.option_strings]
        return [value for action in positionals for value in action.choices or ()]

    def _all_actions(self) -> list[argparse.Action]:
        """Return the actions of this parser and of its subparsers; argparse has no public list of them."""
        below = [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
        parsers = [self, *(parser for action in below for parser in action.choices.values())]
        return [action for parser in parsers for action in parser._actions]  # noqa: SLF001


def top_parser() -> Parser:
    """The parser of the bare command: help and version."""
    width = max(len(verb) for verb in VERBS)
    verbs = "\n".join(f"  {verb.ljust(width)}  {help_}" for verb, help_ in VERBS.items())
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} COMMAND [OPTIONS]",
        description="Finds out which known ClearPay error is happening, shows the proof, checks the fix.",
        epilog=f"commands:\n{verbs}\n\n{PROGRAM} COMMAND --help explains one; "
        f"try it without anything of your own: {PROGRAM} demo",
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_debug(parser)
    return parser


def parser_for(verb: str, module: ModuleType) -> Parser:
    """The parser of one verb, with its example."""
    parser = Parser(
        prog=f"{PROGRAM} {verb}",
        description=f"{VERBS[verb][:1].upper()}{VERBS[verb][1:]}.",
        epilog=f"example, on the lab:\n  {module.EXAMPLE}",
        formatter_class=Help,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    _add_debug(parser)
    return parser


def _add_debug(parser: argparse.ArgumentParser) -> None:
    """`--debug`, for every verb; `cli.dispatch` takes it wherever it stands."""
    parser.add_argument(
        DEBUG,
        action="store_true",
        help="say on stderr what happens and when, and where an error of the program itself arose",
    )


def add_verb(verbs: "Verbs", name: str, what: str, example: str) -> argparse.ArgumentParser:
    """The parser of a verb below a verb, with what it is for and its example."""
    return verbs.add_parser(
        name, help=what, description=f"{what[:1].upper()}{what[1:]}.", allow_abbrev=False,
        epilog=f"example, on the lab:\n  {example}", formatter_class=Help,
    )  # fmt: skip


def add_knowledge(parser: argparse.ArgumentParser) -> None:
    """`--kb`."""
    parser.add_argument("--kb", metavar="DIR", help="a team's own entries beside the shipped ones")


def add_format(parser: argparse.ArgumentParser, *names: str) -> None:
    """`--format`, one of the names, the first by default."""
    parser.add_argument("--format", choices=names, default=names[0], help=f"default: {names[0]}")


def add_target(parser: argparse.ArgumentParser) -> None:
    """The options that say what is examined."""
    parser.add_argument(
        "--target", "-t", action="append", default=[], metavar="T", dest="targets",
        help="a name from clearpay-doctor.toml, a URL, host:port, a path, or lab; may repeat",
    )  # fmt: skip
    parser.add_argument("--config", metavar="FILE", help="a target file instead of the one that is found")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
        help="override a key of the target for this run, as in --set thresholds.deadlock_window_s=30",
    )  # fmt: skip


def add_run(parser: argparse.ArgumentParser) -> None:
    """The options of verbs that run probes."""
    add_target(parser)
    add_knowledge(parser)
    parser.add_argument(
        "--format", choices=FORMAT_NAMES, default=FORMAT_NAMES[0],
        help="default: human; nagios alone exits with 0, 1, 2 or 3, as its plugins do",
    )  # fmt: skip
    parser.add_argument(
        "--output", action="append", default=[], metavar="FILE:FORMAT",
        help="write a further format to a file, which is replaced as a whole; may repeat",
    )  # fmt: skip
    parser.add_argument("--plan", action="store_true", help="say what would be sent, and send nothing")
    parser.add_argument("--record", action="store_true", help="keep the run in the history of this user")
    parser.add_argument("--active", action="store_true", help="also probes that send what can be felt")
    parser.add_argument("--force-production", action="store_true", help="beside --active: on production too")
    parser.add_argument(
        "--deadline",
        type=seconds,
        metavar="TIME",
        help="end the whole run, or each round of it, after this long: 8s, 2m (default 60s)",
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="only the exit code; nothing on stdout")


def count(text: str) -> int:
    """Read a number of rounds. What is to run for ever is a matter for cron."""
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds; write 1 to 999")
    return int(text)


def seconds(text: str) -> float:
    """Read a duration: `300ms`, `8s`, `2m`, `1h`, or plain seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|)", text.strip())
    if not found or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write 8s, 2m or 300ms")
    return float(found[1]) * UNITS[found[2]]
