"""`completion`: a script that teaches a shell the verbs, options and ids."""

import argparse

from diagnostics.exit_codes import ExitCode
from diagnostics.verbs import VERBS
from kb.runbook_loader import load_runbooks

EXAMPLE = "source <(clearpay-doctor completion bash)"
BASH = """\
_clearpay_doctor() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" words
    if [ "$COMP_CWORD" -eq 1 ]; then words="{verbs} --help --version"
    elif [[ "$word" == -* ]]; then words="{options}"
    else case "$verb" in
        check|verify|explain) words="{ids}" ;;
        list) words="entries probes findings targets runbooks runs" ;;
        runbook) words="list show run {runbooks}" ;;
        lab) words="list up break repair status down {findings}" ;;
        demo) words="{ids}" ;;
        entry) words="new lint schema" ;;
        completion) words="bash zsh fish" ;;
        *) COMPREPLY=($(compgen -f -- "$word")); return ;;
    esac; fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _clearpay_doctor clearpay-doctor
"""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n"
OPTIONS = (
    "--target --config --set --kb --format --output --active --force-production --deadline --quiet --plan "
    "--fail-on --repeat --every --wait --answer --log --resume --debug --help"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `completion` takes."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print({"bash": _bash, "zsh": lambda: ZSH + _bash(), "fish": _fish}[options.shell](), end="")
    return ExitCode.OK


def _bash() -> str:
    return BASH.format(
        verbs=" ".join(VERBS),
        options=OPTIONS,
        ids=" ".join(_ids()),
        findings=" ".join(_findings()),
        runbooks=" ".join(load_runbooks()),
    )


def _fish() -> str:
    lines = ["complete -c clearpay-doctor -f -n __fish_use_subcommand -a '" + " ".join(VERBS) + "'"]
    lines += [
        f"complete -c clearpay-doctor -f -n '__fish_seen_subcommand_from {verb}' -a '{' '.join(_ids())}'"
        for verb in ("check", "verify", "explain", "demo")
    ]
    lines += [f"complete -c clearpay-doctor -l {option[2:]}" for option in OPTIONS.split()]
    return "\n".join(lines) + "\n"


def _ids() -> list[str]:
    from kb.loader import load_entries  # noqa: PLC0415

    return sorted(load_entries())


def _findings() -> list[str]:
    from kb.loader import load_entries  # noqa: PLC0415

    return sorted(cause.finding for entry in load_entries().values() for cause in entry.causes)
