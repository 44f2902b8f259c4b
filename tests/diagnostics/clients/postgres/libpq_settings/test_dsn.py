"""URLs are parsed as libpq parses them, and their secrets are not repeated in errors."""

import pytest
from psycopg2.extensions import parse_dsn
from sqlalchemy import make_url

from diagnostics.clients.postgres.libpq_settings.dsn import InvalidSettings, parse
from diagnostics.clients.postgres.libpq_settings.sqlalchemy_url import parse_url

AS_LIBPQ = [
    "postgresql://",
    "postgresql:///transactions",
    "postgresql://app_user@db.internal/transactions",
    "postgres://app_user:secret@db.internal:6432/transactions",
    "postgresql://first:5432,second:5433/transactions",
    "postgresql://first,second/transactions?port=6432",
    "postgresql://[::1]:5433,[fe80::1%25eth0]/transactions",
    "postgresql://%2Fvar%2Frun%2Fpostgresql:5433/transactions",
    "postgresql:///transactions?host=/tmp&port=5433",
    "postgresql://u:p%40ss%2Fw%3Ard@host/db",
    "postgresql://u:p?w@host/db",
    "postgresql://u:p:w@host/db",
    "postgresql://u@?host=db.internal",
    "postgresql://h/a/b",
    "postgresql://h/db?host=first&host=second",
    "postgresql://h/db?ssl=true",
    "postgresql://h/db?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3",
    "postgresql://h/db?hostaddr=10.0.0.1&application_name=a%20b",
    "postgresql://h/db?options=-c%20search_path%3Da",
]


@pytest.mark.parametrize("url", AS_LIBPQ)
def test_a_url_is_parsed_as_libpq_parses_it(url: str) -> None:
    ours = parse(url)

    theirs = parse_dsn(url) if url != "postgresql://" else {}
    theirs.pop("port", None) if set(theirs.get("port", "")) == {","} else None
    assert ours == theirs


AS_SQLALCHEMY = [
    "postgresql+psycopg2://app_user@db.internal/transactions",
    "postgresql+psycopg2://app:secret@db.internal:6432/transactions?sslmode=require",
    "postgresql+psycopg2://u:p%40ss%2Fw%3Ard@host/db",
    "postgresql+psycopg2://u:p/w%zz@host/db",
    "postgresql+psycopg2://u:a+b@host/db",
    "postgresql+psycopg2://u@[::1]:5433/db",
    "postgresql+psycopg2:///db?host=/var/run/postgresql",
    "postgresql+psycopg2:///db?host=first:5432&host=second:5433&target_session_attrs=read-write",
    "postgresql+psycopg2://u@/db?host=first,second&port=5432,5433",
    "postgresql+psycopg2://u@first,second/db?options=-c+search_path%3Da",
    "postgresql+psycopg2:///?service=payments",
    "postgresql+psycopg://app@db/tx?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3",
]


@pytest.mark.parametrize("url", AS_SQLALCHEMY)
def test_a_url_with_a_driver_is_parsed_as_sqlalchemy_parses_it(url: str) -> None:
    theirs = make_url(url)
    # Both drivers take the same arguments; psycopg2 is the one that is installed.
    _, arguments = (
        make_url(url).set(drivername="postgresql+psycopg2").get_dialect()().create_connect_args(theirs)
    )

    assert parse_url(url) == {keyword: str(value) for keyword, value in arguments.items()}


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (
            "postgresql+asyncpg://app@db/tx?ssl=require&prepared_statement_cache_size=0&timeout=7",
            {"user": "app", "host": "db", "dbname": "tx", "sslmode": "require", "connect_timeout": "7"},
        ),
        ("postgresql+asyncpg://db/tx?timeout=7.5&command_timeout=3", {"host": "db", "dbname": "tx"}),
        (
            "postgresql+pg8000:///tx?unix_sock=/run/pg/.s.PGSQL.5432&tcp_keepalive=1",
            {"dbname": "tx", "host": "/run/pg"},
        ),
        ("postgresql+aiopg://app@db/tx", {"user": "app", "host": "db", "dbname": "tx"}),
    ],
)
def test_parameters_of_a_driver_become_those_of_libpq(url: str, settings: dict[str, str]) -> None:
    assert parse_url(url) == settings


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("mysql://host/db", "postgresql://"),
        ("postgresql://h/db?sslmod=require", "sslmode"),
        ("postgresql://h/db?sslmode", "keyword=value"),
        ("postgresql://[::1/db", "[address]:port"),
        ("postgresql://[::1]x/db", "[address]:port"),
        ("postgresql://u:p%zz@h/db", "%25"),
        ("postgresql://u:p%00@h/db", "%25"),
        ("postgresql://u:p@ss@h/db", "%40"),
        ("postgresql+psycopg2://h/db?sslmod=require", "sslmode"),
        ("postgresql+asyncpg://h/db?statement_cash_size=0", "asyncpg"),
        ("mysql+pymysql://h/db", "postgresql://"),
    ],
)
def test_the_error_of_a_wrong_url_says_what_to_write(url: str, hint: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        parse_url(url)

    assert hint in str(raised.value)


@pytest.mark.parametrize("url", ["postgresql://u:hunter%zz@h/db", "postgresql://u:hun@ter@h/db"])
def test_an_error_does_not_repeat_the_password(url: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        parse_url(url)

    assert "hun" not in str(raised.value)
    assert "ter" not in str(raised.value).replace("character", "")
