"""Copies that name their destination, and exported files that overwrite nothing."""

from pathlib import Path

import pytest

from tui.services.clipboard import OSC52_MAX_BYTES, copy, write_new_file


def test_a_copy_goes_to_the_terminal_and_says_so() -> None:
    sent: list[str] = []

    sentence = copy("x" * 10, sent.append, {"TERM": "xterm-256color"})

    assert sent == ["x" * 10]
    assert "OSC 52" in sentence


@pytest.mark.parametrize(
    ("length", "terminal"),
    [(OSC52_MAX_BYTES + 1, "xterm"), (10, "linux")],
    ids=["too long", "terminal without OSC 52"],
)
def test_what_the_terminal_would_lose_goes_to_a_file(
    length: int, terminal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    sentence = copy("x" * length, lambda _: None, {"TERM": terminal})

    (file,) = tmp_path.iterdir()
    assert str(file) in sentence
    assert file.read_text("utf-8") == "x" * length


def test_an_export_never_overwrites_a_file_and_is_private(tmp_path: Path) -> None:
    first, second = (write_new_file("text", "r", "md", tmp_path) for _ in range(2))

    assert first != second
    assert first.stat().st_mode & 0o777 == 0o600
