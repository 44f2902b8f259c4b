"""Parsing of addresses, and properties of a target."""

from dataclasses import replace

import pytest

from diagnostics.errors import InvalidTarget
from diagnostics.lab.lab import Lab
from diagnostics.targets import overrides, target_file
from diagnostics.targets.settings import LAB_THRESHOLDS, TargetSettings, Thresholds
from diagnostics.targets.target import Target, endpoint, on_loopback


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("postgresql://app@db:5432/tx", "postgresql", "postgresql://app@db:5432/tx"),
        ("postgres://app:geheim@db/tx?sslmode=require", "postgresql", "postgres://app@db/tx"),
        ("postgresql://app@h1:5432,h2:5433/tx", "postgresql", "postgresql://app@h1:5432,h2:5433/tx"),
        ("postgresql:///tx?host=/run/pg", "postgresql", "postgresql:///tx"),
        ("https://api.clearpay.example/v1", "https", "https://api.clearpay.example/v1"),
        ("db.internal:5432", "tls", "db.internal:5432"),
        ("postgresql+psycopg2://app:geheim@db/tx", "postgresql", "postgresql+psycopg2://app@db/tx"),
        ("postgresql+asyncpg://app@db/tx?ssl=require", "postgresql", "postgresql+asyncpg://app@db/tx"),
        ("postgres+psycopg://app@db/tx", "postgresql", "postgres+psycopg://app@db/tx"),
        (
            "postgresql://app@h1,h2/tx?target_session_attrs=read-write",
            "postgresql",
            "postgresql://app@h1,h2/tx",
        ),
    ],
)
def test_an_address_is_read_and_shown_without_its_secret(text: str, kind: str, name: str) -> None:
    found = endpoint(text)

    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mysql://db/x", "unknown scheme"),
        ("mysql+pymysql://db/x", "unknown scheme"),
        ("https+psycopg2://db/x", "unknown scheme"),
        ("postgresql+://db/x", "unknown scheme"),
        ("postgresql://db:port/x", "postgresql://host:port"),
        ("postgresql://db:99999/x", "postgresql://host:port"),
        ("https:///nothing", "host is missing"),
        ("prod", "neither a name"),
        ("db:0", "neither a name"),
        ("\x1b[31mred", "?[31mred"),
    ],
)
def test_a_malformed_address_is_refused_with_the_form_that_was_expected(text: str, message: str) -> None:
    with pytest.raises(InvalidTarget) as refused:
        endpoint(text)

    assert message in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("end", ["/", "?", "#"])
@pytest.mark.parametrize("scheme", ["postgresql", "https"])
def test_a_password_that_is_not_encoded_is_refused_without_a_part_of_it(scheme: str, end: str) -> None:
    with pytest.raises(InvalidTarget) as refusal:
        endpoint(f"{scheme}://app:canary{end}two@db:5432/tx")

    assert "write / as %2F" in str(refusal.value)
    assert "canary" not in str(refusal.value)
    assert "two" not in str(refusal.value)


def test_a_port_before_a_path_with_an_at_sign_is_not_a_password() -> None:
    assert endpoint("https://api.example:8443/v1/@me").name == "https://api.example:8443/v1/@me"


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidTarget) as refused:
        endpoint("mysqli://app:hunter2-canary@db/x")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgresql://app@127.0.0.1/db", True),
        ("postgresql://app@[::1]:5432/db", True),
        ("postgresql://app@localhost,127.0.0.2:6/db", True),
        ("postgresql:///db?host=/run/postgresql", True),
        ("postgresql://app@localhost,db.internal/db", False),
        ("postgresql:///db?host=db.internal", False),
        ("postgresql:///db?host=localhost,127.0.0.1", True),
        ("postgresql:///db?host=localhost,db.internal", False),
        ("postgresql://app@localhost/db?hostaddr=10.0.0.1", False),
        ("postgresql://app@[::1]/db", True),
        ("postgresql:///db?service=production", False),
        ("postgresql+psycopg2:///db?host=localhost:5432&host=127.0.0.1:5433", True),
        ("postgresql+psycopg2:///db?host=localhost:5432&host=db.internal:5433", False),
        ("https://api.clearpay.example", False),
    ],
)
def test_only_loopback_is_no_production(url: str, local: bool) -> None:
    assert on_loopback(endpoint(url)) is local
    assert Target("t", (endpoint(url),)).production is not local


@pytest.mark.parametrize(
    ("variable", "value", "local"),
    [
        ("PGHOST", "db.internal", False),
        ("PGHOST", "localhost", True),
        ("PGHOST", "/run/postgresql", True),
        ("PGHOSTADDR", "10.0.0.1", False),
        ("PGSERVICE", "production", False),
    ],
)
def test_where_no_host_is_named_libpqs_environment_decides(
    variable: str, value: str, *, local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    assert on_loopback(endpoint("postgresql:///db")) is local


def test_the_settings_have_the_last_word_on_production() -> None:
    far = endpoint("postgresql://app@db.internal/db")

    assert not Target("t", (far,), TargetSettings(production=False)).production


def test_an_address_of_this_machine_has_the_thresholds_of_every_other() -> None:
    near = endpoint("postgresql://app@127.0.0.1/db")
    own = Thresholds(deadlock_window_s=7)

    assert Target("t", (near,)).thresholds == Thresholds()
    assert Target("t", (near,), TargetSettings(thresholds=own)).thresholds == own


@pytest.mark.lab
def test_the_lab_brings_its_own_thresholds(lab: Lab) -> None:
    written = target_file.read(lab.target_file)

    assert lab.target.thresholds == LAB_THRESHOLDS
    assert written.settings.target["lab"].thresholds == LAB_THRESHOLDS
    changed = overrides.with_overrides(lab.target, {"thresholds.leak_s": "2"})
    assert changed.thresholds == replace(LAB_THRESHOLDS, leak_s=2)
