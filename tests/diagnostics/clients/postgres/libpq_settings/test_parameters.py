"""The origin of a setting is decided as libpq decides it."""

from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from diagnostics.clients.postgres.libpq_settings.dsn import InvalidSettings
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.lab.lab import Lab


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose home folder has a service file."""
    (tmp_path / ".pg_service.conf").write_text(
        "# ours\n[other]\nhost=wrong\n"
        "[payments]\nhost=from-service\nuser=service_user\ndbname=ledger\n[last]\n"
    )
    return {"HOME": str(tmp_path)}


def test_the_url_wins_over_the_service_the_environment_and_the_default(home: dict[str, str]) -> None:
    environment = home | {
        "PGHOST": "from-env",
        "PGUSER": "env_user",
        "PGPORT": "6432",
        "PGSERVICE": "payments",
    }

    settings = connection_settings("postgresql://url_user@/", environment)

    assert (settings.user, settings.source("user")) == ("url_user", "URL")
    assert settings.hosts[0].host == "from-service"
    assert settings.source("host").startswith("service payments in ")
    assert (settings.hosts[0].port, settings.source("port")) == (6432, "environment variable PGPORT")
    assert (settings["sslmode"], settings.source("sslmode")) == ("prefer", "default")
    assert settings.database == "ledger"


def test_a_service_that_no_file_defines_is_a_clear_error(home: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="service nowhere is defined in neither"):
        connection_settings("postgresql:///?service=nowhere", home)


def test_a_service_file_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "services"
    path.write_text("[payments]\nport=7000\n")

    settings = connection_settings("postgresql://h/?service=payments", {"PGSERVICEFILE": str(path)})

    assert settings.hosts[0].port == 7000


def test_the_system_folder_is_asked_where_the_own_file_does_not_define_the_service(tmp_path: Path) -> None:
    (tmp_path / "pg_service.conf").write_text("[payments]\ndbname=ledger\n")
    environment = {"HOME": str(tmp_path / "nobody"), "PGSYSCONFDIR": str(tmp_path)}

    assert connection_settings("postgresql://h/?service=payments", environment).database == "ledger"


def test_a_line_that_libpq_would_refuse_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "services"
    path.write_text("[payments]\nhost = spaced\n")

    with pytest.raises(InvalidSettings, match="line 2"):
        connection_settings("postgresql:///?service=payments", {"PGSERVICEFILE": str(path)})


def test_the_database_is_named_after_the_user_by_default() -> None:
    settings = connection_settings("postgresql://app_user@h", {})

    assert (settings.database, settings.source("dbname")) == ("app_user", "default: the user's name")


def test_several_hosts_share_a_port_or_have_one_each() -> None:
    shared = connection_settings("postgresql://a,b/?port=7000", {})
    own = connection_settings("postgresql://a:7001,b/", {})

    assert [(host.host, host.port) for host in shared.hosts] == [("a", 7000), ("b", 7000)]
    assert [(host.host, host.port) for host in own.hosts] == [("a", 7001), ("b", 5432)]


def test_an_address_spares_the_resolver_and_keeps_the_name() -> None:
    settings = connection_settings("postgresql://db.internal/?hostaddr=10.0.0.1", {})

    assert (settings.hosts[0].host, settings.hosts[0].address) == ("db.internal", "10.0.0.1")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://a,b/?port=1,2,3", "2 hosts and 3 ports"),
        ("postgresql://a,b/?hostaddr=10.0.0.1", "2 hosts and 1 addresses"),
        ("postgresql://a:70000/", "not a number from 1 to 65535"),
        ("postgresql://a:0/", "not a number from 1 to 65535"),
        ("postgresql://h/?sslmode=on", "sslmode from URL must be one of"),
    ],
)
def test_what_libpq_would_refuse_is_refused(url: str, reason: str) -> None:
    with pytest.raises(InvalidSettings, match=reason):
        connection_settings(url, {})


def test_a_password_with_a_bare_slash_is_not_repeated_as_a_port() -> None:
    with pytest.raises(InvalidSettings) as raised:
        connection_settings("postgresql://app:hunter/2@h/db", {})

    assert "hunter" not in str(raised.value)
    assert "%2F" in str(raised.value)


def test_settings_do_not_show_the_password() -> None:
    settings = connection_settings("postgresql://app:hunter2@h/db", {"PGPASSWORD": "hunter3"})

    assert settings.hosts[0].password.value == "hunter2"
    assert "hunter" not in repr(settings)


@pytest.mark.lab
def test_libpq_itself_decides_the_same(
    lab: Lab, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = f"[payments]\nhost={lab.server.socket_folder}\nport={lab.server.port}\ndbname=wrong\n"
    (Path(home["HOME"]) / ".pg_service.conf").write_text(service)
    environment = {
        **home,
        "PGSERVICE": "payments",
        "PGUSER": "postgres",
        "PGPORT": "1",
        "PGSSLMODE": "disable",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    url = "postgresql:///transactions"

    with closing(psycopg2.connect(url)) as session:
        theirs = session.info.dsn_parameters

    ours = connection_settings(url, environment)
    for keyword in ("host", "port", "user", "dbname", "sslmode"):
        assert ours[keyword] == theirs[keyword]


def test_the_systems_authorities_demand_verify_full_as_libpq_does() -> None:
    assert connection_settings("postgresql://h/?sslrootcert=system", {})["sslmode"] == "verify-full"

    with pytest.raises(InvalidSettings, match="too weak for sslrootcert=system"):
        connection_settings("postgresql://h/?sslrootcert=system&sslmode=require", {})
    with pytest.raises(psycopg2.OperationalError, match="may not be used with sslrootcert=system"):
        psycopg2.connect("postgresql://127.0.0.1:9/?sslrootcert=system&sslmode=require")
