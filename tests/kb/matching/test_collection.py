"""Labels and sources of the texts of the collection; a text that is scored once stands nowhere else."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from kb.matching.index_compiler import load_yaml
from kb.records.loader import load_entries
from tests.tools.match_score import NOTHING, PARTS, SCORED_ONCE, read

_THREAD = re.compile(r"[\w.-]+/[\w.-]+#\d+")
"""Repository and number of a public thread."""
MIN_ONCE = 200
"""Minimum number of texts that are scored once."""


def test_each_text_has_an_entry_a_source_and_a_body() -> None:
    labels = {NOTHING, *load_entries()}
    faults = [
        path.as_posix()
        for part in PARTS
        for path in files(part)
        if path.parent.name not in labels or len(source(path)) < 3 or not read(path).body.strip()
    ]

    assert not faults


def test_the_parts_that_are_scored_once_have_enough_texts_of_most_entries() -> None:
    labels = [path.parent.name for part in SCORED_ONCE for path in files(part)]

    assert len(labels) >= MIN_ONCE
    assert len(set(labels)) > len(load_entries()) * 3 / 4
    assert labels.count(NOTHING) >= MIN_ONCE / 4


@pytest.mark.parametrize("part", SCORED_ONCE)
def test_a_text_that_is_scored_once_does_not_occur_in_another_part_or_in_a_record(part: str) -> None:
    elsewhere = [
        normalised(read(path).body) for other in PARTS if other not in SCORED_ONCE for path in files(other)
    ]
    everything = "\n".join([*elsewhere, *map(normalised, record_texts())])

    faults = [path.as_posix() for path in files(part) if normalised(read(path).body) in everything]

    assert not faults


@pytest.mark.parametrize("part", SCORED_ONCE)
def test_the_thread_of_a_text_that_is_scored_once_is_the_source_of_no_other_text(part: str) -> None:
    elsewhere = threads(path for other in PARTS if other not in SCORED_ONCE for path in files(other))
    elsewhere |= set(_THREAD.findall("\n".join(entry_files())))

    faults = [path.as_posix() for path in files(part) if threads([path]) & elsewhere]

    assert not faults


def test_texts_that_are_scored_once_differ_from_each_other() -> None:
    bodies = [normalised(read(path).body) for part in SCORED_ONCE for path in files(part)]

    assert len(bodies) == len(set(bodies))


def test_normalising_makes_values_spaces_and_case_equal() -> None:
    assert normalised("Port 5432:\n  REFUSED!") == normalised("port 6432 refused")
    assert normalised("refused") != normalised("reset")


def files(part: str) -> list[Path]:
    return sorted(PARTS[part].glob("*/*.txt"))


def source(path: Path) -> str:
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# source: ")


def threads(paths: Iterable[Path]) -> set[str]:
    return {thread for path in paths for thread in _THREAD.findall(source(path))}


def normalised(text: str) -> str:
    """Return a text in lower case with each number replaced by 0 and each mark by a space."""
    return " ".join(re.sub(r"[^\w]+", " ", re.sub(r"\d+", "0", text.lower())).split())


def record_texts() -> list[str]:
    """Return the samples, templates and sentences of all records, and the messages of clients."""
    records = [
        text
        for entry in load_entries().values()
        for text in (
            *(sample.text for symptom in entry.symptoms for sample in symptom.samples),
            *entry.also_said,
            *entry.told_as,
        )
    ]
    return records + [
        message["text"] for client in load_yaml("client_messages") for message in client["messages"]
    ]


def entry_files() -> list[str]:
    kb = Path(__file__).parents[3] / "kb"
    return [path.read_text("utf-8") for path in kb.rglob("*.yaml")]
