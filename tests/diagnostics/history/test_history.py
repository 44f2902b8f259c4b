"""History: files of runs, reading them back, and files that this tool did not write."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.engine.events import Event, Evidence, Finished, Key, Started
from diagnostics.history.export import FILE, exported
from diagnostics.history.folder import MAX_RUNS, path_of, runs_folder
from diagnostics.history.listing import list_runs, load_run, summary, summary_line
from diagnostics.history.reader import MAX_BYTES, UnreadableRun, read_run
from diagnostics.history.writer import RunFile
from diagnostics.probes import PROBES
from diagnostics.report.formats import FORMATS
from diagnostics.report.formats.ndjson import end_line, event_line, start_line
from diagnostics.report.model import Report, fold
from diagnostics.run.examination import Examination, examine, new_report
from diagnostics.run.selection import tasks
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.cli.test_main import NOWHERE
from tests.diagnostics.report.formats.test_formats import EVENTS, KEY, REPORT
from tests.support.proof import CATALOGUE

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test an empty history."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    yield runs_folder()
    shutil.rmtree(runs_folder(), ignore_errors=True)


def numbered(number: int) -> Report:
    return replace(REPORT, run_id=f"20260101T000000Z-{number:06x}")


def kept(report: Report, events: tuple[Event, ...] = EVENTS, *, ends: bool = True) -> Path:
    """Record a run with `RunFile` and return its file."""
    file = RunFile.begin(report)
    for event in events:
        file.observe(event)
    closed = file.finish(report) if ends else file.close(report)
    assert closed == report
    return path_of(runs_folder(), report.run_id)


def written(report: Report, *lines: str | bytes) -> Path:
    """Write a file of a run without `RunFile`."""
    runs_folder().mkdir(parents=True, exist_ok=True)
    path = path_of(runs_folder(), report.run_id)
    path.write_bytes(b"".join(line.encode() if isinstance(line, str) else line for line in lines))
    return path


def test_a_run_comes_back_as_it_was() -> None:
    report = numbered(1)

    run = read_run(kept(report))

    assert run.state == "finished"
    assert run.report == report
    assert run.events == EVENTS
    assert run.seconds == 0.2


def test_the_folder_and_its_files_are_closed_to_others(folder: Path) -> None:
    path = kept(numbered(1))
    folder.chmod(0o755)
    kept(numbered(2))

    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_without_a_data_folder_runs_lie_in_the_home(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", value)
    monkeypatch.setenv("HOME", "/home/someone")

    assert runs_folder() == Path("/home/someone/.local/share/clearpay-doctor/runs")


def test_no_history_is_an_empty_list_and_looking_makes_none(folder: Path) -> None:
    listing = list_runs()

    assert (listing.runs, listing.notes) == ((), ())
    assert not folder.exists()


def test_the_newest_runs_stay_and_what_is_no_run_is_never_removed(folder: Path) -> None:
    kept(numbered(0))
    strange = folder / "notes.txt"
    strange.write_text("mine")
    directory = path_of(folder, "20200101T000000Z-000000")
    directory.mkdir()
    for number in range(1, MAX_RUNS + 3):
        written(numbered(number), start_line(numbered(number)))
    newest = numbered(MAX_RUNS + 3)
    kept(newest)

    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    assert len(names) == MAX_RUNS + 1
    assert strange.exists()
    assert directory.exists()
    assert names[0] == path_of(folder, numbered(4).run_id).name
    assert list_runs().runs[0].id == newest.run_id


def test_a_run_of_a_clock_that_was_set_back_is_not_pruned_by_itself(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(MAX_RUNS):
        written(numbered(number), start_line(numbered(number)))
    old = replace(REPORT, run_id="19990101T000000Z-000000")

    kept(old)

    assert load_run(old.run_id).state == "finished"


def test_the_list_says_in_a_line_when_what_and_how_it_ended() -> None:
    kept(numbered(1))
    kept(replace(numbered(2), diagnoses=()), ends=False)

    later, earlier = (summary_line(one) for one in list_runs().runs)

    when = "2026-01-01 00:00"
    assert earlier == f"{when}  prod  fail  db-credential-rotation confirmed  exit code 1  0.2 s"
    assert later == f"{when}  prod  fail  cut short  0.2 s"


def test_the_list_and_the_whole_run_say_the_same() -> None:
    kept(numbered(1))

    (listed,) = list_runs().runs

    assert listed == summary(load_run(listed.id))


def test_a_run_under_way_is_told_from_one_that_was_cut_short() -> None:
    report = numbered(1)
    file = RunFile.begin(report)
    file.observe(EVENTS[0])

    during = load_run(report.run_id)
    file.close(report)
    after = load_run(report.run_id)

    assert (during.state, after.state) == ("running", "cut short")
    assert after.report.results[0].reason == "the run ended before the probe did"
    assert after.report.exit_code == 3
    assert "has not ended" in after.report.notes[-1]
    assert summary(after).exit_code is None


@pytest.mark.parametrize("length", [1, 20, -1])
def test_a_half_written_last_line_is_no_error(length: int) -> None:
    report = numbered(1)
    whole = [start_line(report), *map(event_line, EVENTS[:2])]

    run = read_run(written(report, *whole, event_line(EVENTS[2])[:length]))

    assert run.state == "cut short"
    assert run.events == EVENTS[:2]
    assert len(run.report.notes) == 1


def test_a_probe_that_is_asked_again_is_reported_by_its_last_answer() -> None:
    first = (Event(KEY, 0.0, Started()), Event(KEY, 1.0, Evidence(name="up", value=False)))
    end = (Event(KEY, 1.5, Finished(outcome="fail", ms=1.0)),)
    second = (Event(KEY, 0.0, Started()), Event(KEY, 0.5, Finished(outcome="pass", ms=1.0)))

    run = read_run(kept(numbered(1), (*first, *end, *second)))

    assert run.report.results == fold(second)
    assert len(run.events) == 5
    assert run.seconds == 2.0


def test_lines_of_a_newer_version_are_passed_over() -> None:
    report = numbered(1)
    newer = '{"event": "weather", "rain": true}\n'
    more = event_line(EVENTS[0]).replace('"at"', '"mood": 1, "at"')

    run = read_run(written(report, start_line(report), newer, more, end_line(report)))

    assert run.events == EVENTS[:1]
    assert run.report.notes == ()


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"no json\n",
        b"[]\n",
        b'{"event": 1}\n',
        b'{"event": "step"}\n',
        b'{"event": "round_started"}\n',
        b'{"event": "round_finished", "exit_code": 0}\n',
        b'{"event": "run_finished", "diagnoses": [{"entry": "x", "title": "x", "verdict": "odd"}]}\n',
        b'{"event": "run_finished", "diagnoses": 1}\n',
        b'{"event": "run_finished", "diagnoses": [], "exit_code": "many"}\n',
        b"[" * 100_000 + b"\n",
        event_line(EVENTS[2]).replace('"at": 0.1', '"at": NaN').encode(),
        event_line(EVENTS[2]).replace('"at": 0.1', '"at": true').encode(),
        event_line(EVENTS[4]).replace('"fail"', '"splendid"').encode(),
        event_line(EVENTS[2])
        .replace('"value": "', '"value": {"a": "')
        .replace('", "exp', '"}, "exp')
        .encode(),
        event_line(EVENTS[2]).replace('"expected": "nothing"', '"expected": 1e999').encode(),
    ],
    ids=lambda line: line[:40].decode("latin-1"),
)
def test_a_line_that_no_run_of_ours_says_is_counted_and_left_out(line: bytes) -> None:
    report = numbered(1)

    run = read_run(written(report, start_line(report), line, event_line(EVENTS[0])))

    assert run.events == EVENTS[:1]
    assert "1 line(s) of its file cannot be read" in run.report.notes


def test_what_is_no_run_is_skipped_with_its_reason(folder: Path) -> None:
    kept(numbered(0))
    names = [f"20250101T00000{number}Z-000000" for number in range(6)]
    paths = [path_of(folder, name) for name in names]
    os.mkfifo(paths[0])
    paths[1].symlink_to("/etc/passwd")
    paths[2].mkdir()
    with paths[3].open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)
    written(replace(REPORT, run_id=names[4]), start_line(REPORT).replace('"1"', '"7"'))
    written(replace(REPORT, run_id=names[5]), start_line(REPORT))
    reasons = []
    for path in paths:
        with pytest.raises(UnreadableRun) as caught:
            read_run(path)
        reasons.append(str(caught.value))
    listing = list_runs()

    expected = [
        "is not a regular file",
        "symbolic link",
        "directory",
        "larger than 16 MB",
        "version '7'",
        "is not the id",
    ]
    for reason, word in zip(reasons, expected, strict=True):
        assert word in reason
    assert len(listing.runs) == 1
    assert listing.notes[-1] == "and 1 more"


def test_control_characters_in_a_file_name_are_removed(folder: Path) -> None:
    kept(numbered(0))
    (folder / "\x1b[31mred\n").write_text("x")

    (note,) = list_runs().notes

    assert note == "red : is not a run of clearpay-doctor"


@pytest.mark.parametrize("name", FORMATS)
def test_no_text_of_a_file_acts_on_a_terminal(name: str) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"
    report = replace(
        numbered(1),
        targets=(evil,),
        notes=(evil,),
        tool_version=evil,
        diagnoses=tuple(replace(one, sentence=evil, for_=(evil,), url=evil) for one in REPORT.diagnoses),
    )
    evidence = Event(Key(evil, evil, evil), 0.0, Evidence(name=evil, value=evil, note=evil, ok=False))
    ended = Event(evidence.key, 0.1, Finished(outcome="fail", reason=evil))
    lines = [start_line(report), event_line(evidence), event_line(ended), end_line(report)]

    run = read_run(written(report, *lines))

    assert run.state == "finished"
    assert run.report.notes == ("\ufffd",)
    assert CONTROLS.search(exported(run, name) + summary_line(summary(run)) + exported(run, "ndjson")) is None


@pytest.mark.parametrize("name", FORMATS)
def test_a_kept_run_is_exported_as_its_command_wrote_it(name: str) -> None:
    targets = tuple(
        Target(place, (endpoint(NOWHERE), endpoint("postgresql://b@127.0.0.1:9/x"))) for place in "ab"
    )
    planned = tuple(tasks(targets, list(PROBES), CATALOGUE, active=False, forced=False))
    examination = Examination(catalogue=CATALOGUE, targets=targets, tasks=planned)
    first = new_report(examination)
    file = RunFile.begin(first)
    report = replace(examine(examination, [file.observe]), run_id=first.run_id, started=first.started)
    file.finish(report)

    run = load_run(first.run_id)

    assert run.report == report
    assert exported(run, name) == FORMATS[name](report, FILE)


def test_the_events_of_a_kept_run_are_exported_as_they_were_written() -> None:
    ended, cut = kept(numbered(1)), kept(numbered(2), ends=False)

    assert exported(read_run(ended), "ndjson") == ended.read_text("utf-8")
    assert exported(read_run(cut), "ndjson") == cut.read_text("utf-8")


def test_a_folder_that_cannot_be_made_is_one_note_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/nowhere")
    file = RunFile.begin(REPORT)
    for event in EVENTS:
        file.observe(event)

    report = file.finish(REPORT)

    assert len(report.notes) == 1
    assert "/proc/nowhere" in report.notes[0]
    assert replace(report, notes=()) == REPORT


def test_a_run_s_id_that_is_taken_is_a_note_and_the_other_run_stays() -> None:
    path = kept(numbered(1))
    before = path.read_bytes()

    report = RunFile.begin(numbered(1)).finish(numbered(1))

    assert "File exists" in report.notes[0]
    assert path.read_bytes() == before


def test_a_kept_file_holds_json_lines_only() -> None:
    path = kept(numbered(1))

    names = [json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()]

    assert (names[0], names[-1]) == ("run_started", "run_finished")


@pytest.mark.parametrize("started", ["", "yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00+00:00"])
def test_a_run_that_does_not_say_when_it_began_is_none(started: str) -> None:
    with pytest.raises(UnreadableRun, match="does not begin"):
        read_run(written(numbered(1), start_line(replace(numbered(1), started=started))))
