"""The command `scan` as a shell runs it: inputs, formats, exit codes, and answers of other commands by it."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from diagnostics.scan.formats.schema import scan_schema
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, ROOT, complained, run
from tests.tools import incident_logs

KNOWN = '2026-11-29T12:{:02d}:07Z ERROR FATAL:  password authentication failed for user "app"\n'
QUIET = "2026-11-29T12:00:00Z INFO payment booked\n"
SECRET = "hunter2-and-more"
TIME_READ = re.compile(r", read in [\d.]+ m?s")


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an hour of logs of five services."""
    folder = tmp_path_factory.mktemp("trial") / "logs"
    incident_logs.write(incident_logs.generate(8), folder)
    return folder


def document(*arguments: str, text: str = "") -> dict[str, object]:
    done = run("scan", *arguments, "--format", "json", text=text)
    data: dict[str, object] = json.loads(done.stdout)
    assert data["exit_code"] == done.returncode
    Draft202012Validator(scan_schema()).validate(data)
    return data


def test_the_trial_tells_what_broke_first_when_where_and_what_followed(hour: Path) -> None:
    truth = incident_logs.generate(8).truth
    data = document(str(hour))
    incidents = data["incidents"]
    assert isinstance(incidents, list)
    assert len(incidents) == len(truth) == 3
    for incident, real in zip(incidents, truth, strict=True):
        known = [step for step in incident["steps"] if step["entry"]]
        assert known[0]["entry"] == real["root"]
        assert known[0]["start"] == real["start"]
        assert known[0]["first"]["file"].startswith(real["service"])
        assert set(real["followed_by"]) == {step["entry"] for step in known[1:]}
        assert "cache is off" not in json.dumps(incident)
        assert "thumbnail" not in json.dumps(incident)


def test_the_human_report_fits_the_screen(hour: Path) -> None:
    done = run("scan", str(hour), COLUMNS="80")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert max(map(len, lines)) <= 100
    assert len(lines) < 40
    assert next(line for line in lines if "first:" in line).split()[1] == "db-server-full"


def test_the_page_shows_the_real_report(hour: Path) -> None:
    page = (ROOT / "site_docs" / "pages" / "logs.md").read_text("utf-8")
    (shown,) = re.findall(r"\$ clearpay-doctor scan logs\n(.*?)```", page, re.DOTALL)
    printed = run("scan", str(hour), COLUMNS="80").stdout

    assert TIME_READ.sub("", shown) == TIME_READ.sub("", printed)


def test_published_schema_is_the_current_one() -> None:
    published = json.loads((ROOT / "diagnostics" / "scan" / "scan.schema.json").read_text("utf-8"))
    assert published == scan_schema()


def test_html_is_one_file_without_references_and_with_everything_escaped(tmp_path: Path) -> None:
    path = tmp_path / "<script>alert(1).log"
    path.write_text(KNOWN.format(1) + "2026-11-29T12:02:00Z ERROR <img src=x onerror=alert(2)> broke\n")
    page = run("scan", str(path), "--format", "html", "--mark", "<b>=2026-11-29T12:01:00Z").stdout
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert "viewport" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "&lt;img src=" in page


def test_markdown_escapes_what_the_logs_say(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(KNOWN.format(1) + "2026-11-29T12:01:30Z ERROR a | b <script> `c`\n")
    text = run("scan", str(path), "--format", "markdown").stdout
    assert "# Scan of logs" in text
    assert "<script>" not in text


def test_ndjson_has_a_type_on_each_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(KNOWN.format(1))
    types = [
        json.loads(line)["type"] for line in run("scan", str(path), "--format", "ndjson").stdout.splitlines()
    ]
    assert types == ["input", "incident", "entry", "scan"]


@pytest.mark.parametrize("form", ["human", "json", "ndjson", "markdown", "html"])
def test_no_format_shows_a_secret(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    known = KNOWN.format(1).rstrip() + f" postgresql://app:{SECRET}@db/x\n"
    path.write_text(known + f"2026-11-29T12:03:00Z ERROR cannot reach postgresql://app:{SECRET}@db/x\n")
    done = run("scan", str(path), "--format", form)
    assert SECRET not in done.stdout + done.stderr


def test_exit_codes(tmp_path: Path) -> None:
    quiet, damaged = tmp_path / "quiet.log", tmp_path / "damaged.log.gz"
    quiet.write_text(QUIET)
    damaged.write_bytes(gzip.compress(QUIET.encode() * 9_000)[:-9])
    assert run("scan", "-", text=KNOWN.format(1)).returncode == 0
    assert run("scan", str(quiet)).returncode == 1
    assert run("scan", str(quiet), str(damaged)).returncode == 3
    complained(run("scan", str(tmp_path / "absent")), 2, "absent", "does not exist")
    (tmp_path / "binary.log").write_bytes(bytes(9_000))
    assert run("scan", str(tmp_path / "binary.log")).returncode == 2


def test_a_time_window_leaves_out_what_is_outside(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(KNOWN.format(minute) for minute in range(10)))
    data = document(str(path), "--since", "2026-11-29T12:03:00Z", "--until", "2026-11-29T14:05:00+02:00")
    entries = data["entries"]
    assert isinstance(entries, list)
    assert entries[0]["lines"]["count"] == 2


def test_times_without_a_zone_are_those_of_the_option(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text('2026-11-29 12:00:07 ERROR FATAL:  password authentication failed for user "app"\n')
    assert document(str(path))["start"] == "2026-11-29T12:00:07.000+00:00"
    assert document(str(path), "--timezone", "Europe/Berlin")["start"] == "2026-11-29T12:00:07.000+01:00"
    complained(run("scan", str(path), "--timezone", "Mars"), 2, "--timezone", "Europe/Berlin")
    complained(run("scan", str(path), "--since", "soon"), 2, "--since", "2h")
    complained(run("scan", str(path), "--mark", "v42"), 2, "--mark", "LABEL=TIME")


def test_a_line_without_a_time_takes_the_time_before(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(QUIET + '\nFATAL:  password authentication failed for user "app"\n')
    data = document(str(path))
    assert data["entries"][0]["lines"]["first"]["time"] == "2026-11-29T12:00:00.000+00:00"  # type: ignore[index]


def test_markers_stand_with_the_incident(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(KNOWN.format(10))
    done = run("scan", str(path), "--mark", "v42=2026-11-29T12:08:00Z", "--mark", "old=2026-11-29T10:00Z")
    assert "marker v42 2 min 7 s before it" in done.stdout
    assert "old" not in done.stdout


def test_logs_of_a_target_are_found_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.log").write_text(KNOWN.format(1))
    config = tmp_path / "clearpay-doctor.toml"
    config.write_text(
        '[target.prod]\ndatabase = "postgresql://app@db.example/x"\n[target.prod.logs]\npaths = ["logs"]\n'
    )
    done = run("scan", "--target", "prod", "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert "db-password-rejected" in done.stdout


def test_an_interrupted_scan_says_what_it_did_not_read() -> None:
    """Standard input that does not end is interrupted."""
    process = subprocess.Popen(
        [*INTERRUPTIBLE, "scan", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write((KNOWN.format(1) + QUIET * 400_000).encode())
    process.stdin.flush()
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"db-password-rejected" in out
    assert b"the scan was interrupted" in out


def test_match_and_diagnose_answer_large_texts_by_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    path.write_text(QUIET * 20_000 + KNOWN.format(1) + QUIET * 20_000)
    done = run("match", str(path))
    assert done.returncode == 0
    assert "db-password-rejected" in done.stdout
    assert f"clearpay-doctor scan {path}" in done.stderr
    diagnosed = run("diagnose", str(path), "--target", "postgresql://app@127.0.0.1:1/x", "--plan")
    assert "login" in diagnosed.stdout


def test_a_pipe_over_a_megabyte_is_read_to_its_end_by_a_scan() -> None:
    text = QUIET * 60_000 + KNOWN.format(1) + QUIET * 60_000
    done = run("match", "-", text=text)

    assert done.returncode == 0
    assert "db-password-rejected" in done.stdout
    assert "more than 1 MB: answered by a scan" in done.stderr
    assert "clearpay-doctor scan -" in done.stderr


def test_a_pipe_of_a_megabyte_or_less_is_matched_as_a_whole() -> None:
    done = run("match", "-", text=QUIET * 1_000 + KNOWN.format(1))

    assert done.returncode == 0
    assert "db-password-rejected" in done.stdout
    assert done.stderr == ""


def test_a_scan_of_a_pipe_that_stays_open_ends_at_its_deadline() -> None:
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "diagnostics.cli", "scan", "-", "--deadline", "2s"]
    process = subprocess.Popen(
        command, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    os.write(writer, KNOWN.format(1).encode())
    began = time.monotonic()
    try:
        out, _ = process.communicate(timeout=60)
    finally:
        os.close(reader)
        os.close(writer)

    assert 1 < time.monotonic() - began < 12
    assert b"db-password-rejected" in out
    assert b"the deadline passed" in out


def test_queries_are_printed_for_named_entries_only() -> None:
    done = run("scan", "--query", "loki", "db-deadlock")
    assert done.returncode == 0
    assert done.stdout.count("|~") == 1
    complained(run("scan", "--query", "loki", "db-deadlok"), 2, "db-deadlok", "db-deadlock")
    data = json.loads(run("scan", "--query", "clickhouse", "--format", "json").stdout)
    assert data["engine"] == "clickhouse"
    assert len(data["queries"]) > 30


def test_scan_loads_no_library_of_a_cluster_or_of_validation() -> None:
    code = (
        "import sys; from diagnostics.cli.main import main; main(['scan', '-']); "
        "print([name for name in ('dask', 'fsspec', 'pydantic', 'psycopg2', 'requests', 'textual') "
        "if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=QUIET, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr.strip() == "[]"
