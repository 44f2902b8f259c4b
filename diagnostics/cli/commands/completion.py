"""`completion`: print a shell script that completes commands, options, formats and ids."""

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from diagnostics.cli.command_table import VERBS, load
from diagnostics.cli.parser import Parser, parser_for
from diagnostics.exit_codes import ExitCode
from kb.runbook_model.loader import load_runbooks

if TYPE_CHECKING:
    from kb.records.models import Entry

EXAMPLE = "source <(clearpay-doctor completion bash)"
BASH = """\
_clearpay_doctor() {{
    local verb="${{COMP_WORDS[1]}}" word="${{COMP_WORDS[COMP_CWORD]}}" words
    local before="${{COMP_WORDS[COMP_CWORD-1]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then words="{verbs} --help --version"
    elif [[ "$word" == -* ]]; then case "$verb" in
{options}
    esac
    else case "$verb $before" in
{values}
        *" --"*|*" -t") [[ " {flags} " == *" $before "* ]] && words="$({function} "$verb")" || return ;;
        *) words="$({function} "$verb")" ;;
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
ENTRY_VERBS = ("check", "verify", "explain", "demo")
"""Verbs whose argument may be the id of an entry."""
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
    return BASH.format(
        verbs=" ".join(VERBS),
        options="\n".join(
            f'        {verb}) words="{" ".join(sorted(parser.options()))}" ;;'
            for verb, parser in parsers.items()
        ),
        values="\n".join(
            f'        "{verb} {option}") words="{" ".join(choices)}" ;;'
            for verb, parser in parsers.items()
            for option, choices in parser.option_choices().items()
        ),
        flags=" ".join(sorted({flag for parser in parsers.values() for flag in parser.flags()})),
        arguments="\n".join(
            f'        {verb}) echo "{" ".join(words)}" ;;' for verb, words in _arguments(parsers)
        ),
        function=FUNCTION,
    )


def _fish() -> str:
    parsers = _parsers()
    seen = "__fish_seen_subcommand_from"
    lines = ["complete -c clearpay-doctor -f -n __fish_use_subcommand -a '" + " ".join(VERBS) + "'"]
    lines += [
        f"complete -c clearpay-doctor -f -n '{seen} {verb}' -a '{' '.join(sorted(_entries()))}'"
        for verb in ENTRY_VERBS
    ]
    lines += [
        f"complete -c clearpay-doctor -n '{seen} {verb}' -l {option[2:]}"
        for verb, parser in parsers.items()
        for option in sorted(parser.options())
        if option.startswith("--")
    ]
    return "\n".join(lines) + "\n"


def _parsers() -> dict[str, Parser]:
    return {verb: parser_for(verb, load(verb)) for verb in VERBS}


def _arguments(parsers: dict[str, Parser]) -> Iterator[tuple[str, list[str]]]:
    """Yield each verb that takes known words, with its subcommands, its choices and the ids it accepts."""
    findings = sorted(cause.finding for entry in _entries().values() for cause in entry.causes)
    ids = dict.fromkeys(ENTRY_VERBS, sorted(_entries()))
    ids |= {"lab": findings, "runbook": list(load_runbooks())}
    for verb, parser in parsers.items():
        if words := [*parser.argument_choices(), *ids.get(verb, ())]:
            yield verb, words


def _entries() -> Mapping[str, "Entry"]:
    from kb.records.loader import load_entries  # noqa: PLC0415  the parser of this command needs no entries

    return load_entries()
