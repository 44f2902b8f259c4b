"""Fix steps: shell commands of the target, SQL as the superuser, and programs with the lab's privileges."""

import subprocess
from pathlib import Path

import pytest

from diagnostics.lab.errors import LabError
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.programs import payment_job
from kb.records.models import FixStep

pytestmark = pytest.mark.lab

PAYMENT = Path(payment_job.__file__)
ADMIN = """
import os, pathlib, psycopg2
password = pathlib.Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text().strip()
admin = psycopg2.connect(os.environ["ADMIN_DATABASE_URL"])
admin.autocommit = True
admin.cursor().execute("ALTER ROLE app_user PASSWORD %s", (password,))
"""
MOVE_LABEL = """
import os, boto3
secrets, name = boto3.client("secretsmanager"), os.environ["SECRET_NAME"]
stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
version = {label: version for version, labels in stages.items() for label in labels}
secrets.update_secret_version_stage(
    SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=version["%s"],
    RemoveFromVersionId=version["AWSCURRENT"],
)
"""


def shell(command: str) -> FixStep:
    return FixStep(kind="shell", title="run it", code=command)


@pytest.mark.parametrize(
    ("finding", "command"),
    [
        ("connect.refused", "start_database"),
        ("connect.socket_missing", "start_database"),
        ("connect.shutting_down", "restart_database"),
        ("connect.starting_up", "restart_database"),
        ("connect.server_full", "restart_application"),
        ("login.slots_reserved", "restart_application"),
        ("login.no_password", "restart_application"),
        ("login.stale_credential", "restart_application"),
    ],
)
def test_a_command_of_the_target_ends_the_fault(lab: Lab, finding: str, command: str) -> None:
    inject(lab, finding)
    if finding == "connect.starting_up":
        lab.server.configure("")
        (lab.server.data / "recovery.signal").unlink()

    lab.apply(shell(getattr(lab.target.settings.commands, command)))

    assert lab.run_code(PAYMENT).stdout.endswith("booked\n")


@pytest.mark.parametrize(
    ("finding", "statement"),
    [
        ("login.not_permitted", "ALTER ROLE app_user LOGIN"),
        ("login.no_connect_privilege", "GRANT CONNECT ON DATABASE transactions TO app_user"),
        ("login.role_limit", "ALTER ROLE app_user CONNECTION LIMIT -1"),
        ("login.database_limit", "ALTER DATABASE transactions CONNECTION LIMIT -1"),
        ("login.role_expired", "ALTER ROLE app_user VALID UNTIL 'infinity'"),
        (
            "login.slots_reserved",
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE usename = 'app_user' AND application_name = 'payments' AND state = 'idle'""",
        ),
    ],
)
def test_a_statement_ends_the_fault(lab: Lab, finding: str, statement: str) -> None:
    inject(lab, finding)

    lab.apply(FixStep(kind="sql", title="run it", code=statement))

    assert lab.run_code(PAYMENT).stdout.endswith("booked\n")


def test_a_program_may_change_the_role_as_an_admin(lab: Lab) -> None:
    inject(lab, "login.password_rejected")

    lab.apply(FixStep(kind="python", title="set the password", code=ADMIN))

    assert lab.run_code(PAYMENT).returncode == 0


@pytest.mark.parametrize(
    ("finding", "label"), [("rotation.unfinished", "AWSPENDING"), ("rotation.label_moved", "AWSPREVIOUS")]
)
def test_a_program_may_move_a_label_and_a_restart_fetches_it(lab: Lab, finding: str, label: str) -> None:
    inject(lab, finding)

    lab.apply(FixStep(kind="python", title="move the label", code=MOVE_LABEL % label))
    lab.apply(shell(lab.target.settings.commands.restart_application))

    assert lab.run_code(PAYMENT).returncode == 0


def test_a_command_works_from_any_folder_and_reports_a_lab_that_is_gone(lab: Lab, tmp_path: Path) -> None:
    program = lab.target.settings.commands.start_database.replace(str(lab.layout.folder), str(tmp_path))
    script = lab.layout.folder / "start-database"
    text = script.read_text("utf-8").replace(str(lab.layout.folder), str(tmp_path))
    (tmp_path / "start-database").write_text(text, "utf-8")

    done = subprocess.run(["sh", "-c", program], cwd="/", capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no lab is running there" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_error_of_a_failed_step_has_its_output(lab: Lab) -> None:
    with pytest.raises(LabError, match="exit code 3: disk full"):
        lab.apply(shell("echo disk full >&2; exit 3"))
    with pytest.raises(LabError, match='role "nobody_here" does not exist'):
        lab.apply(FixStep(kind="sql", title="run it", code="ALTER ROLE nobody_here LOGIN"))
    with pytest.raises(LabError, match="a manual step cannot be run"):
        lab.apply(FixStep(kind="manual", title="wait", why_manual="only time helps"))
