"""Client of the socket of `lab up`. It imports no server, to start fast."""

import json
import socket
from typing import Any

from diagnostics.lab.errors import LabError
from diagnostics.targets.runtime_folder import lab_socket

TIMEOUT_S = 90.0
"""Limit of one command; the slowest ones wait for a server twice."""


class LabNotRunning(LabError):
    """Missing lab: no process listens on the socket."""


def send(command: str, **arguments: str) -> dict[str, Any]:
    """Send `break` (finding=...), `fail`, `repair`, `status` or `down`, and return the answer.

    `fail` runs the code that suffers from the fault and answers with what it `printed`. `down` returns when
    the lab has ended. Raises LabNotRunning, and LabError with the lab's message where a command fails.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(str(lab_socket()))
        except OSError:
            raise LabNotRunning(
                "the lab is not running; start it in another terminal: clearpay-doctor lab up"
            ) from None
        return _exchange(connection, {"command": command, **arguments})


def _exchange(connection: socket.socket, request: dict[str, str]) -> dict[str, Any]:
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
