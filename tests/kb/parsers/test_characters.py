"""Characters that act on a terminal or cannot be seen."""

import pytest

from kb.parsers.characters import unsafe_character, unsafe_texts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\x1b]0;x\x07", "a control character (U+001B)"),
        ("a\x9b31m", "a control character (U+009B)"),
        ("a\u202eb", "a character that reverses the direction of text (U+202E)"),
        ("a\u2066b", "a character that reverses the direction of text (U+2066)"),
        ("a\nb", "a line break or tab (U+000A)"),
        ("a\u2028b", "a line break or tab (U+2028)"),
        ("a\u200bb", "an invisible character (U+200B)"),
        ("a\ud800", "an invisible character (U+D800)"),
        ("ключ 鍵 ä\u00a0é 😀", ""),
    ],
)
def test_each_kind_is_named_with_its_code_point(text: str, found: str) -> None:
    assert unsafe_character(text) == found


def test_lines_are_allowed_where_a_text_may_have_them() -> None:
    assert unsafe_character("a\n\tb", lines=True) == ""
    assert unsafe_character("a\r\nb", lines=True) == "a control character (U+000D)"


def test_keys_and_values_of_any_depth_have_a_printable_path() -> None:
    data = {"a": [{"b\x1b": "x"}, {"c": "\u202e"}], "sql": "a\nb", "d": 5}

    found = list(unsafe_texts(data, lambda path: path == ("sql",)))

    assert [".".join(path) for path, _ in found] == ["a.0.b?", "a.1.c"]
