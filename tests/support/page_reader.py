"""Commands of a page, taken from its Markdown as a reader copies them, and run as they stand."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from kb.rendering.sections import CORRECTED_CODE, FAILING_CODE
from kb.text.code_spans import spans
from kb.text.commands import language_of
from tests.diagnostics.cli.test_main import run

FENCE = re.compile(r"( *)(`{3,})(\w*)\n(.*?)\n\1\2$", re.DOTALL | re.MULTILINE)
STEP = re.compile(r"\*\*(\d+)\. (.*)\*\* \((?:only reads|changes something)\)$")
TIMEOUT_S = 180
TARGET_FILE = "clearpay-doctor.toml"
ABSENT = (
    "systemctl",
    "journalctl",
    "docker",
    "kubectl",
    "gcloud",
    "aws rds",
    "aws cloudtrail",
    "certbot",
    "cmctl",
)
"""Beginnings of commands that do nothing without a service manager, a daemon, a cluster or an account."""
PROGRAMS = frozenset(
    {
        *("aws", "cat", "cd", "certbot", "chronyc", "clearpay-doctor", "cmctl", "cp", "curl", "date", "dig"),
        *("docker", "env", "gcloud", "getent", "grep", "journalctl", "kubectl", "ls", "nginx", "openssl"),
        *("echo", "for", "test", "timeout", "until"),
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
        first = ASSIGNMENTS.sub("", part.text, count=1).split(" ")[0].strip("(;")
        if part.is_code and " " in part.text and first in PROGRAMS:
            yield "sh", part.text
        elif part.is_code and " " in part.text and language_of(part.text) == "sql":
            yield "sql", part.text


_pages: dict[tuple[str, str], tuple[Command, ...]] = {}
"""Commands of pages, by target file and name."""


@dataclass(frozen=True)
class Reader:
    """A person with the page, a shell in the folder of the target file, and psql as the operator."""

    folder: Path
    """Folder with `clearpay-doctor.toml`, in which commands are run."""
    target: str
    environment: Mapping[str, str]
    operator_url: str = ""
    """URL of the role that changes something in the database."""

    def doctor(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command on the target."""
        options = ("--target", self.target, "--config", TARGET_FILE)
        return run(*arguments, *options, cwd=self.folder, **self.environment)

    def page(self, name: str) -> tuple[Command, ...]:
        """Return the commands of the page of an entry or of a finding, as printed for the target."""
        key = (self.folder / TARGET_FILE).read_text("utf-8"), name
        if key not in _pages:
            done = self.doctor("explain", name, "--format", "markdown")
            assert done.returncode == 0, done.stderr
            _pages[key] = tuple(command for command in commands_of(done.stdout) if command.language)
        return _pages[key]

    def run(self, command: Command, **replaced: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as it stands. `replaced` has what the page tells the reader to write: `pid='42'`."""
        text = command.text
        for old, new in replaced.items():
            written = f"{old} = '0'"
            assert written in text, text
            text = text.replace(written, f"{old} = '{new}'")
        argv, given = {
            "sh": (["bash", "-c", text], ""),
            "sql": (["psql", self.operator_url, "-X", "-v", "ON_ERROR_STOP=1"], f"{text.rstrip(';')};"),
            "python": (["python", "-"], text),
        }[command.language]
        return subprocess.run(
            argv, input=given, cwd=self.folder, env=dict(self.environment),
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip

    def succeed(self, command: Command, **replaced: str) -> str:
        """Run a command, require success and return its output."""
        done = self.run(command, **replaced)
        assert done.returncode == 0, f"{command.text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def confirmed(self, entry: str, *options: str) -> str:
        """Return the one finding that the page's own `check` confirms."""
        (command,) = self.of_section(entry, "Confirm it")
        done = self.run(command._replace(text=" ".join([command.text, "--format json", *options])))
        findings = [
            each["finding"] for each in json.loads(done.stdout)["diagnoses"] if each["verdict"] == "confirmed"
        ]
        assert (done.returncode, len(findings)) == (1, 1), done.stdout + done.stderr
        return str(findings[0])

    def verified(self, entry: str, *options: str) -> None:
        """Require that the page's own `verify` ends green."""
        (command,) = self.of_section(entry, "Verify")
        self.succeed(command._replace(text=" ".join([command.text, *options])))

    def of_section(self, name: str, section: str) -> list[Command]:
        """Return the commands of a section, without those that nothing here can run."""
        return [each for each in self.page(name) if each.section == section and not _is_absent(each)]

    def by_hand(self, finding: str) -> list[Command]:
        """Return the commands of the manual check of a finding."""
        return self.of_section(finding, "Which cause")

    def of_step(self, finding: str, number: int, *, undo: bool = False) -> list[Command]:
        """Return the commands of a numbered step of the fix, or of its undo."""
        return [
            each
            for each in self.of_section(finding, "Fix")
            if each.place.startswith(f"{number}. ") and each.place.endswith(" undo") == undo
        ]


def _is_absent(command: Command) -> bool:
    return command.text.removeprefix("sudo ").startswith(ABSENT)


def sudo_where_there_is_none(folder: Path) -> None:
    """Put a `sudo` into the folder's `bin` that runs the command as it is: the tests are root there."""
    if not shutil.which("sudo"):
        (folder / "bin").mkdir()
        (folder / "bin" / "sudo").write_text('#!/bin/sh\nexec "$@"\n', "utf-8")
        (folder / "bin" / "sudo").chmod(stat.S_IRWXU)


def shell_environment(folder: Path, **own: str) -> dict[str, str]:
    """Return the environment of a shell in which a reader pastes commands."""
    programs = [folder / "bin", Path(sys.executable).parent, *_folder_of("py-spy")]
    return {
        "PATH": ":".join([*map(str, programs), os.environ["PATH"], "/usr/sbin", "/sbin"]),
        "HOME": str(folder),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "LC_ALL": "C.UTF-8",
        **own,
    }


def _folder_of(program: str) -> Iterator[Path]:
    """Yield the folder of a program that a package of this Python brought."""
    for file in metadata.files(program) or ():
        if file.name == program:
            yield Path(str(file.locate())).resolve().parent
