"""A socket deadline ends reads in time, also on a connection that is made after it has expired."""

import socket
import threading
from collections.abc import Iterator

import pytest

from diagnostics.clients.http.socket_deadline import SocketDeadline
from tests.support.deadlines import ends_within

HANGS_S = 30
"""Seconds for which a read would wait without the deadline."""


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Return the near end of a connection whose far end sends nothing."""
    near, far = socket.socketpair()
    near.settimeout(HANGS_S)
    with near, far:
        yield near


def test_a_read_ends_when_the_time_is_over(silent: socket.socket) -> None:
    with SocketDeadline(0.05) as deadline, ends_within(0.05):
        deadline.watch(silent)

        assert silent.recv(1) == b""
        assert deadline.expired


def test_another_thread_may_end_the_connection_early(silent: socket.socket) -> None:
    with SocketDeadline(HANGS_S) as deadline, ends_within(0.1):
        deadline.watch(silent)
        assert not deadline.expired
        threading.Timer(0.05, deadline.expire).start()

        assert silent.recv(1) == b""
        assert deadline.expired


def test_a_connection_that_is_made_too_late_is_shut_at_once(silent: socket.socket) -> None:
    with SocketDeadline(HANGS_S) as deadline, ends_within(0):
        deadline.expire()
        assert not deadline.connected
        deadline.watch(silent)

        assert silent.recv(1) == b""
        assert deadline.connected


def test_its_timer_is_gone_when_the_block_ends(silent: socket.socket) -> None:
    before = threading.active_count()
    with SocketDeadline(HANGS_S) as deadline:
        deadline.watch(silent)
        assert threading.active_count() == before + 1

    assert threading.active_count() == before
