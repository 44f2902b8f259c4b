"""The runtime folder: private to this user, or refused."""

import os
from pathlib import Path

import pytest

from diagnostics.targets.runtime_folder import (
    UnsafeFolder,
    lab_socket,
    lab_target_file,
    make_runtime_folder,
    runtime_folder,
)


def test_the_folder_lies_below_xdg_runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    folder = make_runtime_folder()

    assert folder == runtime_folder() == tmp_path / "clearpay-doctor"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert lab_socket().parent == lab_target_file().parent == folder


def test_asking_for_the_place_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    assert not lab_target_file().exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "/does/not/exist"])
def test_without_xdg_runtime_dir_the_folder_is_named_after_the_user(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", value)

    assert runtime_folder().name == f"clearpay-doctor-{os.getuid()}"


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "clearpay-doctor").mkdir(mode=0o755)

    with pytest.raises(UnsafeFolder, match="only you can access"):
        lab_target_file()


def test_a_link_in_its_place_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / "clearpay-doctor").symlink_to(elsewhere)

    with pytest.raises(UnsafeFolder):
        make_runtime_folder()
