"""Commands of a page, taken from its Markdown as a reader copies them, and run as they stand."""

import re
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

from kb.rendering.sections import CORRECTED_CODE, FAILING_CODE
from kb.text.code_spans import spans
from kb.text.commands import language_of
from tests.support.shop_stack import NAME, ShopStack

FENCE = re.compile(r"( *)(`{3,})(\w*)\n(.*?)\n\1\2$", re.DOTALL | re.MULTILINE)
STEP = re.compile(r"\*\*(\d+)\. (.*)\*\* \((?:only reads|changes something)\)$")
TIMEOUT_S = 90
PROGRAMS = frozenset(
    {
        *("aws", "cat", "cd", "certbot", "chronyc", "clearpay-doctor", "cmctl", "cp", "curl", "date", "dig"),
        *("docker", "env", "gcloud", "getent", "grep", "journalctl", "kubectl", "ls", "nginx", "openssl"),
        *("patch", "pg_isready", "printenv", "printf", "ps", "psql", "py-spy", "sh", "ss", "sudo"),
        *("systemctl", "timedatectl", "top"),
    }
)
ASSIGNMENTS = re.compile(r"(?:[A-Z_]+=\S* )*")


class Command(NamedTuple):
    """A command of a page."""

    section: str
    """Heading: `Confirm it`, `Which cause`, `Fix`, `Verify`."""
    place: str
    """Step of the fix with its number, and `undo`; empty elsewhere."""
    platform: str
    language: str
    """`sh`, `sql` or `python`; empty for a message or an output."""
    text: str


def commands_of(page: str) -> list[Command]:
    """Return the blocks and code spans of a page that are commands, in its order."""
    return list(_commands(page))


def _commands(page: str) -> Iterator[Command]:
    section = place = platform = ""
    for part, fence in _parts(page):
        if fence:
            yield Command(section, place, platform, fence[0], fence[1])
            continue
        for line in part.splitlines():
            if line.startswith("## "):
                section, place, platform = line[3:], "", ""
            elif line.startswith("### ") and line[4:] in {FAILING_CODE, CORRECTED_CODE}:
                section, place, platform = line[4:], "", ""
            elif match := STEP.match(line):
                place, platform = f"{match[1]}. {match[2]}", ""
            elif line.startswith("*On ") and line.endswith(":*"):
                platform = line[4:-2]
            else:
                undo = " undo" if line.lstrip().startswith("Undo: ") else ""
                yield from (
                    Command(section, place + undo, platform, language, text)
                    for language, text in _spans(line)
                )


def _parts(page: str) -> Iterator[tuple[str, tuple[str, str] | None]]:
    end = 0
    for match in FENCE.finditer(page):
        yield page[end : match.start()], None
        text = "\n".join(line.removeprefix(match[1]) for line in match[4].split("\n"))
        yield "", (match[3], text)
        end = match.end()
    yield page[end:], None


def _spans(line: str) -> Iterator[tuple[str, str]]:
    for part in spans(line):
        first = ASSIGNMENTS.sub("", part.text, count=1).split(" ")[0]
        if part.is_code and " " in part.text and first in PROGRAMS:
            yield "sh", part.text
        elif part.is_code and " " in part.text and language_of(part.text) == "sql":
            yield "sql", part.text


class Reader:
    """A person with the page, a shell in the folder of the target file, and psql as the operator."""

    def __init__(self, stack: ShopStack) -> None:
        self.stack = stack

    def page(self, name: str) -> list[Command]:
        """Return the commands of the page of an entry or of a finding, as printed for the target."""
        done = self.stack.doctor("explain", name, "--target", NAME, "--format", "markdown")
        assert done.returncode == 0, done.stderr
        return commands_of(done.stdout)

    def run(self, command: Command, **replaced: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as it stands. `replaced` has what the page tells the reader to write: `pid='42'`."""
        text = command.text
        for old, new in replaced.items():
            written = f"{old} = '0'"
            assert written in text, text
            text = text.replace(written, f"{old} = '{new}'")
        argv, given = {
            "sh": (["bash", "-c", text], ""),
            "sql": (["psql", self.stack.operator_url, "-X", "-v", "ON_ERROR_STOP=1"], text),
            "python": (["python", "-"], text),
        }[command.language]
        if command.language == "sql" and not text.rstrip().endswith(";"):
            given = f"{text};"
        return subprocess.run(
            argv, input=given, cwd=self.stack.folder, env=self.stack.environment,
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
