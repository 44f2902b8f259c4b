"""`--repeat`: intermittent findings, credentials that are not tried twice, signals between rounds."""

import json
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from diagnostics.report.model import Report, Result
from diagnostics.report.worst_round import worst_round
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, NOWHERE, ROOT, complained, run
from tests.diagnostics.clients.postgres.foreign_servers import (
    FakeServer,
    auth_request,
    error,
    fake_server,
    password,
    startup,
)
from tests.diagnostics.report.formats.test_machine_formats import CONNECT, EMPTY, result

QUICK = ("--every", "10ms")


def url(port: int) -> str:
    return f"postgresql://app:correct-horse@127.0.0.1:{port}/db?sslmode=disable"


def in_rounds(number: int, target: str, *probes: str) -> dict[str, Any]:
    """Return the JSON report of this number of rounds."""
    done = run("check", *probes, "--target", target, "--repeat", str(number), *QUICK, "--format", "json")
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode
    return report


class ClosesAfterOne(FakeServer):
    """A server that answers the first connection as PostgreSQL does and then stops listening."""

    def __init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, client: socket.socket) -> None:
        startup(client)
        self.refuse()
        client.sendall(auth_request(3))


def test_intermittent_findings_are_reported_by_round() -> None:
    with ClosesAfterOne() as server:
        report = in_rounds(3, url(server.port), "connect")

    assert [(one["round"], one["outcome"], one["exit_code"]) for one in report["rounds"]] == [
        (1, "pass", 0),
        (2, "fail", 1),
        (3, "fail", 1),
    ]
    assert [one["results"][0]["findings"] for one in report["rounds"]] == [
        [],
        ["connect.refused"],
        ["connect.refused"],
    ]
    assert report["exit_code"] == 1
    assert report["results"][0]["outcome"] == "fail"
    assert [one["verdict"] for one in report["diagnoses"]] == ["confirmed"]


def test_the_human_report_has_a_line_per_round_and_the_changes() -> None:
    with ClosesAfterOne() as server:
        done = run("check", "connect", "--target", url(server.port), "--repeat", "2", *QUICK)

    lines = [line.strip() for line in done.stdout.splitlines()]
    assert [line.split()[0] for line in lines if "UTC" in line] == ["1", "2"]
    assert "connect.refused: in 1 of 2 rounds" in lines
    assert "pass in 1, fail in 1" in " ".join(lines)


def test_the_markdown_report_has_the_rounds_as_a_table() -> None:
    with ClosesAfterOne() as server:
        done = run(
            "check", "connect", "--target", url(server.port), "--repeat", "2", *QUICK, "--format", "markdown"
        )

    page = Markdown(extensions=["tables"]).convert(done.stdout)
    cells = re.findall(r"<td>(.*?)</td>", page.partition("Rounds")[2])
    assert [cells[0], cells[2], cells[3]] == ["1", "pass", ""]
    assert [cells[4], *cells[6:]] == ["2", "fail", "connect.refused"]
    assert "connect.refused: in 1 of 2 rounds" in page


def test_a_rejected_credential_is_tried_in_the_first_round_and_never_again() -> None:
    passwords: list[bytes] = []

    def reject(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        passwords.append(password(client))
        client.sendall(error("28P01", "no", routine="auth_failed"))

    with fake_server(reject) as port:
        report = in_rounds(3, url(port), "login")

    outcomes = [
        one["outcome"] for round_ in report["rounds"] for one in round_["results"] if one["probe"] == "login"
    ]
    assert passwords == [b"correct-horse"]
    assert outcomes == ["fail", "unknown", "unknown"]


def test_every_event_names_its_round() -> None:
    done = run("check", "connect", "--target", NOWHERE, "--repeat", "2", *QUICK, "--format", "ndjson")
    events = [json.loads(line) for line in done.stdout.splitlines()]

    assert [one["event"] for one in (events[0], events[-1])] == ["run_started", "run_finished"]
    assert [one["round"] for one in events if one["event"] == "round_started"] == [1, 2]
    assert [one["round"] for one in events if one["event"] == "finding"] == [1, 2]
    assert [one["exit_code"] for one in events if one["event"] == "round_finished"] == [1, 1]
    assert all("round" in one for one in events[1:-1])


def test_one_command_has_one_id_in_everything_that_it_writes(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run(
        "check", "connect", "--target", NOWHERE, "--repeat", "2", *QUICK,
        "--format", "ndjson", "--output", f"{file}:json",
    )  # fmt: skip

    assert json.loads(file.read_text())["run_id"] == json.loads(done.stdout.splitlines()[0])["run_id"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_between_two_rounds_writes_what_there_was(tmp_path: Path, number: int, code: int) -> None:
    file = tmp_path / "report.json"
    process = subprocess.Popen(
        [*INTERRUPTIBLE, "check", "connect", "--target", NOWHERE, "--repeat", "2", "--every", "1m",
         "--format", "ndjson", "--output", f"{file}:json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "round_finished":
            break
    process.send_signal(number)
    rest, complaint = process.communicate(timeout=20)

    report = json.loads(file.read_text())
    assert (process.returncode, report["exit_code"]) == (code, code)
    assert [(one["round"], one["outcome"]) for one in report["rounds"]] == [(1, "fail")]
    assert json.loads(rest.splitlines()[-1])["event"] == "run_finished"
    assert complaint == ""


def test_a_signal_within_a_round_keeps_the_rounds_before_it(tmp_path: Path) -> None:
    file, second, ended = tmp_path / "report.json", threading.Event(), threading.Event()

    def answer_once(client: socket.socket) -> None:
        startup(client)
        if server.connections > 1:
            second.set()
            ended.wait(30)
        client.sendall(auth_request(3))

    with FakeServer(answer_once) as server:
        process = subprocess.Popen(
            [*INTERRUPTIBLE, "check", "connect", "--target", url(server.port), "--repeat", "3", *QUICK,
             "--quiet", "--output", f"{file}:json"],
            cwd=ROOT,
        )  # fmt: skip
        assert second.wait(20)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        ended.set()

    report = json.loads(file.read_text())
    assert report["exit_code"] == 130
    assert [(one["round"], one["outcome"]) for one in report["rounds"]] == [(1, "pass"), (2, "unknown")]
    assert report["results"][0]["reason"] == "interrupted"


def reported(code: int, *results: Result) -> Report:
    return Report(tool_version="1", run_id="x", started="then", results=results, exit_code=code)


def test_a_finding_outweighs_an_open_question_and_two_findings_one() -> None:
    healthy, unknown = reported(0, result("connect", "pass")), reported(3, result("connect", "unknown"))
    one, two = reported(1, CONNECT), reported(1, CONNECT, CONNECT)

    assert worst_round(EMPTY, [unknown, healthy]).exit_code == 3
    assert worst_round(EMPTY, [one, unknown]).results == one.results
    assert worst_round(EMPTY, [one, two, healthy]).results == two.results


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5", "1000"])
def test_an_invalid_number_of_rounds_is_refused(number: str) -> None:
    complained(run("check", "--target", NOWHERE, f"--repeat={number}"), 2, "not a number of rounds")


def test_every_without_repeat_is_refused() -> None:
    complained(run("check", "--target", NOWHERE, "--every", "10s"), 2, "--repeat")
