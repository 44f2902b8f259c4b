"""Inputs of a scan: what names stand for, and in which order files are read."""

from pathlib import Path

import pytest

from diagnostics.scan.inputs import Input, in_rotation_order, inputs_of

ROTATIONS = (
    ["app.log.10.gz", "app.log.2.gz", "app.log.1", "app.log"],
    ["app.log-20261127.gz", "app.log-20261128.gz", "app.log-20261129", "app.log"],
    ["app-2026-11-28.log.zst", "app-2026-11-29.log", "app.log"],
    ["a.log.1", "a.log", "b.log.2.xz", "b.log"],
)


@pytest.mark.parametrize("names", ROTATIONS, ids=lambda names: names[0])
def test_a_rotation_is_read_from_its_oldest_file(names: list[str]) -> None:
    shuffled = [Input(name) for name in sorted(names)]
    assert [item.name for item in in_rotation_order(shuffled)] == names


def test_a_folder_stands_for_its_logs_but_not_for_hidden_files_and_code(tmp_path: Path) -> None:
    for name in ("app.log", "host-a/app.log", ".git/x.log", "run.py", "messages"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x\n")
    inputs, missing = inputs_of([str(tmp_path)])
    assert sorted(Path(item.name).relative_to(tmp_path).as_posix() for item in inputs) == [
        "app.log",
        "host-a/app.log",
        "messages",
    ]
    assert missing == []


def test_labels_are_as_short_as_they_can_be_told_apart(tmp_path: Path) -> None:
    for host in ("host-a", "host-b"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "app.log.1").write_text("x\n")
    inputs, _ = inputs_of([str(tmp_path)])
    assert [item.label for item in inputs] == ["host-a/app.log.1", "host-b/app.log.1"]
    assert [item.source for item in inputs] == ["host-a/app", "host-b/app"]


def test_a_glob_a_file_and_what_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    (tmp_path / "b.log").write_text("x\n")
    inputs, missing = inputs_of([str(tmp_path / "*.log"), str(tmp_path / "a.log"), str(tmp_path / "none")])
    assert [Path(item.name).name for item in inputs] == ["a.log", "b.log"]
    assert [part.reason for part in missing] == ["does not exist"]


def test_a_url_is_read_through_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://logs/app.log", "wb") as file:
        file.write(b"x\n")
    inputs, missing = inputs_of(["memory://logs"])
    assert [(item.name, item.size) for item in inputs] == [("memory:///logs/app.log", 2)]
    assert missing == []


def test_credentials_of_a_url_are_in_no_label() -> None:
    _, (missing,) = inputs_of(["nonsense://user:hunter2@host/x"])
    assert "hunter2" not in missing.name
