"""Talks to the lab that `lab up` holds, over its socket. Imports nothing of the lab's weight."""

import json
import socket
from typing import Any

from diagnostics.lab.errors import LabError
from diagnostics.targets.runtime_folder import lab_socket

PATIENCE_S = 90.0
"""Seconds for one command; the slowest waits for a server twice."""


class LabNotRunning(LabError):
    """Nobody listens on the lab's socket."""


def send(command: str, **arguments: str) -> dict[str, Any]:
    """Send `break` (finding=...), `fail`, `repair`, `status` or `down`; returns the answer.

    `fail` runs the code that suffers from what is broken and answers with what it `printed`. `down` returns
    when the lab is gone. Raises LabNotRunning; LabError with the lab's own words where it cannot do it.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            connection.connect(str(lab_socket()))
        except OSError:
            raise LabNotRunning(
                "the lab is not running; start it in another terminal: clearpay-doctor lab up"
            ) from None
        return _ask(connection, {"command": command, **arguments})


def _ask(connection: socket.socket, request: dict[str, str]) -> dict[str, Any]:
    try:
        with connection.makefile("rw", encoding="utf-8") as lines:
            lines.write(json.dumps(request) + "\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline() or "{}")
    except (OSError, ValueError) as error:
        raise LabError(f"{request['command']}: the lab did not answer: {error}") from None
    if not answer.get("ok"):
        raise LabError(str(answer.get("error", "the lab ended before it answered")))
    return answer
