"""A secret that is evidently something else: a problem of the target file, and no finding about a server."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from diagnostics import check
from diagnostics.errors import CannotTell
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.form import form_problem
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import Target
from kb.records.errors import InvalidRecord
from tests.diagnostics.cli.test_main import NOWHERE, complained, run
from tests.support.canaries import HOOK, KEY, PASSWORD, TOKEN

URL = "postgresql+psycopg2://app_user:hunter2-canary@db.internal:5432/transactions"
WRONG = {
    URL: "a URL",
    "https://hooks.example/x": "a URL",
    "jdbc:postgresql://db/tx?user=a": "a URL",
    '{"username": "app", "password": "hunter2-canary"}': "JSON",
    "-----BEGIN PRIVATE KEY-----\nMIGH": "a key or certificate in PEM",
    "DB_PASSWORD=hunter2-canary": "an assignment, NAME=value",
    "export API_KEY=hunter2-canary": "an assignment, NAME=value",
    "host=db user=app password=hunter2-canary": "a connection string",
    "password=hunter2-canary host=db": "a connection string",
}
BROKEN = ["hunter2-canary\nsecond", "hunter2-canary\0", "", " "]
"""Values with findings of their own: `login.no_password`, `key.malformed` and others."""
RIGHT = [
    PASSWORD, TOKEN, KEY, HOOK, "p@ss:w/rd", "monkey=1", "QUJD==", "{x}", "{", "a://", " spaced ", "ключ",
    "=", "://", "Key=Value", "user=app", "MIIB/+==", "$2b$12$abc", "TOKEN", "TOKEN=",
]  # fmt: skip


@pytest.mark.parametrize(("value", "what"), WRONG.items())
def test_what_is_evidently_no_secret_is_named(value: str, what: str) -> None:
    assert form_problem(value) == what


@pytest.mark.parametrize("value", RIGHT)
def test_a_secret_may_look_like_anything_else(value: str) -> None:
    assert form_problem(value) == ""


@pytest.mark.parametrize("value", BROKEN)
def test_a_broken_or_empty_secret_is_left_to_the_probes_that_have_findings_for_it(value: str) -> None:
    assert form_problem(value) == ""


@given(some.text(some.characters(min_codepoint=33, max_codepoint=126, exclude_characters="=:{-"), min_size=1))
def test_a_generated_password_is_a_secret(value: str) -> None:
    assert form_problem(value) == ""


def target_file(folder: Path, secrets: str) -> Path:
    path = folder / "clearpay-doctor.toml"
    path.write_text(f'[target.a]\ndatabase = "{NOWHERE}"\n[target.a.secrets]\n{secrets}\n', "utf-8")
    return path


def test_a_url_of_the_environment_is_one_line_with_the_remedy_and_4(tmp_path: Path) -> None:
    path = target_file(tmp_path, 'database = { env = "DATABASE_URL" }')

    done = run("check", "connect", "login", "--config", str(path), DATABASE_URL=URL)

    complained(
        done,
        4,
        f"{path}: target.a.secrets.database: environment variable DATABASE_URL is a URL, not a secret",
        'write database = { env = "DATABASE_URL" } and leave secrets.database out',
    )
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ('database = { file = "pw" }', "a.secrets.database: file pw is JSON, not a secret"),
        (f'monitor = "{URL}"', "a.secrets.monitor: the value is a URL, not a secret; write it as monitor"),
    ],
)
def test_every_secret_of_a_target_is_checked(secrets: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(json.dumps({"password": "hunter2-canary"}))

    with pytest.raises(InvalidRecord) as raised:
        check("a", "connect", config_file=target_file(tmp_path, secrets))

    assert message in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_what_cannot_be_read_is_left_to_the_probe(tmp_path: Path) -> None:
    path = target_file(tmp_path, 'database = { file = "missing" }\nmonitor = { env = "UNSET_ANYWHERE" }')

    report = check("a", "connect", config_file=path)

    assert [finding.code for result in report.results for finding in result.findings] == ["connect.refused"]


@pytest.mark.parametrize("printed", [URL, '{"password": "hunter2-canary"}'])
def test_what_a_command_prints_is_checked_when_it_is_read(printed: str, tmp_path: Path) -> None:
    store = SecretStore(Target("t", (), folder=tmp_path), Redactor())

    with pytest.raises(CannotTell, match=r"secrets\.database: command printf is .*, not a secret") as raised:
        store.read(SecretRef(command=("printf", "%s", printed)), "secrets.database")

    assert "hunter2" not in str(raised.value)


def test_an_override_is_checked_too() -> None:
    done = run("check", "connect", "--target", NOWHERE, "--set", f"secrets.database={URL}")

    complained(done, 4, "secrets.database: the value is a URL, not a secret")
