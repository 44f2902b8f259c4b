"""What restarting the application means in the lab: it fetches what it shows, and drops its connections."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

from diagnostics.lab.api import login
from diagnostics.lab.errors import LabError
from diagnostics.lab.layout import Layout, write_private
from diagnostics.lab.postgres import rotated_secret

PATIENCE_S = 10.0


def restart_application(folder: Path) -> None:
    """Write AWSCURRENT's password to the application's file and end what its old process held."""
    layout = Layout(folder)
    try:
        endpoint = layout.aws_endpoint.read_text("utf-8")
    except OSError as error:
        raise LabError(f"{folder}: no lab is running there: {error.strerror}") from None
    with closing(rotated_secret.client(endpoint)) as secrets:
        write_private(layout.application_password, rotated_secret.current_password(secrets))
    login.fetch_token(layout.folder / "api")
    end_hog(layout.hog_pid)


def end_hog(pid_file: Path) -> None:
    """End the process that holds connections, and wait until the server has ended its sessions."""
    try:
        os.kill(int(pid_file.read_text("utf-8")), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    until = time.monotonic() + PATIENCE_S
    while pid_file.exists():
        if time.monotonic() > until:
            raise LabError(f"the application's old process did not end within {PATIENCE_S:g} s")
        time.sleep(0.01)
