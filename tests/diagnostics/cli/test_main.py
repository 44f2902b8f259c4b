"""The command line: one line of error for bad input, its exit code, and only data on stdout."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.report.formats import FORMAT_NAMES

ROOT = Path(__file__).parents[3]
CLI = [sys.executable, "-m", "diagnostics.cli"]
NOWHERE = "postgresql://app@127.0.0.1:9/db"


WITH_SIGNALS = """
import signal, sys
# A shell that starts tests in the background ignores SIGINT for them.
signal.signal(signal.SIGINT, signal.default_int_handler)
from diagnostics.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
INTERRUPTIBLE = [sys.executable, "-c", WITH_SIGNALS]


def run(
    *arguments: str, text: str | bytes = "", cwd: Path | None = None, **env: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command as a shell would."""
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run(
        [*CLI, *arguments],
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd or ROOT,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def complained(done: "subprocess.CompletedProcess[str]", code: int, *words: str) -> None:
    """Require one line on stderr with the words, nothing on stdout, no traceback, and the exit code."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], ["did you mean check?"]),
        (["check", "conect", "--target", NOWHERE], ["did you mean connect?"]),
        (["check", "--taget", "x"], ["did you mean --target?"]),
        (["check", "--target", "mysql://db/x"], ["unknown scheme"]),
        (["check", "--target", "postgresql://db:port/x"], ["postgresql://host:port"]),
        (["check", "--target", "nowhere"], ["neither a name"]),
        (["check", "--target", NOWHERE, "--deadline", "soon"], ["is not a duration"]),
        (["check", "--target", NOWHERE, "--set", "novalue"], ["KEY=VALUE"]),
        (["check", "--target", NOWHERE, "--output", "x.txt"], ["FILE:FORMAT"]),
        (["check", "--target", NOWHERE, "--output", "/nonexistent/x:json"], ["folder does not exist"]),
        (["check", "--target", NOWHERE, "--force-production"], ["--active"]),
        (["check", "--target", NOWHERE, "--format", "jsn"], ["did you mean json?"]),
        (["check", "--config", "/nonexistent.toml"], ["no such file"]),
        (["check", "--kb", "/nonexistent"], ["is not a folder"]),
        (["check"], ["no target"]),
        (["check", "--target", "lab"], ["not running"]),
        (["verify", "db-deadlok", "--target", NOWHERE], ["did you mean db-deadlock?"]),
        (["explain", "db-deadlok"], ["did you mean db-deadlock?"]),
        (["explain", "ConnectionRefusedErorr"], ["did you mean ConnectionRefusedError?"]),
        (
            ["check", "db-password", "--target", NOWHERE],
            ["db-password: no probe", "did you mean db-password-"],
        ),
        (["explain", "api-token"], ["api-token: no entry", "did you mean api-invalid-token?"]),
        (
            ["check", "secret", "--target", NOWHERE],
            ["secret: no probe, layer, entry or finding has this name"],
        ),
        (["explain", "42P01"], ["42P01: no entry", "it is the SQLSTATE of UndefinedTable"]),
        (["list", "entrys"], ["did you mean entries?"]),
        (["match", "/nonexistent"], ["No such file"]),
        (["match", "/"], ["is a folder"]),
        (["entry", "new", "Bad_Id", "--layer", "database"], ["is not an id"]),
        (["completion", "csh"], ["bash"]),
        (["lab", "break", "connect.refused"], ["not running"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_word_is_one_clear_line(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path, XDG_RUNTIME_DIR=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))

    complained(done, 2, *words)


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "is empty"), (b" \n\n", "is empty"), (b"\x7fELF\x00\x00\x01" * 40, "is binary")],
)
def test_input_without_text_is_refused(data: bytes, word: str) -> None:
    complained(run("match", "-", text=data), 2, word)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.log"
    path.write_text("deadlock detected")
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.unlink()
        path.symlink_to(path)  # root reads everything but a loop

    complained(run("match", str(path)), 2, "secret.log")


def test_text_that_is_no_utf8_is_read_all_the_same() -> None:
    done = run("match", "-", text="Fehler für ".encode("latin-1") + b"ERROR: deadlock detected\n")

    assert done.returncode == 0


def test_utf16_of_a_windows_clipboard_is_read() -> None:
    assert run("match", "-", text="ERROR: deadlock detected\n".encode("utf-16")).returncode == 0


def test_a_huge_input_takes_bounded_memory_and_its_ends_are_read() -> None:
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (700_000_000,) * 2);"
        "from diagnostics.cli.main import main; sys.exit(main(['match', '-']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin
    assert process.stdout
    filler = b"2026-11-22 02:00:00 all is well\n" * 32_768
    for _ in range(1024):
        process.stdin.write(filler)
    process.stdin.write(b"psycopg2.errors.DeadlockDetected: deadlock detected\n")
    process.stdin.close()

    assert process.wait(timeout=120) == 0
    assert b"db-deadlock" in process.stdout.read()
    process.stdout.close()


def test_an_unrelated_text_matches_nothing_and_says_so_with_1() -> None:
    done = run("match", "-", "--format", "json", text="the cat sat on the mat\n")

    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "schema_version": "1",
        "matched": False,
        "matches": [],
        "left_out": [],
        "other_system": None,
        "characters_not_read": 0,
    }


def test_broken_toml_is_named_with_its_line_and_4(tmp_path: Path) -> None:
    (tmp_path / "clearpay-doctor.toml").write_text("[target.a\n")

    complained(run("check", cwd=tmp_path), 4, "clearpay-doctor.toml", "line 1")


def test_an_unknown_key_is_named_with_its_path_and_4(tmp_path: Path) -> None:
    (tmp_path / "clearpay-doctor.toml").write_text(f'[target.a]\ndatbase = "{NOWHERE}"\n')

    complained(run("check", cwd=tmp_path), 4, "target.a.datbase", "did you mean database?")


def test_a_misspelt_field_of_a_record_is_named_with_file_line_and_4(tmp_path: Path) -> None:
    folder = tmp_path / "database" / "db-own"
    folder.mkdir(parents=True)
    (folder / "entry.yaml").write_text("title: Own\nsymtoms: []\n")

    done = run("entry", "lint", "--kb", str(tmp_path))

    assert done.returncode == 4
    assert "entry.yaml:2: symtoms: unknown field; did you mean symptoms?" in done.stderr
    assert "severity: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_that_cannot_be_read_is_undetermined_and_named(tmp_path: Path) -> None:
    with listening(b"R" + (12).to_bytes(4) + (5).to_bytes(4) + b"salt") as port:
        (tmp_path / "clearpay-doctor.toml").write_text(
            f'[target.a]\ndatabase = "postgresql://app@127.0.0.1:{port}/db?sslmode=disable"\n'
            '[target.a.secrets]\ndatabase = { env = "NOT_SET_ANYWHERE" }\n'
        )
        named = ("--config", "clearpay-doctor.toml")
        done = run("check", "login", "--format", "json", *named, cwd=tmp_path)

    results = {one["probe"]: one for one in json.loads(done.stdout)["results"]}
    assert done.returncode == 3
    assert results["login"]["outcome"] == "unknown"
    assert "NOT_SET_ANYWHERE is not set" in results["login"]["reason"]


def test_no_network_is_a_finding_and_no_traceback() -> None:
    done = run("check", "connect", "--target", "postgresql://app@clearpay-db.invalid/db", "--format", "json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["results"][0]["findings"] == [
        {"code": "connect.host_not_found", "level": "fail"}
    ]


def test_the_exit_code_is_the_same_in_every_format() -> None:
    for name in ("human", "json", "ndjson", "markdown"):
        done = run("check", "connect", "--target", NOWHERE, "--format", name)
        assert done.returncode == 1, name
        assert "connect.refused" in done.stdout


def test_stdout_is_one_document_and_the_exit_code_stands_in_it() -> None:
    done = run("check", "--target", NOWHERE, "--format", "json")

    assert json.loads(done.stdout)["exit_code"] == done.returncode == 1


def test_every_line_of_ndjson_is_an_event() -> None:
    done = run("check", "--target", NOWHERE, "--format", "ndjson")
    events = [json.loads(line) for line in done.stdout.splitlines()]

    assert events[0]["event"] == "run_started"
    assert events[-1]["event"] == "run_finished"
    assert events[-1]["exit_code"] == done.returncode
    assert {event["event"] for event in events[1:-1]} >= {"probe_started", "step", "evidence", "finding"}


def test_quiet_prints_nothing_and_keeps_the_code() -> None:
    done = run("check", "--target", NOWHERE, "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_further_formats_are_written_beside(tmp_path: Path) -> None:
    outputs = [f"--output={tmp_path / name}:{name}" for name in ("json", "ndjson", "markdown", "human")]

    run("check", "--target", NOWHERE, *outputs)

    assert json.loads((tmp_path / "json").read_text())["exit_code"] == 1
    assert len((tmp_path / "ndjson").read_text().splitlines()) > 4
    assert (tmp_path / "markdown").read_text().startswith("# clearpay-doctor")
    assert "\x1b" not in (tmp_path / "human").read_text()


def test_a_bare_password_in_a_url_is_shown_nowhere() -> None:
    url = "postgresql://app:hunter2-canary@127.0.0.1:9/db"
    for name in FORMAT_NAMES:
        done = run("check", "--target", url, "--format", name)
        assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["password: hunter2-canary"],
        ["check", "password: hunter2-canary and more"],
        ["check", "--config", "token=hunter2-canary"],
        ["check", "--set", "password: hunter2-canary", "--target", NOWHERE],
        ["check", "--password", "hunter2-canary", "--secret=hunter2-canary"],
        ["explain", "api_key: hunter2-canary"],
        ["entry", "new", "password: hunter2-canary", "--layer", "database"],
    ],
    ids=" ".join,
)
def test_a_secret_among_the_words_of_a_call_is_not_repeated(arguments: list[str]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("sign", ["28P01", "ECONNREFUSED", "CERTIFICATE_VERIFY_FAILED", "53300", "503"])
def test_explain_finds_an_entry_by_a_sign(sign: str) -> None:
    done = run("explain", sign, "--format", "json")

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document.get("symptoms") or document.get("entries")


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{' '.join(CLI)} check --target {NOWHERE} --format ndjson | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_still_writes_the_partial_report(number: int, code: int) -> None:
    with listening(b"") as port:
        process = subprocess.Popen(
            [*INTERRUPTIBLE, "check", "--target", f"postgresql://app@127.0.0.1:{port}/db", "--format=ndjson"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if json.loads(line).get("name") == "tcp" or json.loads(line)["event"] == "step":
                break
        process.send_signal(number)
        rest, complaint = process.communicate(timeout=20)

    last = json.loads(rest.splitlines()[-1])
    assert process.returncode == code
    assert last["event"] == "run_finished"
    assert last["exit_code"] == code
    assert "Traceback" not in complaint


def test_repeated_signals_still_write_the_partial_report() -> None:
    with (
        listening(b"") as port,
        subprocess.Popen(
            [*CLI, "check", "--target", f"postgresql://app@127.0.0.1:{port}/db", "--format=ndjson"],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        ) as process,
    ):
        assert process.stdout
        next(line for line in process.stdout if json.loads(line)["event"] == "step")
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()

    assert process.returncode == 143
    assert json.loads(rest.splitlines()[-1])["exit_code"] == 143


def test_a_signal_between_two_tries_of_verify_writes_the_last_report() -> None:
    process = subprocess.Popen(
        [*CLI, "verify", "db-connection-refused", "--target", NOWHERE, "--wait", "1m", "--format", "ndjson"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "probe_finished":
            break
    process.send_signal(signal.SIGTERM)
    rest, complaint = process.communicate(timeout=20)

    last = json.loads(rest.splitlines()[-1])
    assert process.returncode == 143
    assert (last["event"], last["exit_code"]) == ("run_finished", 143)
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"\x00\xff garbage \x1b[31m" * 20, id="garbage"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="http"),
        pytest.param(b"E\xff\xff\xff\xff" + b"x" * 70_000, id="endless"),
        pytest.param(
            b"E" + (40).to_bytes(4) + b"SFATAL\0C57P03\0M\x1b]0;owned\x07\x1b[31mhi\0\0".ljust(36, b"\0"),
            id="escapes",
        ),
    ],
)
def test_a_hostile_server_ends_in_time_with_clean_output(answer: bytes) -> None:
    with listening(answer) as port:
        url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        done = run("check", "connect", "--target", url, "--deadline", "5s")

    assert done.returncode in {1, 3}
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.stdout + done.stderr) is None
    assert "Traceback" not in done.stderr


def test_one_byte_a_second_does_not_stretch_the_deadline() -> None:
    with listening(b"R\0\0\0\x08\0\0\0\0", pause=0.4) as port:
        url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        done = run("check", "connect", "--target", url, "--deadline", "1s", "--format", "json")

    result = json.loads(done.stdout)["results"][0]
    assert result["ms"] < 2500
    assert result["outcome"] in {"unknown", "fail"}


def test_colour_goes_only_to_terminals_and_no_color_is_obeyed() -> None:
    assert "\x1b" not in run("check", "--target", NOWHERE).stdout
    assert "\x1b" not in run("check", "--target", NOWHERE, NO_COLOR="1").stdout


def test_a_terminal_without_utf8_gets_plain_characters() -> None:
    done = run("check", "--target", NOWHERE, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert done.returncode == 1
    assert "x confirmed" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_verbs(shell: str) -> None:
    done = run("completion", shell)

    assert done.returncode == 0
    assert "diagnose" in done.stdout


def test_the_bash_completion_completes() -> None:
    script = run("completion", "bash").stdout
    asked = {
        "explain db-dead": "db-deadlock",
        "runbook run pay": "payments-failing payments-slow",
        "runbook run x --ans": "--answer",
        "runbook run --quiet payments-s": "payments-slow",
        "runbook run x --resume ": "",
        "entry schema --inc": "--incident",
        "entry l": "lint",
        "list ru": "runbooks runs",
        "check --format js": "json",
        "match --format j": "json",
        "check --config ": "",
        "match --act": "",
    }
    calls = [
        f"COMP_WORDS=(clearpay-doctor {words}{chr(34) * 2 if words.endswith(' ') else ''}); "
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _clearpay_doctor; echo ${COMPREPLY[@]}"
        for words in asked
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join([script, *calls])], capture_output=True, text=True, check=True
    )

    assert dict(zip(asked, done.stdout.splitlines(), strict=True)) == asked
    assert done.stderr == ""


@contextmanager
def listening(answer: bytes, pause: float = 0.0) -> Iterator[int]:
    """Serve the same answer on every connection without reading, byte by byte if it pauses."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(client: socket.socket) -> None:
        with client:
            pieces = [answer[n : n + 1] for n in range(len(answer))] if pause else [answer]
            for piece in pieces:
                if ended.wait(pause):
                    return
                try:
                    client.sendall(piece)
                except OSError:
                    return
            ended.wait(30)

    def accept() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        ended.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
