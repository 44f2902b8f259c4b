"""Options of the programs that records name: asked from each program that is installed, else from a table."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

WRAPPERS: Final = frozenset({"sudo", "if", "until", "while", "do", "then", "!", "env", "time"})
"""Words before a program that are no program of their own here."""
ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
OPTION: Final = re.compile(r"--?[A-Za-z][\w-]*")
HELP: Final[Mapping[str, str]] = {
    "psql": "psql --help",
    "pg_isready": "pg_isready --help",
    "curl": "curl --help all",
    "systemctl": "systemctl --help",
    "journalctl": "journalctl --help",
    "ps": "ps --help all",
    "ss": "ss --help",
    "dmesg": "dmesg --help",
    "grep": "grep --help",
}
"""Command that prints the options of a program without subcommands."""
WITH_SUBCOMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "openssl": ("-help",),
    "docker": ("--help",),
    "kubectl": ("--help",),
    "py-spy": ("--help",),
}
"""Words behind a subcommand that print its options."""
GENERAL: Final = {"kubectl": "-n --namespace --context", "openssl": "-sha256 -sha384"}
"""Options of every subcommand, which the help of one leaves out: kubectl options, openssl-format-options."""
WHOLE_WORDS: Final = frozenset(
    {"openssl", "py-spy", "aws", "gcloud", "kubectl", "docker", "certbot", "cmctl"}
)
"""Programs whose single hyphens do not join several options in one word."""
TABLE: Final[Mapping[str, str]] = {
    # AWS CLI command reference, version 2
    "aws rds": (
        "--db-instance-identifier --db-parameter-group-name --parameters --query --output --region "
        "--ca-certificate-identifier --apply-immediately"
    ),
    "aws secretsmanager": (
        "--secret-id --version-stage --query --output --region --move-to-version-id --remove-from-version-id"
    ),
    "aws cloudtrail": "--lookup-attributes --max-results --region --query --output",
    "aws ec2": "--group-ids --filters --query --output --region",
    "aws acm": ("--certificate-arn --certificate --private-key --certificate-chain --domain-name --region"),
    # gcloud reference, sql instances and sql ssl
    "gcloud sql": "--activation-policy --format --database-flags --project --instance",
    # certbot documentation, command-line options
    "certbot": (
        "renew certonly -d --cert-name --key-type --force-renewal --dry-run --nginx --webroot "
        "--new-key --expand --non-interactive -w --rsa-key-size --reason --reuse-key --no-reuse-key"
    ),
    # cert-manager, cmctl reference
    "cmctl": "-n --namespace --all",
    # kubectl reference
    "kubectl": (
        "-n --namespace --show-labels --tail --replicas --previous -l -c -o --since --context -f "
        "--type -p --to-revision -it --image --target"
    ),
    # docker CLI reference
    "docker": "-a --all --filter --tail --since -f --format -it -d --name --publish -p",
    # PgBouncer's psql, libpq: PostgreSQL documentation, psql and pg_isready
    "psql": "-h -p -U -d -c -A -t -X -v -w -f -l -q",
    "pg_isready": "-h -p -t -d -U -q",
    # OpenSSL manual pages
    "openssl": (
        "-connect -servername -showcerts -starttls -CAfile -CApath -cert -key -noout -subject -issuer "
        "-dates -ext -fingerprint -sha256 -in -out -text -nextupdate -nocrl -certfile -print_certs "
        "-x509_strict -tls1_2 -tls1_3 -verify_return_error -purpose -new -newkey -nodes -days -subj "
        "-addext -untrusted -brief -serial -enddate -checkend -checkhost -modulus -pubkey -pubout "
        "-crl_check -CRLfile -status -nameopt -outform -inform -x509 -verify"
    ),
    # curl manual page
    "curl": (
        "-s -S -I -i -k -v -m -o -w -H -X -d -f -L -u --cacert --connect-timeout --max-time --resolve --fail"
    ),
    # manual pages of systemd, procps, iproute2, util-linux, grep, iptables, chrony
    "systemctl": "--no-pager -n --now --property -p",
    "journalctl": "-u -n -k -f --no-pager --since --grep",
    "ps": "-e -f -o -C -p -ef",
    "ss": "-l -t -n -p -i",
    "dmesg": "-T",
    "grep": "-r -n -i -E -c -q -l -v -o -A -B -C -h -F -w -R --include",
    "iptables": "-L -n -v",
    "chronyc": "-v -n",
    "top": "-H -p -b -n -d",
    "dig": "",
    "getent": "",
    # py-spy, usage of dump, top and record
    "py-spy dump": "--pid -p --native --locals -l --subprocesses -s --nonblocking",
    "py-spy top": "--pid -p --gil -g --native --idle --subprocesses -s",
    "py-spy record": (
        "--pid -p --gil -g --native --idle -o --output --duration -d --rate --format --subprocesses -s"
    ),
    # git reference
    "git": "--oneline -S -p -n --stat -C --check",
    # jq manual
    "jq": "-r -e -c -n",
    # nginx command-line parameters
    "nginx": "-t -T -s",
}
"""Options that records use of programs that may be absent, with their source in the comment above."""


class Call(NamedTuple):
    """One call of a program in a command."""

    program: str
    arguments: tuple[str, ...]


def calls(command: str) -> Iterator[Call]:
    """Yield the calls of programs in a shell command, those in `$(...)` too."""
    words: list[str] = []
    for word in _words(command):
        if set(word) <= set("();<>|&\n") and word:
            yield from _call(words)
            words = []
        else:
            words.append(word)
            for inner in re.findall(r"\$\(((?:[^()]|\([^()]*\))*)\)", word):
                yield from calls(inner)
    yield from _call(words)


def _words(command: str) -> list[str]:
    joined = command.replace("\\\n", " ")
    lexer = shlex.shlex(joined.replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.wordchars += "@%+=,:{}$[]!'\""
    lexer.wordchars = lexer.wordchars.replace("'", "").replace('"', "")
    lexer.commenters = "#"
    return list(lexer)


def _call(words: list[str]) -> Iterator[Call]:
    rest = list(words)
    while rest and (rest[0] in WRAPPERS or ASSIGNMENT.fullmatch(rest[0])):
        rest.pop(0)
    if rest and rest[0] == "timeout":
        rest = rest[2:]
    if not rest:
        return
    outer, inner = _inner(rest)
    yield Call(outer[0].rpartition("/")[2], tuple(outer[1:]))
    yield from _call(inner)


def _inner(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of a call, and those of the program that it runs in a container or a pod."""
    if words[:1] == ["kubectl"] and "--" in words:
        end = words.index("--")
        return words[:end], words[end + 1 :]
    if words[:2] == ["docker", "exec"]:
        end = 2
        while end < len(words) and words[end].startswith("-"):
            end += 2 if words[end] in {"-u", "-e", "-w"} else 1
        return words[: end + 1], words[end + 1 :]
    return words, []


def unknown_options(call: Call) -> list[str]:
    """Return the options of a call that its program does not have; none for a program without a source."""
    text = _help(call)
    if text is None:
        return []
    return [
        option for option in _options(call) if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text)
    ]


def _options(call: Call) -> Iterator[str]:
    for word in call.arguments:
        if not (match := OPTION.match(word)):
            continue
        if word.startswith("--") or call.program in WHOLE_WORDS or len(match[0]) == 2:
            yield match[0]
        else:
            yield from (f"-{letter}" for letter in match[0][1:] if letter.isalpha())


def _subcommands(call: Call) -> list[str]:
    words: list[str] = []
    skip = False
    for word in call.arguments:
        if skip:
            skip = False
        elif word in {"-n", "--namespace", "--context"} and call.program in {"kubectl", "cmctl"}:
            skip = True
        elif re.fullmatch(r"[a-z][a-z0-9_-]*", word):
            words.append(word)
        else:
            break
    return words


def _help(call: Call) -> str | None:
    """Return the text that has the options of a call, or None for a program without a source."""
    subcommands = _subcommands(call)
    table = [
        options
        for name, options in TABLE.items()
        if name == call.program or (subcommands and name == f"{call.program} {subcommands[0]}")
    ]
    if call.program in HELP and shutil.which(call.program):
        return _output(HELP[call.program])
    if call.program in WITH_SUBCOMMANDS and subcommands and shutil.which(call.program):
        depth = {"rollout": 2, "sql": 2, "create": 3}.get(subcommands[0], 1)
        words = [call.program, *subcommands[:depth], *WITH_SUBCOMMANDS[call.program]]
        return _output(shlex.join(words)) + GENERAL.get(call.program, "")
    if call.program in WITH_SUBCOMMANDS or table:
        return " ".join(table)
    return None


@cache
def _output(command: str) -> str:
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
