"""Environment variables in a target file: where they are read, and what is said where they are not set."""

from pathlib import Path

import pytest

from diagnostics.targets import overrides, target_file, validation
from diagnostics.targets.environment import secret_keys, url_keys
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import Target
from diagnostics.targets.validation import DATABASES, WEB
from kb.records.errors import InvalidRecord

URL = "postgresql+psycopg2://app_user:hunter2-canary@db.internal:5432/transactions"


def read(folder: Path, text: str) -> target_file.Config:
    path = folder / target_file.FILE_NAME
    path.write_text(text, "utf-8")
    return target_file.read(path)


def target(folder: Path, table: str) -> Target:
    return target_file.target_named("a", read(folder, f"[target.a]\n{table}\n"))


def problems(folder: Path, table: str) -> list[str]:
    with pytest.raises(InvalidRecord) as raised:
        target(folder, table)
    return list(raised.value.problems)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.setenv("PASSWORD", "hunter2-canary")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("MISSING", raising=False)


def test_a_url_is_read_from_the_environment(tmp_path: Path) -> None:
    found = target(
        tmp_path, 'database = { env = "DATABASE_URL" }\napi = "https://${REGION}.clearpay.example/v1"'
    )

    assert found.settings.database == URL
    assert [point.name for point in found.endpoints] == [
        "https://eu.clearpay.example/v1",
        "postgresql+psycopg2://app_user@db.internal:5432/transactions",
    ]
    assert found.variables == {"database": "DATABASE_URL", "api": "REGION"}


def test_every_url_of_a_target_takes_a_reference(tmp_path: Path) -> None:
    assert url_keys() == {*DATABASES, *WEB, "site_url"}
    table = """
monitor = { env = "DATABASE_URL" }
pooler.admin = { env = "DATABASE_URL" }
operator.database = { env = "DATABASE_URL" }
operator.pooler = { env = "DATABASE_URL" }
api = { env = "WEB" }
site_url = { env = "WEB" }
contract.proxy = { env = "WEB" }
webhook.url = { env = "WEB" }
service.health = { env = "WEB" }
service.work = { env = "WEB" }
database = { env = "DATABASE_URL" }
"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB", "https://api.clearpay.example")
        assert set(target(tmp_path, table).variables) == url_keys()


def test_texts_in_lists_and_tables_are_expanded_but_not_those_for_a_shell(tmp_path: Path) -> None:
    table = """
source.paths = ["src/${REGION}", "lib"]
tls.ca_file = "$${REGION}.pem"
commands.restart_application = "kubectl rollout restart deployment/${APP}"
report = { memory_mb = 1, sql = "SELECT '${APP}'" }
"""
    settings = target(tmp_path, table).settings

    assert settings.source is not None
    assert settings.source.paths == ("src/eu", "lib")
    assert settings.tls.ca_file == "${REGION}.pem"
    assert settings.commands.restart_application.endswith("${APP}")
    assert settings.report is not None
    assert settings.report.sql == "SELECT '${APP}'"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('database = { env = "MISSING" }', "database: environment variable MISSING is not set"),
        ('database = { env = "EMPTY" }', "database: environment variable EMPTY is empty"),
        ('api = "https://${MISSING}/v1"', "api: environment variable MISSING is not set"),
        ('source.paths = ["${MISSING}"]', "source.paths: environment variable MISSING is not set"),
        ('database = { file = "url" }', 'database: a URL is a text or { env = "NAME" }'),
        ('database = "${MISSING:-x}"', "database: 'MISSING:-x' is not the name of an environment variable"),
    ],
)
def test_a_variable_that_cannot_be_read_is_one_line_with_file_and_key(
    table: str, problem: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, table) == [f"{tmp_path / target_file.FILE_NAME}: target.a.{problem}"]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('database = { env = "PASSWORD" }', "database: the value of the environment is not such a URL"),
        ('api = { env = "DATABASE_URL" }', "api: the value of the environment is not such a URL"),
        ('thresholds.leak_s = "${PASSWORD}"', "thresholds.leak_s: input should be a valid number"),
        ('platform.database = "${PASSWORD}"', "platform.database: is not one of"),
    ],
)
def test_a_value_of_the_environment_that_is_wrong_is_not_repeated(
    table: str, problem: str, tmp_path: Path
) -> None:
    (line,) = problems(tmp_path, table)

    assert problem in line
    assert "hunter2" not in line


def test_other_targets_of_the_file_can_be_used(tmp_path: Path) -> None:
    config = read(
        tmp_path, '[target.a]\ndatabase = { env = "MISSING" }\n[target.b]\napi = "https://b.example"\n'
    )

    assert list(config.settings.target) == ["a", "b"]
    assert target_file.target_named("b", config).endpoints[0].name == "https://b.example"
    with pytest.raises(InvalidRecord, match="MISSING"):
        target_file.target_named("a", config)


def test_a_secret_of_the_environment_is_a_reference_and_does_not_stand_in_the_file(tmp_path: Path) -> None:
    table = """
database = "postgresql://app:${PASSWORD}@db/x"
secrets.database = "${PASSWORD}"
secrets.token = "a${PASSWORD}"
"""
    found = target(tmp_path, table)

    assert found.settings.secrets.database == SecretRef(env="PASSWORD")
    assert validation.literal_secrets(found) == {
        "secrets.token": "ahunter2-canary",
        "database": "hunter2-canary",
    }
    assert validation.written_secrets(found) == []
    assert {"secrets.database", "rotation.secret", "webhook.secret", "operator.secret"} <= secret_keys()


def test_an_override_may_refer_to_the_environment_too(tmp_path: Path) -> None:
    found = target(tmp_path, 'database = "postgresql://127.0.0.1/x"')

    changed = overrides.with_overrides(
        found, {"database": '{ env = "DATABASE_URL" }', "tls.ca_file": "${REGION}.pem"}
    )

    assert changed.settings.database == URL
    assert changed.settings.tls.ca_file == "eu.pem"
    with pytest.raises(InvalidRecord, match="--set: database: environment variable MISSING is not set"):
        overrides.with_overrides(found, {"database": '{ env = "MISSING" }'})
    with pytest.raises(InvalidRecord, match=r"--set: target\.a\.api: .*wrong kind of address"):
        overrides.with_overrides(found, {"api": "postgresql://db/x"})
