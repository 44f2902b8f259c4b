"""`explain --target`: the page has the names, the commands and the platforms of the target."""

from pathlib import Path

import pytest

from diagnostics.engine.active_probes import ACTIVE_PROBES
from diagnostics.probes import PROBES
from tests.diagnostics.cli.test_main import complained, run

TARGETS = """
[target.till]
database = "postgresql://till_app@db.till.internal:6432/till"
monitor = "postgresql://watch@pg.till.internal:5433/till"
api = "https://pay.till.example/api"
contract = { me_path = "/account", key_header = "Authorization", key_scheme = "Key" }
secrets.api_key = { file = "key" }
platform = { application = "kubernetes" }

[target.other]
database = "postgresql://other@db.other.internal/other"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clearpay-doctor.toml").write_text(TARGETS, "utf-8")
    (tmp_path / "key").write_text("cp_live_" + "0" * 24, "utf-8")
    return tmp_path


def page(folder: Path, name: str, *options: str) -> str:
    done = run("explain", name, "--target", "till", "--config", "clearpay-doctor.toml", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_have_the_names_of_the_target(folder: Path) -> None:
    text = page(folder, "db-connection-refused")

    assert "psql -w -h db.till.internal -p 6432 -U till_app -d till" in text
    assert "pg_isready -h db.till.internal -p 6432" in text
    assert "clearpay-doctor verify db-connection-refused --target till" in text
    assert "db.example.com" not in text
    assert "example.com" in run("explain", "db-connection-refused").stdout


def test_the_server_behind_a_pooler_has_its_own_address(folder: Path) -> None:
    text = page(folder, "pooler.server_unreachable")

    assert "pg_isready -h pg.till.internal -p 5433 -t 3" in text
    assert "psql -X postgresql://pgbouncer@db.till.internal:6432/pgbouncer -c 'SHOW DATABASES'" in text


def test_requests_to_the_api_have_its_paths_and_headers(folder: Path) -> None:
    text = page(folder, "key.expired")

    assert "https://pay.till.example/api/account" in text
    assert f"printf '%s %s\\n' 'Authorization: Key' \"$(cat {folder / 'key'})\"" in text


def test_the_platform_of_the_target_chooses_the_way(folder: Path) -> None:
    text = page(folder, "token.expired")

    assert "kubectl -n payments rollout restart deployment/payments" in text
    assert "systemctl" not in text


def test_a_command_within_a_sentence_has_all_ways_where_the_platform_is_not_known() -> None:
    text = " ".join(run("explain", "key.revoked").stdout.split())

    assert (
        "Restart the application: `sudo systemctl restart payments` (systemd), "
        "`docker restart payments` (docker) or "
        "`kubectl -n payments rollout restart deployment/payments` (kubernetes)" in text
    )


def test_a_page_has_one_target(folder: Path) -> None:
    options = ("--target", "till", "--target", "other", "--config", "clearpay-doctor.toml")
    complained(run("explain", "db-deadlock", *options, cwd=folder), 2, "--target", "one target")
    unknown = run("explain", "db-deadlock", "--target", "tll", "--config", "clearpay-doctor.toml", cwd=folder)
    complained(unknown, 2, "did you mean till?")


def test_commands_of_intrusive_probes_have_their_options(folder: Path) -> None:
    lines = [line.strip() for line in page(folder, "service-blocked-event-loop").splitlines()]
    plain = run("explain", "service-blocked-event-loop").stdout
    quiet = run("explain", "db-deadlock").stdout

    begin = "clearpay-doctor verify service-blocked-event-loop --active --force-production --target till"
    assert [line for line in lines if line.startswith(begin)]
    assert "clearpay-doctor verify service-blocked-event-loop --active --wait 2m" in plain
    assert "--active" not in quiet


def test_the_intrusive_probes_are_those_of_the_table() -> None:
    assert {name for name in PROBES if PROBES[name].SAFETY == "active"} == ACTIVE_PROBES
