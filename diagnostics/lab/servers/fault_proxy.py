"""A TCP proxy with failure modes that can be switched while connections are open."""

import socket
from functools import partial
from typing import Literal, Self, get_args

from diagnostics.lab.servers.listener import POLL_S, Listener, cut, reset
from diagnostics.lab.servers.relay import connect, relay

Mode = Literal["forward", "refuse", "drop", "delay", "reset", "trickle", "cut"]
MODES: tuple[Mode, ...] = get_args(Mode)
BYTE_S = 1.0
"""Pause between the bytes in mode `trickle`."""


class FaultProxy(Listener):
    """Proxy in front of a server on loopback.

    `forward` relays; `refuse` does not listen; `drop` accepts and stays silent; `delay` delays each chunk;
    `reset` ends connections with RST and `cut` with FIN; `trickle` answers one byte a second.
    """

    def __init__(self, upstream: int, mode: Mode = "forward", *, delay: float = 0.2) -> None:
        super().__init__()
        self._upstream = upstream
        self._delay = delay
        self._mode: Mode = mode

    @property
    def mode(self) -> Mode:
        """Current mode."""
        return self._mode

    def switch(self, mode: Mode) -> None:
        """Set the mode; open connections follow within 20 ms."""
        before, self._mode = self._mode, mode
        if mode == "refuse":
            self.refuse()
        elif before == "refuse":
            self.resume()

    def __enter__(self) -> Self:
        if self._mode == "refuse":
            self.refuse()
            return self
        return super().__enter__()

    def handle(self, client: socket.socket) -> None:
        """Serve one connection in the current mode, as it changes."""
        self._while_silent()
        if self._ends(client):
            return
        send = partial(self._send, client)
        with connect(self._upstream) as server:
            while not self.ending.is_set() and not self._ends(client):
                if relay(client, server, keep_running=self._passes, send=send, poll=POLL_S):
                    return
                self._while_silent()

    def _passes(self) -> bool:
        return self._mode in {"forward", "delay", "trickle", "refuse"} and not self.ending.is_set()

    def _while_silent(self) -> None:
        while self._mode == "drop" and not self.ending.wait(POLL_S):
            pass

    def _ends(self, client: socket.socket) -> bool:
        if self._mode == "reset":
            reset(client)
        elif self._mode == "cut":
            cut(client)
        return self._mode in {"reset", "cut"} or self.ending.is_set()

    def _send(self, client: socket.socket, to: socket.socket, data: bytes) -> None:
        if self._mode == "delay":
            self.ending.wait(self._delay)
        if self._mode != "trickle" or to is not client:
            to.sendall(data)
            return
        for position in range(len(data)):
            if self._mode != "trickle" or self.ending.is_set():
                to.sendall(data[position:])
                return
            to.sendall(data[position : position + 1])
            self.ending.wait(BYTE_S)
