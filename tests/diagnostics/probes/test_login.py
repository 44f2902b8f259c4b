"""One login gives the reason of a rejection and never shows the password."""

import socket
from dataclasses import replace

import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.targets.settings import Rotation, SecretRef, Secrets
from diagnostics.targets.target import Target
from tests.diagnostics.clients.postgres.foreign_servers import (
    auth_request,
    error,
    fake_server,
    password,
    startup,
)
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes, target

REJECTED = "password authentication failed"


def run_login(target: Target, rejected: set[bytes] | None = None) -> ProbeResult:
    return run_probes(target, "connect", "login", rejected=rejected)["login"]


def with_settings(lab: Lab, **changes: object) -> Target:
    now = lab.target
    return replace(now, settings=replace(now.settings, **changes))  # type: ignore[arg-type]  # a test's own


@pytest.mark.parametrize(
    ("sqlstate", "routine", "code"),
    [
        ("28P01", "auth_failed", "login.password_rejected"),
        ("28000", "auth_failed", "login.password_rejected"),
        ("28000", "InitializeSessionUserId", "login.not_permitted"),
        ("42501", "CheckMyDatabase", "login.no_connect_privilege"),
        ("3D000", "InitPostgres", "login.unknown_database"),
        ("53300", "InitializeSessionUserId", "login.role_limit"),
        ("53300", "CheckMyDatabase", "login.database_limit"),
        ("53300", "InitPostgres", "login.slots_reserved"),
    ],
)
def test_a_refusal_in_any_language_has_its_name(sqlstate: str, routine: str, code: str) -> None:
    def refuse(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        password(client)
        client.sendall(error(sqlstate, "Zugriff verweigert", severity="SCHWERWIEGEND", routine=routine))

    with fake_server(refuse) as port:
        result = run_login(target(f"postgresql://app_user:correct-horse@127.0.0.1:{port}/transactions"))

    assert (result.outcome, result.codes) == ("fail", [code])


def test_a_refusal_that_no_entry_knows_is_unknown_with_its_text() -> None:
    def refuse(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        password(client)
        client.sendall(error("XX000", "out of cheese", routine="cheese"))

    with fake_server(refuse) as port:
        result = run_login(target(f"postgresql://app_user:correct-horse@127.0.0.1:{port}/transactions"))

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "XX000: out of cheese" in result.reason


def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    def refuse(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        sent = password(client).decode()
        client.sendall(error("28P01", f"{sent} is wrong", routine="auth_failed"))

    with fake_server(refuse) as port:
        result = run_login(target(f"postgresql://app_user:correct-horse@127.0.0.1:{port}/transactions"))

    assert result.codes == ["login.password_rejected"]
    assert "correct-horse" not in all_text([result])
    assert "<password:1> is wrong" in str(result.evidence["login"].value)


@pytest.mark.lab
def test_a_healthy_login_shows_what_it_could_compare_and_no_secret(lab: Lab) -> None:
    result = run_login(lab.target)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["application's credential"].ok
    assert result.evidence["superuser"].value is False
    for secret in (lab.passwords.application, lab.passwords.previous, lab.passwords.monitor):
        assert secret not in all_text([result])


@pytest.mark.lab
def test_a_rejected_credential_is_sent_once_in_a_command(lab: Lab) -> None:
    memory: set[bytes] = set()
    inject(lab, "login.password_rejected")
    before = lab.server.log.read_text().count(REJECTED)
    try:
        first, second = run_login(lab.target, memory), run_login(lab.target, memory)
        count = lab.server.log.read_text().count(REJECTED)
    finally:
        lab.repair()

    assert first.codes == ["login.password_rejected"]
    assert (second.outcome, second.codes) == ("unknown", [])
    assert "never tried again" in second.reason
    assert count == before + 1


@pytest.mark.lab
def test_without_a_rotation_or_a_monitor_a_rejection_has_no_reason(lab: Lab) -> None:
    inject(lab, "login.stale_credential")
    try:
        result = run_login(with_settings(lab, rotation=None, monitor=""))
    finally:
        lab.repair()

    assert result.codes == ["login.password_rejected"]
    assert "rotated secret" not in result.steps


@pytest.mark.lab
def test_a_rotated_secret_that_cannot_be_read_is_reported_with_the_rejection(lab: Lab) -> None:
    unreadable = Rotation(
        secret=SecretRef(aws="clearpay/db/credentials", region="us-east-1", profile="nobody")
    )
    inject(lab, "login.stale_credential")
    try:
        result = run_login(with_settings(lab, rotation=unreadable))
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("fail", ["login.password_rejected"])
    assert "nobody" in result.reason


@pytest.mark.lab
def test_an_accepted_login_whose_rotated_secret_cannot_be_read_is_no_pass(lab: Lab) -> None:
    unreadable = Rotation(secret=SecretRef(env="CLEARPAY_NO_SUCH_VARIABLE"))

    result = run_login(with_settings(lab, rotation=unreadable))

    assert result.outcome == "unknown"
    assert "CLEARPAY_NO_SUCH_VARIABLE is not set" in result.reason


@pytest.mark.lab
def test_a_monitor_that_cannot_look_leaves_the_rejection_standing(lab: Lab) -> None:
    inject(lab, "login.role_expired")
    now = lab.target.settings.secrets
    try:
        result = run_login(with_settings(lab, secrets=Secrets(database=now.database, monitor="wrong horse")))
    finally:
        lab.repair()

    assert result.codes == ["login.password_rejected"]
    assert result.evidence["role's state"].value == "not read"
    assert "wrong horse" not in all_text([result])


@pytest.mark.lab
def test_a_rotation_that_did_not_end_names_the_flag_that_would_tell(lab: Lab) -> None:
    inject(lab, "rotation.unfinished")
    try:
        result = run_login(lab.target)
    finally:
        lab.repair()

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "the probe `rotation` tries it" in result.reason
    assert "--active" in result.evidence["AWSPENDING"].note


@pytest.mark.lab
def test_a_secret_that_cannot_be_read_is_unknown(lab: Lab) -> None:
    secrets = Secrets(database=SecretRef(file="/nowhere/app.password"))

    result = run_login(with_settings(lab, secrets=secrets))

    assert result.outcome == "unknown"
    assert (
        "secrets.database cannot be read: No such file or directory: /nowhere/app.password" in result.reason
    )


@pytest.mark.lab
def test_a_superuser_is_shown_as_not_ok(lab: Lab) -> None:
    url = f"postgresql://postgres@/transactions?host={lab.server.socket_folder}&port={lab.server.port}"

    result = run_login(target(url))

    assert result.outcome == "pass"
    assert result.evidence["superuser"].ok is False
