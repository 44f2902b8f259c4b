"""Steps of a fix, run with the lab's privileges."""

import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg2

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.baseline import DATABASE
from diagnostics.lab.postgres.server import Server
from diagnostics.lab.process.environment import clean
from diagnostics.lab.programs.runner import run
from kb.records.models import FixStep


def apply(step: FixStep, server: Server, environment: Mapping[str, str], home: Path) -> None:
    """Run a step whose placeholders are filled. Raises LabError with the output of a failed step.

    `sql` runs as the superuser, `python` in the application's environment and `shell` in a clean one, both in
    the folder `home`. `manual` raises LabError.
    """
    match step.kind:
        case "sql":
            _run_sql(step, server)
        case "python":
            _run_program(step, environment, home)
        case "shell":
            _run_program(step, clean({"HOME": str(home)}), home)
        case "manual":
            raise LabError(f"{step.title}: a manual step cannot be run: {step.why_manual}")


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
