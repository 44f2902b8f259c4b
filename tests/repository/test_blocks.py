"""No block of a page is only typed: each is parsed here or run by tests of its page, or it is a drawing."""

import inspect
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
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
    """One block of a page, with its place."""

    place: str
    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    found = FENCED.findall(path.read_text("utf-8"))
    return [Block(f"{path.name}-{number}", *one[1:]) for number, one in enumerate(found, 1)]


ALL = [
    block
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(PAGES.rglob("*.md")))
    for block in blocks(path)
]


def one_of(page: str, language: str) -> str:
    """The only block of a language on a page."""
    (text,) = (one.text for one in ALL if one.place.startswith(f"{page}-") and one.language == language)
    return text


def understood(line: str) -> None:
    """Every command of ours in a line of a shell, by the program's own parser."""
    for words in OURS.findall(line):
        command, *arguments = shlex.split(words)
        if command in COMMANDS:
            parser_for(command, load(command)).parse_args(arguments)
        else:
            assert command == "--version"


def is_shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in text.splitlines():
        understood(line.partition("  #")[0])
        assert set(re.findall(r"^make ([a-z-]+)", line)) <= TARGETS


def is_session(text: str) -> None:
    """What was typed in a terminal; what it answered is compared with the program in test_docs."""
    is_shell("\n".join(line[2:] for line in text.splitlines() if line.startswith("$ ")))


def is_target_file(text: str) -> None:
    validated(Settings, tomllib.loads(text), "page")


def is_python(text: str) -> None:
    compile(text, "page", "exec")


def is_text(text: str) -> None:
    """Lines for cron, a header, a drawing. What a program answers is captured, not typed."""
    assert re.match(r"(PATH=|\*/10 \* \* \* \*|clearpay-signature: )", text) or "──►" in text, text
    for line in text.splitlines():
        if line.startswith("*/10 "):
            is_shell(line.split(maxsplit=5)[5])


def is_plugin(text: str) -> None:
    """A command of Nagios, whose argument is a target."""
    is_shell(text.partition("command_line")[2].splitlines()[0].replace("$ARG1$", "prod"))


def is_sql(text: str) -> None:
    """Statements; tests/system/test_privileges.py runs them in the lab."""
    lines = [line.partition("--")[0].rstrip() for line in text.splitlines()]
    assert all(line.endswith(";") or line.startswith("\\") for line in lines)


CHECKS: dict[str, Callable[[str], object]] = {
    "sh": is_shell,
    "console": is_session,
    "toml": is_target_file,
    "python": is_python,
    "yaml": yaml.safe_load,
    "json": json.loads,
    "text": is_text,
    "sql": is_sql,
    "ini": is_plugin,
}


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.place)
def test_a_block_is_what_it_says(block: Block) -> None:
    assert block.language in CHECKS, "say what it is, and how a test knows that it is right"

    CHECKS[block.language](block.text)


def test_the_signature_of_the_page_is_that_of_its_secret_and_body() -> None:
    at, shown = re.findall(r"=(\w+)", one_of("configuration.md", "text"))

    assert shown == signature("whsec_test", b'{"id":"evt_1"}', int(at))


def test_the_answer_of_the_page_has_the_fields_of_the_lab() -> None:
    shown = json.loads(one_of("api.md", "json"))
    answered = ROUTES["GET", "/v1/me"](healthy("key"), {"x-api-key": "key"}).document

    assert {name: type(value) for name, value in shown.items()} == {
        name: type(value) for name, value in answered.items()
    }


def test_the_alerts_of_the_page_ask_for_metrics_that_exist() -> None:
    asked = re.findall(r"clearpay_doctor_(\w+)", one_of("formats.md", "yaml"))

    assert asked
    assert set(asked) <= set(re.findall(r'"(\w+)"', inspect.getsource(prometheus)))
