"""Regular files within a limit; pipes and devices are refused without waiting for them."""

import os
from pathlib import Path

import pytest

from kb.parsers.malformed import Malformed
from kb.parsers.plain_file import read_plain_file
from tests.support.deadlines import ends_within


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")

    data, status = read_plain_file(tmp_path / "a", 4)

    assert (data, status.st_size) == (b"text", 4)


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")

    with pytest.raises(Malformed, match="is larger than 3 bytes"):
        read_plain_file(tmp_path / "a", 3)


def test_a_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with ends_within(2), pytest.raises(Malformed, match="not a regular file"):
        read_plain_file(tmp_path / "pipe", 3)


def test_a_device_is_refused() -> None:
    with pytest.raises(Malformed, match="not a regular file"):
        read_plain_file(Path("/dev/zero"), 3)
