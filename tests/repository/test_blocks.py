"""Tests of the fenced blocks of all pages: each is parsed here, run by a test of its page, or a drawing."""

import inspect
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import parser_for
from diagnostics.clients.clearpay_api.webhook_signature import signature
from diagnostics.lab.api.answers import ROUTES
from diagnostics.lab.api.rules import healthy
from diagnostics.report.formats import prometheus
from diagnostics.targets.settings import Settings
from kb.records.validate import validated

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "site_docs" / "pages"
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
FENCED = re.compile(r"^ *(`{3,})(\w*)[^\n]*\n(.*?)^ *\1$", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"clearpay-doctor ((?:[^\s|&;>\"]|\"[^\"]*\"|[ ](?!#))+)")


class Block(NamedTuple):
    """One fenced block with its page and number."""

    place: str
    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    matches = FENCED.findall(path.read_text("utf-8"))
    return [Block(f"{path.name}-{number}", *match[1:]) for number, match in enumerate(matches, 1)]


ALL = [
    block
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(PAGES.rglob("*.md")))
    for block in blocks(path)
]


def only_block(page: str, language: str) -> str:
    """Return the only block of a language on a page."""
    (text,) = (
        block.text for block in ALL if block.place.startswith(f"{page}-") and block.language == language
    )
    return text


def parse_commands(line: str) -> None:
    """Parse every clearpay-doctor command of a shell line with the parser of the program."""
    for words in OURS.findall(line):
        command, *arguments = shlex.split(words)
        if command in COMMANDS:
            parser_for(command, load(command)).parse_args(arguments)
        else:
            assert command == "--version"


def check_shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in text.splitlines():
        parse_commands(line.partition("  #")[0])
        assert set(re.findall(r"^make ([a-z-]+)", line)) <= TARGETS


def check_session(text: str) -> None:
    """Check the commands of a terminal session; test_docs compares its output."""
    check_shell("\n".join(line[2:] for line in text.splitlines() if line.startswith("$ ")))


def check_target_file(text: str) -> None:
    validated(Settings, tomllib.loads(text), "page")


def check_python(text: str) -> None:
    compile(text, "page", "exec")


def check_text(text: str) -> None:
    """Accept lines for cron, a header, or a drawing. Output of programs must be captured, not typed."""
    assert re.match(r"(PATH=|\*/10 \* \* \* \*|clearpay-signature: )", text) or "─►" in text, text
    for line in text.splitlines():
        if line.startswith("*/10 "):
            check_shell(line.split(maxsplit=5)[5])


def check_ini(text: str) -> None:
    """Check settings of PgBouncer, or a command definition of Nagios, whose argument is a target."""
    if "command_line" not in text:
        settings = ConfigParser()
        settings.read_string(f"[pgbouncer]\n{text}")
        assert settings.options("pgbouncer")
        return
    check_shell(text.partition("command_line")[2].splitlines()[0].replace("$ARG1$", "prod"))


def check_sql(text: str) -> None:
    """Check the form of SQL statements; tests/system/test_privileges.py runs them in the lab."""
    lines = [line.partition("--")[0].rstrip() for line in text.splitlines()]
    assert all(line.endswith(";") or line.startswith("\\") for line in lines)


CHECKS: dict[str, Callable[[str], object]] = {
    "sh": check_shell,
    "console": check_session,
    "toml": check_target_file,
    "python": check_python,
    "yaml": yaml.safe_load,
    "json": json.loads,
    "text": check_text,
    "sql": check_sql,
    "ini": check_ini,
}


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.place)
def test_a_block_is_what_it_says(block: Block) -> None:
    assert block.language in CHECKS, "add a check for this language"

    CHECKS[block.language](block.text)


def test_the_signature_of_the_page_is_that_of_its_secret_and_body() -> None:
    at, shown = re.findall(r"=(\w+)", only_block("configuration.md", "text"))

    assert shown == signature("whsec_test", b'{"id":"evt_1"}', int(at))


def test_the_answer_of_the_page_has_the_fields_of_the_lab() -> None:
    shown = json.loads(only_block("api.md", "json"))
    answer = ROUTES["GET", "/v1/me"](healthy("key"), {"x-api-key": "key"}).document

    assert {name: type(value) for name, value in shown.items()} == {
        name: type(value) for name, value in answer.items()
    }


def test_the_alerts_of_the_page_ask_for_metrics_that_exist() -> None:
    names = re.findall(r"clearpay_doctor_(\w+)", only_block("formats.md", "yaml"))

    assert names
    assert set(names) <= set(re.findall(r'"(\w+)"', inspect.getsource(prometheus)))
