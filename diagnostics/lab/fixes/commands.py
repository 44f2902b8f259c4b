"""Commands that the lab's target file names for fixes. They run in any process of the user."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.targets.settings import Commands

UNSET = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PGOPTIONS", "PGSERVICE", "PGSSLMODE")


def write_scripts(folder: Path) -> Commands:
    """Write one short script per command, so that fix steps stay readable; return their shell commands."""
    root = Path(__file__).parents[3]
    program = shlex.join([sys.executable, "-m", "diagnostics.lab.fixes.commands"])
    lines = ["#!/bin/sh", f"unset {' '.join(UNSET)}", f"export PYTHONPATH={shlex.quote(str(root))}"]
    for name in VERBS:
        script = folder / name
        command = f"exec {program} {name} --folder {shlex.quote(str(folder))}"
        script.write_text("\n".join([*lines, command, ""]), "utf-8")
        script.chmod(0o755)
    commands = {name.replace("-", "_"): f"sh {shlex.quote(str(folder / name))}" for name in VERBS}
    return Commands(**commands)


def start_database(folder: Path) -> None:
    """Start PostgreSQL unless it is running."""
    from diagnostics.lab.postgres.server import Server  # noqa: PLC0415  each command imports only its own part

    Server.load(folder).start()


def restart_database(folder: Path) -> None:
    """Stop PostgreSQL in whatever state it is, and start it."""
    from diagnostics.lab.postgres.server import Server  # noqa: PLC0415

    Server.load(folder).restart()


def restart_application(folder: Path) -> None:
    """Deploy the application again."""
    from diagnostics.lab.fixes import deploy  # noqa: PLC0415

    deploy.restart_application(folder)


def renew_certificate(folder: Path) -> None:
    """Replace the certificate that the API's proxy presents by the healthy one."""
    from diagnostics.lab.servers.https_proxy import renew  # noqa: PLC0415

    renew(folder / "api")


VERBS: dict[str, Callable[[Path], None]] = {
    "start-database": start_database,
    "restart-database": restart_database,
    "restart-application": restart_application,
    "renew-certificate": renew_certificate,
    "reissue-certificate": renew_certificate,
}


def main() -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="diagnostics.lab.fixes.commands", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--folder", type=Path, required=True, help="the folder of the running lab")
    options = parser.parse_args()
    try:
        VERBS[options.verb](options.folder)
    except LabError as error:
        sys.stderr.write(f"{options.verb}: {error}{os.linesep}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
