"""Tests of README, CONTRIBUTING and the pages: entries, commands, exit codes, settings, links, paths."""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.commands.demo import DEFAULT
from diagnostics.cli.parser import parser_for
from diagnostics.exit_codes import ExitCode
from diagnostics.lab.lab import Lab
from diagnostics.targets import target_file
from kb.records.loader import load_entries
from tests.diagnostics.runbooks.team_runbook import inside

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "tests" / "tui" / "screens"
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "site_docs" / "pages").rglob("*.md"))]
FENCED = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARYING = (
    (re.compile(r"^ *[\d.]+ s  (\d/\d)", re.MULTILINE), r"\1"),
    (re.compile(r"[\d.]+ m?s\b"), "0 ms"),
    (re.compile(r" +0 ms"), " 0 ms"),
    (re.compile(r"fp-[0-9a-f]+"), "fp-0"),
    (re.compile(r"PostgreSQL [\d.]+"), "PostgreSQL 0"),
    (re.compile(r"127\.0\.0\.1(:|\", port )\d+"), r"127.0.0.1\g<1>5432"),
    (re.compile(r"(port |localhost:)\d+"), r"\g<1>5432"),
    (re.compile(r"sh /\S+/"), "sh /"),
    (re.compile(r"\n  \|[^\n]*(?=\n  \|)"), ""),
    (re.compile(r"transactions: \(\d+,\)"), "transactions: (1,)"),
    (re.compile(r"\s+"), " "),
)
"""Values that vary between runs, and the line breaks that depend on them."""


def normalized(text: str) -> str:
    for pattern, replacement in VARYING:
        text = pattern.sub(replacement, text)
    return text.strip()


def commands() -> list[str]:
    """Return every command of clearpay-doctor in the fenced blocks of the pages."""
    found = []
    for page in PAGES:
        for block in re.findall(
            r"^```(?:sh|console)\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            lines = [line.partition("  #")[0].strip() for line in block.splitlines()]
            found += [
                line for line in lines if "clearpay-doctor " in line and not line.startswith(("next", "|"))
            ]
    return sorted({line for line in found if line.startswith(("clearpay-doctor", "journalctl"))})


@pytest.mark.lab
def test_the_first_screen_of_the_readme_is_the_real_demo() -> None:
    shown = re.search(r"\$ make demo\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-m", "diagnostics.cli", "demo", DEFAULT],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=90,
    )

    assert done.returncode == 0, done.stderr
    assert shown is not None
    assert normalized(shown[1]) == normalized(done.stdout)


@pytest.mark.parametrize("command", commands())
def test_a_command_in_a_page_is_understood(command: str) -> None:
    words = command.rpartition("| ")[2].split()[1:]

    parser_for(words[0], load(words[0])).parse_args(words[1:])


def test_the_table_of_exit_codes_is_complete() -> None:
    table = README[README.index("| code | meaning |") :].partition("\n\n")[0]
    shown = {int(number) for row in table.splitlines()[2:] for number in row.split("|")[1].split(",")}

    assert shown == {int(code) for code in ExitCode}


def test_the_target_file_of_the_readme_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    path = tmp_path / target_file.FILE_NAME
    path.write_text(block, "utf-8")

    assert list(target_file.read(path).settings.target) == list(tomllib.loads(block)["target"])


def test_the_readme_counts_and_lists_every_entry() -> None:
    current = {entry.id: entry.layer for entry in load_entries().values() if not entry.retired}
    section = README.partition("## Known errors\n")[2].partition("\n## ")[0]
    count = re.search(r"^(\d+) errors", section, re.MULTILINE)
    rows = re.findall(r"^\| (\w+) \| (`.*`) \|", section, re.MULTILINE)
    listed = {entry_id: layer for layer, cell in rows for entry_id in re.findall(r"`([\w-]+)`", cell)}

    assert listed == current, (
        f"README lacks {sorted(set(current) - set(listed))} in its table of known errors"
    )
    assert count, "README says how many known errors there are: `32 errors of ClearPay`"
    assert int(count[1]) == len(current)


PATH = re.compile(r"`((?:kb|diagnostics|tui|site_docs|tests)/[\w/.-]+)`")
MODULE = re.compile(r"`((?:kb|diagnostics|tui|site_docs)(?:\.\w+)+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_and_module_in_a_page_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    paths = {ROOT / path for path in PATH.findall(text)} - EXAMPLES

    assert [path for path in paths if not path.exists()] == []
    assert [name for name in MODULE.findall(text) if not _is_importable(name)] == []


def _is_importable(name: str) -> bool:
    """Return True for a package, a module, or a name in a module."""
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists() or path.parent.with_suffix(".py").exists()


EXAMPLES = {ROOT / "kb/entries/database/db-disk-full/entry.yaml"}
"""Paths that a page uses as an example."""


def test_every_link_within_the_repository_leads_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_verb_has_an_example_that_parses(command: str) -> None:
    module = load(command)
    example = str(module.EXAMPLE)

    assert example in parser_for(command, module).format_help()
    words = re.sub(r"^.*?clearpay-doctor ", "", example.rpartition("| ")[2]).rstrip(")").split()
    parser_for(words[0], load(words[0])).parse_args(words[1:])


SUBCOMMANDS = [(command, name) for command in COMMANDS for name in getattr(load(command), "EXAMPLES", ())]


@pytest.mark.parametrize(("command", "name"), SUBCOMMANDS)
def test_the_help_of_each_verb_below_a_verb_has_an_example_that_parses(
    command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser, example = parser_for(command, load(command)), load(command).EXAMPLES[name]

    with pytest.raises(SystemExit):
        parser.parse_args([name, "--help"])
    assert example in capsys.readouterr().out
    assert parser.parse_args(example.split()[2:]).subcommand == name


def test_every_verb_below_a_verb_is_among_them() -> None:
    assert {
        (command, name) for command in COMMANDS for name in _below(parser_for(command, load(command)))
    } == set(SUBCOMMANDS)


def _below(parser: argparse.ArgumentParser) -> set[str]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {name for action in found for name in action.choices}


@pytest.mark.lab
@pytest.mark.usefixtures("own_place")
@pytest.mark.parametrize("command", ["check", "verify", "explain", "list", "runbook", "allow", "entry"])
def test_the_example_of_a_verb_works_on_the_lab(
    command: str, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / target_file.FILE_NAME).write_text(lab.target_file.read_text("utf-8"), "utf-8")
    monkeypatch.setenv(target_file.VARIABLE, target_file.FILE_NAME)

    done = inside(*str(load(command).EXAMPLE).split()[1:])

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_no_page_has_a_screen_that_was_typed() -> None:
    page = (ROOT / "site_docs" / "pages" / "tui.md").read_text("utf-8")

    assert "```text" not in page, "link to a file of tests/tui/screens: the site shows what it holds"
    assert page.count(f"({'../' * 2}{SCREENS.relative_to(ROOT)}/") > 1
