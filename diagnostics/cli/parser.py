"""Parsers of the commands, and the arguments that several of them share."""

import argparse
import re
import sys
from types import ModuleType
from typing import NoReturn, TypeAlias

from diagnostics.cli.command_table import COMMANDS
from diagnostics.errors import UsageError
from diagnostics.report.formats import FORMAT_NAMES
from diagnostics.terminal import terminal_of
from diagnostics.version import __version__
from kb.text.suggestions import did_you_mean

PROGRAM = "clearpay-doctor"
DEBUG = "--debug"
MAX_PROCESSES = 256
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
MAX_SECONDS = 1e6
"""Limit of a duration: eleven days."""
"""Seconds per unit of a duration."""
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  no public name


class Help(argparse.RawDescriptionHelpFormatter):
    """Help in the width of the terminal; without a width, argparse would import `shutil` at each start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_of(sys.stdout).width - 2 if sys.stdout else None)


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError with one line, instead of printing the usage and exiting."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; for an unknown option or value the message suggests the nearest one."""
        from kb.text.sanitize import mask_secrets  # noqa: PLC0415  argparse repeats words; only for errors

        raise UsageError(f"{mask_secrets(message)}{self._hint(message)}; see: {self.prog} --help")

    def _hint(self, message: str) -> str:
        option = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        if option and (near := did_you_mean(option[1], self.options())):
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
        choices: dict[str, list[str]] = {}
        for action in self._all_actions():
            for option in action.option_strings if action.choices else ():
                values = choices.setdefault(option, [])
                values += [value for value in action.choices or () if value not in values]
        return choices

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
    """Return the parser of the program without a command: help and version."""
    width = max(len(command) for command in COMMANDS)
    commands = "\n".join(f"  {command.ljust(width)}  {summary}" for command, summary in COMMANDS.items())
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} COMMAND [OPTIONS]",
        description="Finds out which known ClearPay error is happening, shows the evidence, checks the fix.",
        epilog=f"commands:\n{commands}\n\n{PROGRAM} COMMAND --help explains one; "
        f"to try it without a system of your own: {PROGRAM} demo",
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_debug(parser)
    return parser


def parser_for(command: str, module: ModuleType) -> Parser:
    """Return the parser of a command, with the arguments and the example of its module."""
    parser = Parser(
        prog=f"{PROGRAM} {command}",
        description=_sentence(COMMANDS[command]),
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=Help,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    _add_debug(parser)
    return parser


def _add_debug(parser: argparse.ArgumentParser) -> None:
    """Add `--debug` for the help; `dispatch` removes it from the arguments before they are parsed."""
    parser.add_argument(
        DEBUG,
        action="store_true",
        help="trace every event on stderr with its time, and internal errors with their traceback",
    )


def add_subcommand(
    subparsers: "Subparsers", name: str, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add a subcommand and return its parser."""
    return subparsers.add_parser(
        name, help=summary, description=_sentence(summary), allow_abbrev=False,
        epilog=f"example:\n  {example}", formatter_class=Help,
    )  # fmt: skip


def _sentence(summary: str) -> str:
    return f"{summary[:1].upper()}{summary[1:]}."


def add_knowledge(parser: argparse.ArgumentParser) -> None:
    """Add `--kb`, and `--config` for a target file, which may name folders of entries too."""
    parser.add_argument("--config", metavar="FILE", help="target file instead of the one that is found")
    parser.add_argument(
        "--kb",
        metavar="DIR",
        action="append",
        help="a team's own entries beside the shipped ones; repeatable",
    )


def add_format(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add `--format` with these names; the first is the default."""
    parser.add_argument("--format", choices=names, default=names[0], help=f"default: {names[0]}")


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the options that name and change targets."""
    parser.add_argument(
        "--target", "-t", action="append", default=[], metavar="T", dest="targets",
        help="a name from clearpay-doctor.toml, a URL, host:port, a path, or lab; may repeat",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
        help="override a key of the target for this run, as in --set thresholds.deadlock_window_s=30",
    )  # fmt: skip


def add_consent(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide which probes may send something."""
    parser.add_argument("--plan", action="store_true", help="print what would be sent, and send nothing")
    parser.add_argument(
        "--active",
        action="store_true",
        help="also run intrusive probes (extra login attempts, test deliveries, short load)",
    )
    parser.add_argument(
        "--force-production", action="store_true", help="with --active: on production targets too"
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that run probes and write a report."""
    add_target(parser)
    add_knowledge(parser)
    parser.add_argument(
        "--format", choices=FORMAT_NAMES, default=FORMAT_NAMES[0],
        help="default: human; nagios alone exits with 0, 1, 2 or 3, as plugins of Nagios do",
    )  # fmt: skip
    parser.add_argument(
        "--output", action="append", default=[], metavar="FILE:FORMAT",
        help="also write the report to a file in this format, replacing the file; may repeat",
    )  # fmt: skip
    parser.add_argument("--record", action="store_true", help="keep the run in the history of this user")
    add_consent(parser)
    parser.add_argument(
        "--deadline",
        type=seconds,
        metavar="TIME",
        help="limit of the whole run, or of each round: 8s, 2m (default 60s); work on files may use more",
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="no output on stdout, only the exit code")


def count(text: str) -> int:
    """Parse a number of rounds, 1 to 999. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rounds; write 1 to 999")
    return int(text)


def processes(text: str) -> int:
    """Parse a number of processes, 1 to 256. Raises ArgumentTypeError."""
    if not text.isdecimal() or not 0 < int(text) <= MAX_PROCESSES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; write 1 to {MAX_PROCESSES}")
    return int(text)


def seconds(text: str) -> float:
    """Parse a duration such as `300ms`, `8s`, `2m`, `1h` or `30` into seconds. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|)", text.strip())
    if not match or not 0 < float(match[1]) * UNITS[match[2]] <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write 8s, 2m or 300ms")
    return float(match[1]) * UNITS[match[2]]
