"""Symbols: each state has one, in Unicode and in ASCII."""

from tui.style.theme import MORE_ASCII, MORE_GLYPHS, Symbols


def test_every_state_has_a_symbol_in_ascii_too() -> None:
    assert MORE_ASCII.keys() == MORE_GLYPHS.keys()
    for word in ("pass", "fail", "running", "held", "confirmed"):
        assert Symbols(ascii_only=True).state(word)[0].isascii()
