"""Targets as teams write them, against the lab's PostgreSQL: each way to name a database and its password."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import baseline
from tests.diagnostics.cli.test_main import complained, run

if TYPE_CHECKING:
    from subprocess import CompletedProcess

pytestmark = pytest.mark.lab


def outcomes(done: "CompletedProcess[str]", *probes: str) -> dict[str, str]:
    results = json.loads(done.stdout)["results"]
    found = {result["probe"]: result["outcome"] for result in results}
    return {probe: found[probe] for probe in probes}


def check(folder: Path, text: str, **environment: str) -> "CompletedProcess[str]":
    (folder / "clearpay-doctor.toml").write_text(text, "utf-8")
    words = ("check", "connect", "login", "--format", "json", "--config", "clearpay-doctor.toml")
    return run(*words, text="", cwd=folder, **environment)


def url_of(lab: Lab, scheme: str = "postgresql", password: str = "") -> str:
    """Return the URL of the application's database, with a driver and a password if they are given."""
    place = f"{lab.address.host}:{lab.server.port}/{baseline.DATABASE}"
    userinfo = f"{baseline.APPLICATION}:{quote(password, safe='')}" if password else baseline.APPLICATION
    return f"{scheme}://{userinfo}@{place}"


@pytest.mark.parametrize(
    ("scheme", "query"),
    [
        ("postgresql", "?sslmode=disable"),
        ("postgres", "?target_session_attrs=any&sslmode=disable"),
        ("postgresql+psycopg2", "?sslmode=disable&connect_timeout=5"),
        ("postgresql+psycopg", "?sslmode=prefer"),
        ("postgresql+asyncpg", "?ssl=prefer&prepared_statement_cache_size=0"),
    ],
)
def test_a_database_url_of_the_environment_logs_in(scheme: str, query: str, lab: Lab, tmp_path: Path) -> None:
    url = url_of(lab, scheme, lab.passwords.application) + query

    done = check(tmp_path, '[target.a]\ndatabase = { env = "DATABASE_URL" }\n', DATABASE_URL=url)
    bare = run("check", "connect", "login", "--format", "json", cwd=Path("/"), DATABASE_URL=url)

    for result in (done, bare):
        assert outcomes(result, "connect", "login") == {"connect": "pass", "login": "pass"}
        assert lab.passwords.application not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "secret",
    [
        '"${DB_PASSWORD}"',
        '{ env = "DB_PASSWORD" }',
        '{ command = ["printenv", "DB_PASSWORD"] }',
        '{ command = ["./password"], first_line = true }',
        '{ file = "password.txt" }',
    ],
)
def test_a_password_from_each_place_logs_in(secret: str, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "password").write_text('#!/bin/sh\nprintf "%s\\nuser: app\\n" "$DB_PASSWORD"\n')
    (tmp_path / "password").chmod(0o700)
    (tmp_path / "password.txt").write_text(f"{lab.passwords.application}\n")
    text = f'[target.a]\ndatabase = "{url_of(lab)}?sslmode=disable"\nsecrets.database = {secret}\n'

    done = check(tmp_path, text, DB_PASSWORD=lab.passwords.application)

    assert outcomes(done, "connect", "login") == {"connect": "pass", "login": "pass"}
    assert lab.passwords.application not in done.stdout


def test_the_parts_of_a_url_may_be_variables(lab: Lab, tmp_path: Path) -> None:
    url = url_of(lab).replace(lab.address.host, "${DB_HOST}")
    url = url.replace(f"{baseline.APPLICATION}@", "${DB_USER}:${DB_PASS}@")
    variables = {"DB_HOST": lab.address.host, "DB_USER": baseline.APPLICATION}

    text = f'[target.a]\ndatabase = "{url}"\n'
    done = check(tmp_path, text, DB_PASS=lab.passwords.application, **variables)
    missing = check(tmp_path, text, **variables)

    assert outcomes(done, "login") == {"login": "pass"}
    complained(missing, 4, "target.a.database: environment variable DB_PASS is not set")


def test_a_url_in_the_place_of_the_password_is_no_finding_about_the_server(lab: Lab, tmp_path: Path) -> None:
    text = f'[target.a]\ndatabase = "{url_of(lab)}"\nsecrets.database = {{ env = "DATABASE_URL" }}\n'

    done = check(tmp_path, text, DATABASE_URL=url_of(lab, "postgresql", lab.passwords.application))

    complained(done, 4, "a.secrets.database: environment variable DATABASE_URL is a URL, not a secret")
