"""A port that drops SYN packets without privileges: it listens with a full backlog and accepts nothing."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from diagnostics.lab.errors import LabError

MAX_CONNECTIONS = 16
SILENCE_S = 0.1


@contextmanager
def full_backlog() -> Iterator[int]:
    """Yield a port on loopback where connecting times out. Raises LabError if the kernel does not drop."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(MAX_CONNECTIONS):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            if not select.select([], [client], [], SILENCE_S)[1]:
                yield int(listener.getsockname()[1])
                return
        raise LabError(
            f"this kernel queued {MAX_CONNECTIONS} connections for listen(0), so connecting does not time out"
        )
