"""Commands of CI runners in text from outside: none is left, and JSON and XML keep their values."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.ci_commands import defuse, defuse_json, defuse_xml
from kb.text.wrapping import wrap

FORMS = (
    "##vso[task.setvariable variable=PATH]x",
    "##VSO[task.complete]",
    "##[error]x",
    "###[error]x",
    "##teamcity[buildStatus status='SUCCESS']",
    "::set-env name=PATH::x",
    "::add-mask::e",
    "::stop-commands::x",
    ":::error::x",
    "section_start:1560896352:x",
    "section_end:1560896352:x",
    "travis_fold:start:x",
)
RUNNERS = re.compile(
    r"(?m)##(?:vso|teamcity)?\[|^\s*::|\bsection_(?:start|end):|\btravis_(?:fold|time):", re.IGNORECASE
)
"""Forms that runners of GitHub, Azure and others take for their commands."""
TEXTS = st.lists(st.sampled_from([*FORMS, *"#:[ ax\n\t\r", "vso", "\u3000"])).map("".join)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_defused_and_stays_readable(form: str) -> None:
    assert RUNNERS.search(form)
    assert not RUNNERS.search(defuse(form))
    assert defuse(form).replace(" ", "") == form.replace(" ", "")


@given(TEXTS)
def test_no_text_keeps_a_command(text: str) -> None:
    assert not RUNNERS.search(defuse(text))


@given(TEXTS, st.integers(1, 60))
def test_wrapped_text_does_not_begin_a_line_with_a_command(text: str, width: int) -> None:
    assert not RUNNERS.search(defuse("\n".join(wrap(f"ERROR: {text}", width, hanging="    "))))


@given(TEXTS)
def test_json_keeps_its_values(text: str) -> None:
    document = defuse_json(json.dumps({text: [text]}, ensure_ascii=False))

    assert json.loads(document) == {text: [text]}
    assert not RUNNERS.search(document)


@given(TEXTS.map(lambda text: text.replace("\r", "")))
def test_xml_keeps_its_text(text: str) -> None:
    element = ET.Element("a", {"b": text.replace("\n", " ").replace("\t", " ")})
    element.text = text
    document = defuse_xml(ET.tostring(element, encoding="unicode"))

    assert not RUNNERS.search(document)
    assert (ET.fromstring(document).text or "") == text  # noqa: S314  written above


@pytest.mark.parametrize("text", ["a::b", "std::string", "# heading", "## [x]", "## Heading", "a ## b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert defuse(text) == text
