"""Restart of the application: fetch its credentials again and end its connections."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

from diagnostics.lab.api import login
from diagnostics.lab.errors import LabError
from diagnostics.lab.layout import Layout, write_private
from diagnostics.lab.postgres import rotated_secret

TIMEOUT_S = 30.0
"""A busy server takes seconds to end all its sessions."""


def restart_application(folder: Path) -> None:
    """Write the AWSCURRENT password and a new token for the application, and end its old process."""
    layout = Layout(folder)
    try:
        endpoint = layout.aws_endpoint.read_text("utf-8")
    except OSError as error:
        raise LabError(f"{folder}: no lab is running there: {error.strerror}") from None
    with closing(rotated_secret.client(endpoint)) as secrets:
        write_private(layout.application_password, rotated_secret.current_password(secrets))
    login.fetch_token(layout.folder / "api")
    end_connection_holder(layout.connection_holder_pid)


def end_connection_holder(pid_file: Path) -> None:
    """End the process that holds connections, and wait until the server has ended its sessions."""
    try:
        os.kill(int(pid_file.read_text("utf-8")), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    deadline = time.monotonic() + TIMEOUT_S
    while pid_file.exists():
        if time.monotonic() > deadline:
            raise LabError(f"the application's old process did not end within {TIMEOUT_S:g} s")
        time.sleep(0.01)
