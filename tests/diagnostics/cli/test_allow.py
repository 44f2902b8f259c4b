"""`allow`, and commands on a target file that was found: nothing secret leaves before consent."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.targets.target_file import FILE_NAME
from tests.diagnostics.cli.test_main import complained, run
from tests.diagnostics.clients.postgres.foreign_servers import (
    auth_request,
    error,
    fake_server,
    password,
    startup,
)
from tests.diagnostics.probes.api_doubles import playing
from tests.tui.terminal import Terminal

TEXT = """
[target.a]
production = false
database = "postgresql://app@127.0.0.1:{port}/tx?sslmode=disable"
[target.a.secrets]
{secrets}
"""


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@contextmanager
def greedy(passwords: list[bytes]) -> Iterator[int]:
    """Serve a PostgreSQL that asks for the password in the clear, keeps it and refuses the login."""

    def behave(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        passwords.append(password(client))
        client.sendall(error("28P01", "no"))

    with fake_server(behave) as port:
        yield port


@pytest.mark.parametrize(
    ("secrets", "environment"),
    [
        ('database = {{ env = "SECRET" }}', {"SECRET": "hunter2-canary"}),
        ('database = "hunter2-canary"', {}),
        ("", {"PGPASSWORD": "hunter2-canary"}),
    ],
    ids=["reference", "literal", "of libpq"],
)
def test_a_password_is_sent_after_consent_and_not_before(
    secrets: str, environment: dict[str, str], tmp_path: Path
) -> None:
    passwords: list[bytes] = []
    check = ("check", "connect", "login", "--format", "json")
    with greedy(passwords) as port:
        (tmp_path / FILE_NAME).write_text(TEXT.format(port=port, secrets=secrets.format()), "utf-8")
        before = run(*check, cwd=tmp_path, **environment)
        sent_before = list(passwords)
        allowed = run("allow", cwd=tmp_path)
        after = run(*check, cwd=tmp_path, **environment)

    report = json.loads(before.stdout)
    outcomes = {result["probe"]: (result["outcome"], result["reason"]) for result in report["results"]}
    file = tmp_path / FILE_NAME
    hint = f"clearpay-doctor allow {file}"
    assert (before.returncode, sent_before) == (3, [])
    assert outcomes["connect"][0] == "pass"
    assert outcomes["login"][0] == "unknown"
    assert hint in outcomes["login"][1]
    assert [hint in note for note in report["notes"]].count(True) == 1
    assert before.stderr.startswith(f"clearpay-doctor: {file} was found, and you did not allow it")
    assert (allowed.returncode, allowed.stdout.splitlines()[0]) == (0, f"allowed as it is now: {file}")
    assert set(passwords) == {b"hunter2-canary"}
    assert (after.returncode, after.stderr) == (1, "")
    assert json.loads(after.stdout)["target_file"] == report["target_file"] == str(file)


def test_a_key_of_the_api_is_not_sent_before_consent(tmp_path: Path) -> None:
    with playing() as api:
        (tmp_path / FILE_NAME).write_text(
            f'[target.a]\napi = "{api.url}"\n[target.a.secrets]\napi_key = "hunter2-canary"\ntoken = "x.y"\n'
        )
        done = run("check", "api", "--format", "json", cwd=tmp_path)
        headers = str(api.asked)

    outcomes = {result["probe"]: result["outcome"] for result in json.loads(done.stdout)["results"]}
    assert (outcomes["reach"], outcomes["key"], outcomes["token"]) == ("pass", "unknown", "unknown")
    assert "hunter2" not in headers


def test_allow_says_what_the_file_may_do_and_lists_and_revokes(tmp_path: Path) -> None:
    text = TEXT.format(port=9, secrets='database = { env = "DB_PASSWORD" }\ntoken = "hunter2-canary"')
    file = tmp_path / FILE_NAME
    file.write_text(text, "utf-8")

    allowed = run("allow", FILE_NAME, cwd=tmp_path)
    listed = run("allow", "--list")
    file.write_text(text + "# changed\n", "utf-8")
    changed = json.loads(run("allow", "--list", "--format", "json").stdout)
    revoked = run("allow", "--revoke", str(file))
    empty = run("allow", "--list")

    assert allowed.stdout.splitlines() == [
        f"allowed as it is now: {file}",
        "  a: contacts postgresql://app@127.0.0.1:9/tx",
        "  a: reads secrets.database: environment variable DB_PASSWORD",
        "  a: has secrets.token in the file",
    ]
    assert listed.stdout == f"allowed  {file}\n"
    assert [(item["path"], item["state"]) for item in changed["allowed"]] == [(str(file), "changed")]
    assert revoked.stdout == f"no longer allowed: {file}\n"
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "no file is allowed\n")


def test_a_file_that_is_invalid_or_missing_is_not_allowed(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[target.a]\ndatbase = "x"\n')

    complained(run("allow", cwd=tmp_path), 4, "target.a.datbase", "did you mean database?")
    complained(run("allow", "missing.toml", cwd=tmp_path), 2, "missing.toml: no such file")
    complained(run("allow", cwd=Path("/")), 2, "no clearpay-doctor.toml here or above")


def test_a_terminal_names_the_file_in_use(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(TEXT.format(port=9, secrets=""), "utf-8")
    words = ("check", "connect", "--config", str(tmp_path / FILE_NAME))

    with Terminal(*words, environment={"HOME": str(tmp_path)}) as human:
        human.ended()
    with Terminal(*words, "--format", "json", environment={"HOME": str(tmp_path)}) as data:
        data.ended()
    piped = run(*words, "--format", "json")

    assert f"file    {tmp_path / FILE_NAME}" in human.text.replace("\n", "")
    assert "target file:" not in human.text
    assert f"target file: {tmp_path / FILE_NAME}" in data.text.replace("\n", "")
    assert piped.stderr == ""
