"""Target files and `--set` that are hostile or broken: one line with the place, at once, nothing unsafe."""

import os
from pathlib import Path

import pytest

from diagnostics.errors import CannotTell, InvalidTarget
from diagnostics.redaction import Redactor
from diagnostics.targets import target_file
from diagnostics.targets.overrides import with_overrides
from diagnostics.targets.secrets.check import require_secrets
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.target import endpoint
from kb.records.errors import InvalidRecord
from tests.support.deadlines import ends_within

ADDRESS = "http://127.0.0.1:9/v1"
FILES = {
    "a key of many parts": (f"a{'.a' * 200_000} = 1", "not TOML: a key of more than 16 parts (at line 1)"),
    "deep arrays": (f"a = {'[' * 900}{']' * 900}", "not TOML: nested more than 32 levels deep (at line 1)"),
    "a long integer": (
        f"a = {'1' * 5_000}",
        "not TOML: a number or a key of more than 200 characters (at line 1)",
    ),
    "an escape in a name": (
        '[target."\\u001b]0;x"]',
        "target.?]0;x: a control character (U+001B) in the name; remove it",
    ),
    "a direction in a URL": (
        '[target.a]\napi = "http://x/\\u202e"',
        "target.a.api: a character that reverses the direction of text (U+202E); remove it",
    ),
    "a line in a URL": (
        '[target.a]\nsite_url = "http://x/\\n::set-env"',
        "target.a.site_url: a line break or tab (U+000A); remove it",
    ),
    "a line in a path": (
        '[target.a]\nsource.paths = ["a", "b\\nc"]',
        "target.a.source.paths.1: a line break or tab (U+000A); remove it",
    ),
    "an escape in a reference": (
        '[target.a]\nsecrets.database = { env = "A\\u001b" }',
        "target.a.secrets.database.env: a control character (U+001B); remove it",
    ),
    "infinity": (
        "[target.a]\nthresholds.key_days = inf",
        "target.a.thresholds.key_days: not a number between -1000000000 and 1000000000",
    ),
    "a negative timeout": (
        "[target.a]\nthresholds.api_timeout_s = -1",
        "target.a.thresholds.api_timeout_s: must not be negative",
    ),
    "no time at all": (
        "[target.a]\nthresholds.pool_window_s = 0",
        "target.a.thresholds.pool_window_s: must be greater than 0",
    ),
    "a header that is none": (
        '[target.a]\ncontract.key_header = "X: y"',
        "target.a.contract.key_header: not the name of a header; write letters, digits and hyphens",
    ),
    "a path that is none": (
        '[target.a]\ncontract.me_path = "/a b"',
        "target.a.contract.me_path: not a path; write it as /healthz, other characters percent-encoded",
    ),
    "a host that is none": (
        '[target.a]\noperator.database = "postgresql://r@[::1"',
        "target.a.operator.database: postgresql://...: Invalid IPv6 URL; write postgresql://host:port/...",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_one_line_with_the_place_at_once(name: str, tmp_path: Path) -> None:
    text, message = FILES[name]
    path = tmp_path / target_file.FILE_NAME
    path.write_text(text, "utf-8")

    with ends_within(3), pytest.raises(InvalidRecord) as error:
        target_file.read(path)

    assert error.value.problems == (f"{path}: {message}",)


def test_a_pipe_in_the_place_of_the_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / target_file.FILE_NAME
    os.mkfifo(path)

    with ends_within(3), pytest.raises(InvalidRecord, match="is not a regular file; not a target file"):
        target_file.read(path)


def test_texts_that_have_lines_and_secrets_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / target_file.FILE_NAME
    path.write_text(
        "[target.a]\napi = 'http://127.0.0.1:9'\nreport = { memory_mb = 1, sql = '''SELECT\n1''' }\n"
        "commands = { start_database = '''a\nb''' }\nsecrets = { api_key = \"a\\nb\" }\n",
        "utf-8",
    )

    settings = target_file.read(path).settings.target["a"]

    assert settings.report is not None
    assert settings.report.sql == "SELECT\n1"
    assert settings.secrets.api_key == "a\nb"


def test_a_variable_of_the_environment_is_checked_as_the_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE", "http://x/\x1b]0;canary\x07")
    path = tmp_path / target_file.FILE_NAME
    path.write_text('[target.a]\nsite_url = "${SITE}"\n', "utf-8")

    with pytest.raises(InvalidRecord) as error:
        target_file.target_named("a", target_file.read(path))

    assert str(error.value) == f"{path}: target.a.site_url: a control character (U+001B); remove it"


SETS = {
    "thresholds.key_days": "1" * 5_000,
    "contract.proxy": "http://[::1",
    "contract.key_header": "::",
    "webhook.header": "::",
    "service.work": "http://[::1",
    "tls.server_name": "a\x1b[1m",
    "tls.ca_file": "a\u202eb",
    "thresholds.api_timeout_s": "nan",
    "operator.database": "postgresql://[::1",
    "report.sql": "[" * 900,
    "a" + ".a" * 900: "1",
    "a\x1b": "1",
}


@pytest.mark.parametrize("key", SETS)
def test_what_is_set_is_checked_as_the_file_is(key: str) -> None:
    target = target_file.target_named(ADDRESS, target_file.Config())

    with ends_within(3), pytest.raises(InvalidRecord) as error:
        with_overrides(target, {key: SETS[key]})

    assert all(problem.startswith("--set") and "\x1b" not in problem for problem in error.value.problems)


def test_what_is_set_cannot_set_another_key() -> None:
    target = target_file.target_named(ADDRESS, target_file.Config())

    with pytest.raises(InvalidRecord, match="production"):
        with_overrides(target, {"production": "true\nwrites = true"})


@pytest.mark.parametrize(
    "address",
    [
        "[::1:5432",
        "http://[::1",
        "http://h\x1b/",
        "host\x1b:5432",
        "a\u202e",
        "http://a b/",
        "h:०१",
        "x" * 5_000,
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidTarget) as error:
        endpoint(address)

    assert str(error.value).isprintable()


def test_a_home_folder_of_an_unknown_user_is_a_file_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / target_file.FILE_NAME
    path.write_text(
        'kb = ["~no_such_user/kb"]\n[target.a]\nsecrets.api_key = { file = "~no_such_user/key" }\n', "utf-8"
    )
    target = target_file.target_named("a", target_file.read(path))

    require_secrets([target])
    assert target_file.kb_of(path, named=True) == ((f"{tmp_path}/~no_such_user/kb",), "")
    with pytest.raises(CannotTell, match="No such file"):
        SecretStore(target, Redactor()).read(target.settings.secrets.api_key, "secrets.api_key")
