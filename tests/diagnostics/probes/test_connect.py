"""Each failure to connect has a finding of its own; the attempt that got furthest counts."""

import socket
from pathlib import Path

import pytest

from diagnostics.lab.certificates import authority
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.listener import reset
from diagnostics.lab.servers.tls_proxy import TlsProxy
from diagnostics.targets.settings import SecretRef, Secrets
from tests.diagnostics.clients.postgres.foreign_servers import (
    READY,
    Behaviour,
    FakeServer,
    answers,
    auth_request,
    error,
    fake_server,
    hang_up,
    only_listen,
    sends_first,
)
from tests.diagnostics.probes.running import QUICK, ProbeResult, run_connect, run_probes, target

SCRAM = auth_request(10, b"SCRAM-SHA-256\0\0")


def at(port: int, query: str = "") -> ProbeResult:
    return run_connect(f"postgresql://app_user@127.0.0.1:{port}/transactions?{query}", thresholds=QUICK)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (error("28000", 'no pg_hba.conf entry for host "127.0.0.1"'), "connect.no_hba_rule"),
        (error("53300", "sorry, too many clients already"), "connect.server_full"),
        (error("57P03", "the database system is starting up"), "connect.starting_up"),
        (error("57P03", "das Datenbanksystem startet"), "connect.starting_up"),
        (error("57P03", "the database system is shutting down"), "connect.shutting_down"),
        (
            error(
                "57P03",
                "the database system is not accepting connections",
                detail="Hot standby mode is disabled.",
            ),
            "connect.standby_closed",
        ),
        (error("08P01", "no more connections allowed (max_client_conn)"), "connect.pooler_full"),
        (error("08P01", "client connections exceeded (max_db_client_connections)"), "connect.pooler_full"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "connect.not_postgres"),
    ],
)
def test_an_error_before_a_login_has_its_finding(reply: bytes, code: str) -> None:
    with fake_server(answers(reply)) as port:
        result = at(port)

    assert (result.outcome, result.codes) == ("fail", [code])


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (reset, "connect.closed"),
        (hang_up, "connect.closed"),
        (sends_first(b"SSH-2.0-x\r\n"), "connect.not_postgres"),
        (only_listen, "connect.silent"),
    ],
)
def test_what_a_stranger_does_has_a_name(behave: Behaviour, code: str) -> None:
    with fake_server(behave) as port:
        assert at(port).codes == [code]


@pytest.mark.parametrize(
    "message",
    [
        "no such database: transactions",
        'database "transactions" is disabled',
        "unsupported startup parameter: options",
        "no such user: app_user",
        "server login has been failing, try again later (server_login_retry)",
    ],
)
def test_an_error_of_a_pooler_that_concerns_the_login_is_left_to_it(message: str) -> None:
    with fake_server(answers(error("08P01", message))) as port:
        result = at(port)

    assert (result.outcome, result.codes) == ("pass", [])
    assert message in result.evidence[f"address 127.0.0.1:{port}"].note


def test_a_login_that_the_server_would_take_is_a_pass_with_its_route() -> None:
    with fake_server(answers(SCRAM)) as port:
        result = at(port)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.steps == ["settings", "resolve", "tcp", "ssl", "startup"]
    assert result.evidence["route"].value == (0, "127.0.0.1", "plain")
    assert result.evidence["authentication"].value == "SCRAM-SHA-256"


@pytest.mark.parametrize(
    ("message", "routine", "code"),
    [
        ("connection requires a valid client certificate", "", "client_certificate"),
        (
            "Verbindung erfordert ein g\u00fcltiges Client-Zertifikat",
            "ClientAuthentication",
            "client_certificate",
        ),
        ("\u8fde\u63a5\u4e2d\u9700\u8981", "ClientAuthentication", "client_certificate"),
        ('certificate authentication failed for user "app_user"', "auth_failed", "client_certificate"),
        ('kein pg_hba.conf-Eintrag f\u00fcr Host "127.0.0.1"', "ClientAuthentication", "no_hba_rule"),
        ('Ident authentication failed for user "app_user"', "auth_failed", "no_hba_rule"),
    ],
)
def test_a_refusal_over_tls_names_the_client_certificate_in_every_language(
    tmp_path: Path, message: str, routine: str, code: str
) -> None:
    reply = answers(error("28000", message, routine=routine))
    with FakeServer(reply) as server, TlsProxy(server.port, authority.make(tmp_path / "tls")) as proxy:
        over_tls = at(proxy.port, "sslmode=require")
        plain = at(proxy.port, "sslmode=disable")

    assert over_tls.codes == [f"connect.{code}"]
    assert plain.codes == [f"connect.{'tls_required' if code == 'client_certificate' else code}"]


@pytest.mark.parametrize("sqlstate", ["3D000", "28P01"])
def test_what_a_pooler_refuses_before_a_login_is_left_to_the_login(sqlstate: str) -> None:
    with fake_server(answers(error(sqlstate, "no such database"))) as port:
        assert at(port).outcome == "pass"


def test_a_refusal_that_no_entry_knows_is_no_pass() -> None:
    with fake_server(answers(error("XX000", "odd"))) as port:
        result = at(port)

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "XX000: odd" in result.evidence[f"address 127.0.0.1:{port}"].note


def test_escapes_in_a_refusal_reach_no_terminal() -> None:
    with fake_server(answers(error("28000", "\x1b]0;owned\x07\x1b[31mred\nline"))) as port:
        note = at(port).evidence[f"address 127.0.0.1:{port}"].note

    assert "\x1b" not in note
    assert "\n" not in note
    assert "red" in note


def test_every_address_is_tried_until_one_answers() -> None:
    with socket.socket() as closed, fake_server(answers(SCRAM)) as port:
        closed.bind(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        url = f"postgresql://app_user@clearpay-db.invalid,127.0.0.1:{dead},127.0.0.1:{port}/transactions"
        result = run_connect(url.replace(".invalid,", f".invalid:{dead},"))

    assert result.outcome == "pass"
    assert result.evidence["host clearpay-db.invalid"].ok is False
    assert result.evidence[f"address 127.0.0.1:{dead}"].value == "refused"
    assert result.evidence["route"].value == (2, "127.0.0.1", "plain")


def test_of_several_failures_the_one_that_came_furthest_counts() -> None:
    with socket.socket() as closed, fake_server(answers(error("28000", "no entry"))) as port:
        closed.bind(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        result = run_connect(f"postgresql://a@127.0.0.1:{port},127.0.0.1:{dead}/db", thresholds=QUICK)

    assert result.codes == ["connect.no_hba_rule"]


def test_many_silent_addresses_share_the_budget() -> None:
    with fake_server(only_listen) as port:
        hosts = ",".join([f"127.0.0.1:{port}"] * 4)
        silent = target(f"postgresql://a@{hosts}/db?sslmode=disable")
        result = run_probes(silent, "connect", deadline_s=2)["connect"]

    assert result.codes == ["connect.silent"]
    assert result.steps.count("tcp") == 4
    assert result.ms < 2000


def test_localhost_answers_on_either_family() -> None:
    with fake_server(answers(SCRAM)) as port:
        assert run_connect(f"postgresql://app_user@localhost:{port}/transactions").outcome == "pass"


def test_plain_turned_away_and_tls_let_in_means_that_tls_is_required(tmp_path: Path) -> None:
    files = authority.make(tmp_path)
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files, require=True) as front:
        result = at(front.port, "sslmode=disable")

    assert result.codes == ["connect.tls_required"]


def test_turned_away_with_tls_as_well_means_that_a_rule_is_missing(tmp_path: Path) -> None:
    files = authority.make(tmp_path)
    with FakeServer(answers(error("28000", "no entry"))) as server, TlsProxy(server.port, files) as front:
        result = at(front.port, "sslmode=disable")

    assert result.codes == ["connect.no_hba_rule"]


def test_a_pooler_that_demands_tls_is_understood(tmp_path: Path) -> None:
    files = authority.make(tmp_path)
    with FakeServer(answers(error("08P01", "SSL required"))) as plain_only:
        assert at(plain_only.port, "sslmode=disable").outcome == "unknown"
    with FakeServer(answers(SCRAM)) as server, TlsProxy(server.port, files, require=True) as front:
        assert at(front.port, "sslmode=disable").codes == ["connect.tls_required"]


def test_a_certificate_that_libpq_would_refuse_leaves_the_question_open(tmp_path: Path) -> None:
    files, other = authority.make(tmp_path), tmp_path / "other"
    other.mkdir()
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files) as front:
        result = at(front.port, f"sslmode=verify-full&sslrootcert={authority.make(other).ca}")

    assert (result.outcome, result.codes) == ("unknown", [])
    shown = result.evidence[f"address 127.0.0.1:{front.port}"]
    assert (shown.value, shown.ok) == ("certificate", False)
    assert "verify code" in shown.note


def test_a_wrong_url_is_one_clear_sentence() -> None:
    result = run_connect("postgresql://app_user@127.0.0.1/db?sslmod=require")

    assert result.outcome == "unknown"
    assert "did you mean sslmode?" in result.reason


def test_settings_name_their_sources_and_never_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "correct-horse")
    monkeypatch.setenv("PGSSLMODE", "disable")
    with fake_server(answers(SCRAM)) as port:
        result = run_connect(f"postgresql://app_user:battery-staple@127.0.0.1:{port}/transactions")

    assert result.evidence["sslmode"].note == "from environment variable PGSSLMODE"
    assert result.evidence["user"].note == "from URL"
    assert result.evidence["password from"].value == "URL"
    assert "correct-horse" not in repr(result)
    assert "battery-staple" not in repr(result)


def test_a_secret_that_the_settings_refer_to_is_named_not_read() -> None:
    secrets = Secrets(database=SecretRef(file="/nowhere/app.password"))
    with fake_server(answers(SCRAM)) as port:
        result = run_connect(f"postgresql://app_user@127.0.0.1:{port}/db", secrets=secrets)

    assert result.outcome == "pass"
    assert result.evidence["password from"].value == "file /nowhere/app.password"


@pytest.mark.lab
def test_a_real_server_answers_over_tcp_and_its_socket(lab: Lab) -> None:
    folder, port = lab.server.socket_folder, lab.server.port

    over_tcp = run_connect(f"postgresql://app_user@127.0.0.1:{port}/transactions")
    over_socket = run_connect(f"postgresql:///transactions?host={folder}&port={port}&user=app_user")

    assert (over_tcp.outcome, over_socket.outcome) == ("pass", "pass")
    assert over_socket.evidence["route"].value == (0, str(folder), "plain")
