"""The lab as a whole: healthy when it starts, broken by one fault at a time, gone at the end."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from diagnostics.cli.commands.lab import _guide
from diagnostics.lab import requirements
from diagnostics.lab.errors import LabError, UnknownFault
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.programs import payment_job
from diagnostics.lab.programs.payment_process import PaymentJob
from diagnostics.targets.target_file import read, target_named

pytestmark = pytest.mark.lab

PAYMENT = Path(payment_job.__file__)
ROOT = Path(__file__).parents[3]


def test_a_healthy_lab_books_payments(lab: Lab) -> None:
    payment = lab.run_code(PAYMENT)

    assert (payment.returncode, payment.stderr) == (0, "")
    assert payment.stdout.startswith("payment ")
    with pytest.raises(LabError, match="nothing failed"):
        lab.fail()


def test_the_target_file_equals_the_target(lab: Lab) -> None:
    inject(lab, "connect.tls_required")

    from_file = target_named("lab", read(lab.target_file))

    assert from_file.file
    assert replace(from_file, file=None) == lab.target
    assert "sslmode=disable" in lab.target.settings.database
    assert not lab.target.production


def test_files_with_secrets_are_for_their_owner_only(lab: Lab) -> None:
    files = [lab.layout.application_password, lab.layout.monitor_password, lab.layout.aws_credentials]

    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
    assert lab.passwords.application not in lab.target_file.read_text("utf-8")


def test_a_second_fault_ends_the_first(lab: Lab) -> None:
    inject(lab, "login.not_permitted")
    inject(lab, "login.no_password")

    assert "no password supplied" in lab.run_code(PAYMENT).stderr
    assert lab.sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'app_user'") == [(True,)]


def test_repairing_twice_or_without_a_fault_is_harmless(lab: Lab) -> None:
    lab.repair()
    inject(lab, "connect.refused")
    lab.repair()
    lab.repair()

    assert lab.run_code(PAYMENT).returncode == 0


def test_a_repaired_lab_has_a_credential_that_was_never_rejected(lab: Lab) -> None:
    before = lab.layout.application_password.read_text("utf-8")
    inject(lab, "login.password_rejected")

    lab.repair()

    assert lab.layout.application_password.read_text("utf-8") != before


def test_a_repair_copes_with_a_role_that_a_fix_made_anew(lab: Lab) -> None:
    inject(lab, "login.unknown_role")
    lab.sql("CREATE ROLE app_user LOGIN PASSWORD 'another'")

    lab.repair()

    assert lab.run_code(PAYMENT).returncode == 0
    assert lab.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'payments_app'") == [(0,)]


def test_an_unknown_fault_is_refused_with_the_nearest_name(lab: Lab) -> None:
    with pytest.raises(UnknownFault, match=r"did you mean connect\.refused\?"):
        inject(lab, "connect.refuse")

    assert lab.broken == ""


def test_every_session_has_a_statement_timeout(lab: Lab) -> None:
    password = lab.layout.application_password.read_text("utf-8")
    session = psycopg2.connect(lab.environment()["DATABASE_URL"], password=password)
    try:
        with session.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("10s",)
    finally:
        session.close()


def test_the_application_sees_nothing_of_this_machine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "PYTHONPATH"):
        monkeypatch.setenv(name, str(tmp_path / "missing"))

    environment = lab.environment()

    assert str(tmp_path / "missing") not in environment.values()
    assert {name for name in environment if not name.startswith("CLEARPAY_")} == {
        "PATH",
        "PYTHONPATH",
        "HOME",
        "DATABASE_URL",
        "DATABASE_PASSWORD_FILE",
        "SECRET_NAME",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }


def test_a_running_payment_job_fails_when_a_fault_is_injected(lab: Lab) -> None:
    with PaymentJob(lab.environment(), lab.layout.home) as job:
        assert job.first_line().endswith("booked")
        inject(lab, "login.not_permitted")

        assert "is not permitted to log in" in job.traceback()


def test_two_labs_of_one_process_do_not_share_their_secrets(lab: Lab) -> None:
    with Lab(lab.binaries) as other:
        inject(other, "login.stale_credential")

        assert lab.run_code(PAYMENT).returncode == 0
        assert lab.secret.password() == lab.passwords.application
        folder = other.layout.folder

    assert not folder.exists()


@pytest.fixture
def long_folder() -> Iterator[str]:
    """Yield a temporary folder below which the path of a unix socket would be too long."""
    with tempfile.TemporaryDirectory(prefix="x" * 42, dir="/tmp") as folder:
        yield folder


def test_a_lab_starts_whatever_the_environment_says(long_folder: str) -> None:
    hostile = {
        "TMPDIR": long_folder,
        "PGSSLMODE": "verify-full",
        "PGHOST": "198.51.100.1",
        "PGOPTIONS": "-c work_mem=nonsense",
        "AWS_ENDPOINT_URL": "http://198.51.100.1",
        "HTTP_PROXY": "http://198.51.100.1:3128",
        "AWS_CA_BUNDLE": f"{long_folder}/missing",
        "SSL_CERT_FILE": f"{long_folder}/missing",
        "LC_ALL": "C.UTF-8",
    }
    program = (
        "from diagnostics.lab.fault_injection import inject\n"
        "from diagnostics.lab.lab import Lab\n"
        "with Lab() as lab:\n"
        "    inject(lab, 'conflicts.deadlocks'); inject(lab, 'login.role_limit'); lab.repair()\n"
        "    print(lab.layout.folder)\n"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=os.environ | hostile,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).parent.exists()


def test_the_parts_that_this_machine_lacks_are_named_with_what_installs_them(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirements, "SEARCH_PATH", str(tmp_path))

    _guide(lab)

    guide = capsys.readouterr().err
    assert "Not installed: nginx; to install it: apt-get install nginx-light, or make system-deps\n" in guide
    assert "Not installed: PgBouncer; to install it: apt-get install pgbouncer" in guide
    assert guide.startswith(lab.description)
