"""YAML within limits: values, or one line with the place, by libyaml and by PyYAML's own parser."""

import pytest
import yaml

from kb.parsers.malformed import Malformed
from kb.parsers.yaml_document import parse_yaml
from tests.support.deadlines import ends_within

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "a bomb of aliases": (BOMB, 5),
    "an alias within itself": ("a: 1\nb: &b [*b]", 2),
    "deep brackets": ("[" * 100_000, 1),
    "deep braces": ("{a: " * 50_000, 1),
    "deep dashes": ("- " * 50_000, 1),
    "deep lines": ("".join("  " * level + "a:\n" for level in range(900)), None),
    "an integer of many digits": (f"a: 1\nb: {'9' * 5_000}", 2),
    "a tagged integer": (f"b: !!int '{'9' * 5_000}'", 1),
    "a number in base 60": (f"b: {'1:' * 90_000}1", 1),
    "a float in base 60": (f"b: !!float '{'1:' * 90_000}1'", 1),
    "a day that does not exist": ("a: 2024-99-99", None),
    "a wrong tag": ("a: !!int x", None),
    "a wrong time": ("a: !!timestamp x", None),
    "a wrong boolean": ("a: !!bool x", None),
    "an object of Python": ("a: !!python/object:os.system x", 1),
    "a key that is a mapping": ("? {}\n: 1", 1),
    "a missing anchor": ("a: *b", 1),
    "a NUL": ("a: \0", None),
    "two documents": ("--- a\n--- b", None),
    "a large text": (f"a: '{'x' * 1_000_000}'", None),
}


@pytest.fixture(params=["libyaml", "PyYAML"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "PyYAML":  # as on systems without libyaml
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_one_line_and_at_once(name: str) -> None:
    text, line = HOSTILE[name]
    with ends_within(5), pytest.raises(Malformed) as error:
        parse_yaml(text)

    assert "\n" not in str(error.value)
    assert line is None or error.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1, 2]\nb: [*a, *a]\nc: {<<: {d: 1}}",
        f"a: '{'9' * 5_000}'\nb: |\n  {'9' * 5_000}\n",
        "a: 1.5\nb: 2024-01-01\nc: 1:30\nd: ~\ne: yes",
        "",
    ],
)
def test_a_document_is_what_the_library_makes_of_it(text: str) -> None:
    assert parse_yaml(text) == yaml.safe_load(text)
