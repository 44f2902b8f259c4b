"""`completion`: a script that teaches a shell the verbs, options and ids."""

import argparse

from diagnostics.cli.command_table import VERBS, load
from diagnostics.cli.parser import parser_for
from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats import FORMAT_NAMES
from kb.runbook_model.loader import load_runbooks

EXAMPLE = "source <(clearpay-doctor completion bash)"
BASH = """\
_clearpay_doctor() {{
    local verb="${{COMP_WORDS[1]}}" word="${{COMP_WORDS[COMP_CWORD]}}" words
    local before="${{COMP_WORDS[COMP_CWORD-1]}}"
    if [ "$COMP_CWORD" -eq 1 ]; then words="{verbs} --help --version"
    elif [[ "$word" == -* ]]; then case "$verb" in
{options}
    esac
    else case "$before" in
        --format) words="{formats}" ;;
        --fail-on) words="warn fail" ;;
        --*|-t) [[ " {flags} " == *" $before "* ]] && words="$({own} "$verb")" || return ;;
        *) words="$({own} "$verb")" ;;
    esac; fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
{own}() {{
    case "$1" in
        check|verify|explain|demo) echo "{ids}" ;;
        list) echo "entries probes findings targets runbooks runs" ;;
        runbook) echo "list show run {runbooks}" ;;
        lab) echo "list up break repair status down {findings}" ;;
        entry) echo "new lint schema" ;;
        completion) echo "bash zsh fish" ;;
    esac
}}
complete -o default -F _clearpay_doctor clearpay-doctor
"""
OWN = "_clearpay_doctor_words"
ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `completion` takes."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print({"bash": _bash, "zsh": lambda: ZSH + _bash(), "fish": _fish}[options.shell](), end="")
    return ExitCode.OK


def _bash() -> str:
    known = {verb: parser_for(verb, load(verb)) for verb in VERBS}
    rows = [f'        {verb}) words="{" ".join(sorted(one.options()))}" ;;' for verb, one in known.items()]
    return BASH.format(
        verbs=" ".join(VERBS),
        options="\n".join(rows),
        flags=" ".join(sorted({flag for one in known.values() for flag in one.flags()})),
        formats=" ".join(FORMAT_NAMES),
        own=OWN,
        ids=" ".join(_ids()),
        findings=" ".join(_findings()),
        runbooks=" ".join(load_runbooks()),
    )


def _fish() -> str:
    seen = "__fish_seen_subcommand_from"
    lines = ["complete -c clearpay-doctor -f -n __fish_use_subcommand -a '" + " ".join(VERBS) + "'"]
    lines += [
        f"complete -c clearpay-doctor -f -n '{seen} {verb}' -a '{' '.join(_ids())}'"
        for verb in ("check", "verify", "explain", "demo")
    ]
    lines += [
        f"complete -c clearpay-doctor -n '{seen} {verb}' -l {option[2:]}"
        for verb in VERBS
        for option in sorted(parser_for(verb, load(verb)).options())
        if option.startswith("--")
    ]
    return "\n".join(lines) + "\n"


def _ids() -> list[str]:
    from kb.records.loader import load_entries  # noqa: PLC0415

    return sorted(load_entries())


def _findings() -> list[str]:
    from kb.records.loader import load_entries  # noqa: PLC0415

    return sorted(cause.finding for entry in load_entries().values() for cause in entry.causes)
