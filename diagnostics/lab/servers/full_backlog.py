"""A port that drops SYN packets without any privilege: it listens, accepts nothing, and its queue is full."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from diagnostics.lab.errors import LabError

MOST = 16
SILENCE_S = 0.1


@contextmanager
def full_backlog() -> Iterator[int]:
    """Yields a port on loopback where connecting ends in a timeout. Raises LabError where that fails."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(MOST):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            if not select.select([], [client], [], SILENCE_S)[1]:
                yield int(listener.getsockname()[1])
                return
        raise LabError(f"this kernel queued {MOST} connections for listen(0), so no timeout can be shown")
