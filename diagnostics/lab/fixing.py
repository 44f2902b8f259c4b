"""The steps of a fix, carried out with the lab's rights."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from diagnostics.lab.environment import clean
from diagnostics.lab.errors import LabError
from diagnostics.lab.health import DATABASE
from diagnostics.lab.postgres import Server
from diagnostics.lab.programs import run
from kb.models import FixStep

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def apply(lab: "Lab", step: FixStep) -> None:
    """Carry out a step, its placeholders filled. Raises LabError with what it said.

    `sql` runs as the superuser, `python` and `shell` as the lab's owner; `manual` is for people.
    """
    home = lab.layout.home
    match step.kind:
        case "sql":
            _run_sql(step, lab.server)
        case "python":
            _run_program(step, lab.environment() | {"ADMIN_DATABASE_URL": lab.admin_url}, home)
        case "shell":
            _run_program(step, clean({"HOME": str(home)}), home)
        case "manual":
            raise LabError(f"{step.title}: a manual step is for people: {step.why_manual}")


def _run_sql(step: FixStep, server: Server) -> None:
    try:
        server.query(step.code, database=DATABASE)
    except psycopg2.Error as error:
        raise LabError(f"{step.title}: {error}") from error


def _run_program(step: FixStep, environment: Mapping[str, str], folder: Path) -> None:
    if step.kind == "python":
        script = folder / "fix.py"
        script.write_text(step.code, "utf-8")
        done = run([sys.executable, script], environment, folder)
    else:
        done = run(["sh", "-c", step.code], environment, folder)
    if done.returncode:
        raise LabError(f"{step.title}: exit code {done.returncode}: {done.stderr or done.stdout}")
