"""Files of `--output`: checked before the run, replaced atomically, all of them written."""

import json
import os
import stat
from pathlib import Path

import pytest
from junitparser import JUnitXml

from diagnostics.errors import UsageError
from diagnostics.report.output_file import Destination, destinations
from tests.diagnostics.cli.test_main import NOWHERE, complained, run
from tests.diagnostics.clients.postgres.foreign_servers import FakeServer, only_listen


def test_several_formats_are_written_beside_stdout(tmp_path: Path) -> None:
    names = ("human", "json", "ndjson", "markdown", "junit", "prometheus", "nagios")
    outputs = [f"--output={tmp_path / name}:{name}" for name in names]

    done = run("check", "connect", "--target", NOWHERE, "--format", "json", *outputs)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert (tmp_path / "json").read_text() == done.stdout
    assert (tmp_path / "nagios").read_text().startswith("CLEARPAY CRITICAL")
    assert "\x1b" not in (tmp_path / "human").read_text()


@pytest.mark.parametrize(
    "call", [("check", "connect"), ("verify", "db-connection-refused"), ("diagnose", "-")]
)
def test_every_verb_that_probes_writes_them(call: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "doctor.xml"

    run(*call, "--target", NOWHERE, "--output", f"{path}:junit", text="connection refused by the database\n")

    assert {case.name for suite in JUnitXml.fromfile(str(path)) for case in suite} >= {"connect"}


def test_a_colon_in_the_name_belongs_to_the_name(tmp_path: Path) -> None:
    (found,) = destinations([f"{tmp_path}/a:b:json:nagios"])

    assert (found.path.name, found.format) == ("a:b:json", "nagios")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("x.txt", "FILE:FORMAT"),
        (":json", "FILE:FORMAT"),
        ("x:jsn", "did you mean json?"),
        ("x:", "formats are human"),
        ("/nonexistent/x:json", "folder does not exist"),
        ("/:json", "is a folder"),
        ("/proc/self/x:json", "is not writable"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_sent(given: str, words: str) -> None:
    with FakeServer(only_listen) as server:
        done = run(
            "check", "--target", f"postgresql://app@127.0.0.1:{server.port}/db", "--output", given, "-q"
        )

    complained(done, 2, "--output", words)
    assert server.connections == 0


def test_a_file_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named twice"):
        destinations([f"{tmp_path}/x:json", f"{tmp_path}/x:junit"])


def test_a_full_disk_is_said_in_one_line_and_the_others_are_written(tmp_path: Path) -> None:
    good = tmp_path / "report"

    done = run(
        "check", "connect", "--target", NOWHERE, "-q", "--output=/dev/full:json", f"--output={good}:json"
    )

    complained(done, 2, "/dev/full", "No space left")
    assert json.loads(good.read_text())["exit_code"] == 1


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "doctor.prom"
    path.write_text("before")
    with path.open() as reader:
        Destination(path, "prometheus").write("after\n" * 10_000)

        assert reader.read() == "before"
    assert path.read_text() == "after\n" * 10_000
    assert [one.name for one in tmp_path.iterdir()] == ["doctor.prom"]


def test_a_replaced_file_keeps_its_mode_and_a_new_one_has_that_of_the_user(tmp_path: Path) -> None:
    old, new, other = tmp_path / "old", tmp_path / "new", tmp_path / "other"
    old.write_text("")
    old.chmod(0o640)
    other.write_text("")

    Destination(old, "json").write("{}")
    Destination(new, "json").write("{}")

    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == other.stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")

    Destination(tmp_path / "link", "json").write("{}")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "{}"


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    Destination(pipe, "json").write("{}")

    assert os.read(reader, 100) == b"{}"
    os.close(reader)


def test_a_private_file_takes_no_mode_of_the_file_that_it_replaces(tmp_path: Path) -> None:
    old = tmp_path / "incident.md"
    old.write_text("before")
    old.chmod(0o644)

    Destination(old, "markdown", private=True).write("after")

    assert old.read_text() == "after"
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
