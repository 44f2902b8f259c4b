"""Time limit for everything that runs over a connection, enforced by shutting its socket down.

The timeout of a socket restarts with every byte, so a server that sends a byte now and then never exceeds
it. Shutting the socket from a timer ends whatever waits on it: TLS handshake, headers or body.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Self


class SocketDeadline:
    """Deadline of one connection at a time. A context manager: its timer is gone when the block ends."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._shut = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self.expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._socket:
            self._socket.close()

    @property
    def expired(self) -> bool:
        """True once the time is over or `expire` was called."""
        return self._shut or time.monotonic() >= self._end

    @property
    def connected(self) -> bool:
        """True while a connection is watched."""
        return self._socket is not None

    def watch(self, connected: socket.socket) -> None:
        """Apply the deadline to a connection, in place of the previous one."""
        with self._lock:
            if self._socket:
                self._socket.close()
            # Unlike the socket itself, a duplicate stays valid when TLS takes the connection over.
            self._socket = connected.dup()
            if self._shut:  # the timer fired while the connection was being made
                self._shut_down()

    def release(self) -> None:
        """End the watch of a connection that was closed: the duplicate would keep it open for the peer."""
        with self._lock:
            if self._socket:
                self._socket.close()
            self._socket = None

    def expire(self) -> None:
        """Shut the connection down now. Called by the timer, or by another thread to end it early."""
        with self._lock:
            self._shut = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket:
            with suppress(OSError):  # the peer has closed it
                self._socket.shutdown(socket.SHUT_RDWR)
