"""`completion`: print a shell script that completes commands, options, formats and ids."""

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import Parser, parser_for
from diagnostics.exit_codes import ExitCode
from diagnostics.runbooks.lookup import all_runbooks

if TYPE_CHECKING:
    from kb.records.models import Entry

EXAMPLE = "source <(clearpay-doctor completion bash)"
BASH = """\
_clearpay_doctor() {{
    local command="${{COMP_WORDS[1]}}" word="${{COMP_WORDS[COMP_CWORD]}}" words
    local before="${{COMP_WORDS[COMP_CWORD-1]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then words="{commands} --help --version"
    elif [[ "$word" == -* ]]; then case "$command" in
{options}
    esac
    else case "$command $before" in
{values}
        *" --"*|*" -t") [[ " {flags} " == *" $before "* ]] && words="$({function} "$command")" || return ;;
        *) words="$({function} "$command")" ;;
    esac; fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
{function}() {{
    case "$1" in
{arguments}
    esac
}}
complete -o default -F _clearpay_doctor clearpay-doctor
"""
FUNCTION = "_clearpay_doctor_words"
ENTRY_COMMANDS = ("check", "verify", "explain", "demo")
"""Commands whose argument may be the id of an entry."""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(options: argparse.Namespace) -> int:
    """Print the script for one shell."""
    print({"bash": _bash, "zsh": lambda: ZSH + _bash(), "fish": _fish}[options.shell](), end="")
    return ExitCode.OK


def _bash() -> str:
    parsers = _parsers()
    values = {
        f'"{command} {option}"': choices
        for command, parser in parsers.items()
        for option, choices in parser.option_choices().items()
    }
    return BASH.format(
        commands=" ".join(COMMANDS),
        options=_cases("words=", {name: sorted(parser.options()) for name, parser in parsers.items()}),
        values=_cases("words=", values),
        flags=" ".join(sorted({flag for parser in parsers.values() for flag in parser.flags()})),
        arguments=_cases("echo ", dict(_arguments(parsers))),
        function=FUNCTION,
    )


def _cases(statement: str, words: Mapping[str, list[str]]) -> str:
    """Return the branches of a `case`: per pattern, a statement with the words as a quoted string."""
    return "\n".join(f'        {pattern}) {statement}"{" ".join(of)}" ;;' for pattern, of in words.items())


def _fish() -> str:
    seen = "__fish_seen_subcommand_from"
    ids = " ".join(sorted(_entries()))
    lines = ["complete -c clearpay-doctor -f -n __fish_use_subcommand -a '" + " ".join(COMMANDS) + "'"]
    lines += [
        f"complete -c clearpay-doctor -f -n '{seen} {command}' -a '{ids}'" for command in ENTRY_COMMANDS
    ]
    lines += [
        f"complete -c clearpay-doctor -n '{seen} {command}' -l {option[2:]}"
        for command, parser in _parsers().items()
        for option in sorted(parser.options())
        if option.startswith("--")
    ]
    return "\n".join(lines) + "\n"


def _parsers() -> dict[str, Parser]:
    return {command: parser_for(command, load(command)) for command in COMMANDS}


def _arguments(parsers: dict[str, Parser]) -> Iterator[tuple[str, list[str]]]:
    """Yield each command with the words that its arguments accept: subcommands, choices, then ids."""
    findings = sorted(cause.finding for entry in _entries().values() for cause in entry.causes)
    ids = dict.fromkeys(ENTRY_COMMANDS, sorted(_entries()))
    ids |= {"lab": findings, "runbook": list(all_runbooks(None))}
    for command, parser in parsers.items():
        if words := [*parser.argument_choices(), *ids.get(command, ())]:
            yield command, words


def _entries() -> Mapping[str, "Entry"]:
    from diagnostics.run.knowledge import entries_of  # noqa: PLC0415  the parser of this command needs no entries

    return entries_of(None)
