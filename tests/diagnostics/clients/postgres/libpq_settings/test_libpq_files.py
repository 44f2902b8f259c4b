"""The password file is read as libpq reads it: mode 0600, first match, wildcards, escapes."""

from pathlib import Path

import pytest

from diagnostics.clients.postgres.libpq_settings.libpq_files import password_for
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings

TEXT = r"""# comment:5432:*:*:no
first:5432:transactions:app_user:one
first:*:*:app_user:two
sl\:ash:*:*:*:a\:b\\c
localhost:*:*:*:local
short:line
*:6000:*:app_user:any:rest is no password
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / ".pgpass"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("host", "port", "database", "expected"),
    [
        ("first", 5432, "transactions", "one"),
        ("first", 5433, "transactions", "two"),
        ("sl:ash", 1, "x", r"a:b\c"),
        ("second", 6000, "x", "any"),
        ("second", 6001, "x", ""),
    ],
)
def test_the_first_line_that_matches_counts(
    file: Path, host: str, port: int, database: str, expected: str
) -> None:
    assert password_for(file, host, port, database, "app_user").value == expected


def test_a_file_that_others_may_read_is_ignored_and_says_so(file: Path) -> None:
    file.chmod(0o640)

    setting = password_for(file, "first", 5432, "transactions", "app_user")

    assert setting.value == ""
    assert "0600" in setting.source


def test_a_folder_is_no_password_file(tmp_path: Path) -> None:
    assert "not a regular file" in password_for(tmp_path, "h", 1, "d", "u").source


def test_each_host_has_its_own_password(file: Path) -> None:
    settings = connection_settings(
        "postgresql://app_user@first:5432,second:6000/transactions", {"HOME": str(file.parent)}
    )

    assert [host.password.value for host in settings.hosts] == ["one", "any"]
    assert settings.hosts[0].password.source == f"password file {file}"


def test_the_default_socket_folder_is_listed_as_localhost(file: Path) -> None:
    settings = connection_settings("postgresql:///x?user=u", {"PGPASSFILE": str(file)})

    assert settings.hosts[0].password.value == "local"


def test_a_password_in_the_environment_wins_over_the_file(file: Path) -> None:
    environment = {"HOME": str(file.parent), "PGPASSWORD": "env"}

    settings = connection_settings("postgresql://app_user@first/transactions", environment)

    assert settings.hosts[0].password.value == "env"
    assert settings.hosts[0].password.source == "environment variable PGPASSWORD"
