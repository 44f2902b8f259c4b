"""Tests of the runbook pages: every step and branch of the record, with links."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kb.runbook_model.drawing import condition, transitions, tree_text
from kb.runbook_model.loader import RUNBOOKS
from kb.runbook_model.model import Runbook
from site_docs.generate import generate
from site_docs.markup import escaped
from site_docs.mkdocs_build.live_facts import load_live_facts
from tests.site.shipped import FACTS, shipped_files

FILES = shipped_files()
BOOKS = list(FACTS.runbooks.values())
each = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.id)


def text_of(book: Runbook) -> str:
    return FILES[f"runbooks/{book.id}.md"].text


def part_of(book: Runbook, step_id: str) -> str:
    """Return the part of the page for one step."""
    (_, after) = text_of(book).split(f"{{ #step-{step_id} }}")
    return after.partition("\n</div>")[0]


@each
def test_every_way_of_a_step_leads_to_its_next_step_in_the_order_of_the_record(book: Runbook) -> None:
    for step in book.steps:
        targets = re.findall(r"^- .*\(#step-([\w-]+)\)$", part_of(book, step.id), re.MULTILINE)

        assert targets == [name for _, name in transitions(step)], step.id


@each
def test_every_condition_stands_beside_its_way(book: Runbook) -> None:
    for step in book.steps:
        lines = re.findall(r"^- .*\(#step-[\w-]+\)$", part_of(book, step.id), re.MULTILINE)
        for branch, line in zip(step.then, lines, strict=False):
            shown = re.sub(r"\]\([^)]*\)|[\[`*]", "", line.partition(": [")[0]).removeprefix("- ")

            assert shown == condition(branch)


@each
def test_a_step_says_what_it_does_with_a_command_or_in_words(book: Runbook) -> None:
    for step in book.steps:
        part = part_of(book, step.id)
        if step.check:
            assert f"clearpay-doctor check {' '.join(step.check)}" in part
            assert all(f"/probes/{name}.md)" in part for name in step.check if name in FACTS.probes)
        elif step.kind in {"ask", "tell", "escalate", "green"}:
            assert escaped(" ".join(step.text.split())) in part
        else:
            assert "/errors/" in part


@each
def test_a_page_holds_the_drawing_of_the_terminal_as_its_twin(book: Runbook) -> None:
    shown = "\n".join(line.removeprefix("    ") for line in text_of(book).splitlines())

    assert tree_text(book).rstrip() in shown


def test_the_list_of_troubles_names_every_runbook_and_when_it_is_used() -> None:
    text = FILES["by-trouble.md"].text

    for book in BOOKS:
        assert f"](runbooks/{book.id}.md)" in text
        assert escaped(" ".join(book.when.split())) in text


def test_an_entry_links_to_the_runbooks_that_end_in_its_fix_and_to_no_other() -> None:
    for book in BOOKS:
        fixed = set(re.findall(r"errors/([\w-]+)\.md\)", "".join(ends(book))))
        linking = {name for name in FACTS.entries if f"(../runbooks/{book.id}.md)" in page_of(name)}

        assert fixed == linking, book.id
    assert "database-unreachable" in page_of("db-connection-refused")


def ends(book: Runbook) -> list[str]:
    return [part_of(book, step.id) for step in book.steps if step.fix]


def page_of(entry: str) -> str:
    return FILES[f"errors/{entry}.md"].text


def test_text_of_a_runbook_never_becomes_markup() -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) {: onclick=1 }"
    (first, *others) = BOOKS
    steps = tuple(replace(step, title=hostile) for step in first.steps)
    changed = {first.id: replace(first, title=hostile, when=hostile, steps=steps)}
    files = generate(replace(FACTS, runbooks={**changed, **{book.id: book for book in others}}))

    for path in (f"runbooks/{first.id}.md", "by-trouble.md"):
        body = files[path].text.partition("\n---\n")[2].partition("??? quote")[0]
        assert "<script" not in body
        assert "[x](" not in body
        assert "{:" not in body


def test_a_broken_runbook_leaves_a_page_that_says_why_and_the_others_stay(tmp_path: Path) -> None:
    shutil.copytree(RUNBOOKS, tmp_path, dirs_exist_ok=True)
    record = tmp_path / "payments-slow.yaml"
    record.write_text(record.read_text("utf-8").replace("check: [", "check: [nonsense, ", 1), "utf-8")
    files = generate(load_live_facts(runbook_folder=tmp_path))

    assert "nonsense" in files["runbooks/payments-slow.md"].text
    assert "payments-slow" in files["index.md"].text
    assert "cp-walk" in files["runbooks/payments-failing.md"].text
