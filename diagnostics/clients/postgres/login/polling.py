"""Login of an asynchronous connection, driven without holding the interpreter.

libpq obeys what a server demands, and some of it takes as long as the server wishes: the iterations of SCRAM,
twenty minutes and more for the largest number. psycopg2 calls libpq with the interpreter's lock held, so
that no deadline and no signal would end it.
"""

import select
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.login.library import Library, library
from diagnostics.clients.postgres.login.relay import Relay
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import OutOfTime

if TYPE_CHECKING:
    from psycopg2.extensions import connection

FAILED, READING, WRITING = 0, 1, 2
"""Constants of PostgresPollingStatusType."""


class LibpqError(Exception):
    """Login that libpq ended; the text is libpq's own, with the server's message."""


def complete_login(raw: "connection", deadline: Deadline) -> None:
    """Poll libpq until it has logged in. Raises LibpqError, OutOfTime, and DemandRefused.

    Does nothing if libpq's functions are not exported: psycopg2 then logs in by itself.
    """
    functions = library()
    if functions is None:
        return
    state = WRITING
    relay: Relay | None = None
    try:
        while state in {READING, WRITING}:
            relay = _current(relay, raw, functions, state)
            _wait(relay, raw, state, deadline)
            state = functions.poll(raw)
    finally:
        if relay is not None:
            relay.close()
    if state == FAILED:
        raise LibpqError(functions.error_text(raw))


def _current(relay: Relay | None, raw: "connection", functions: Library, state: int) -> Relay | None:
    """Return the relay of the connection: a new one once libpq waits for the server's first byte."""
    if relay is not None and not relay.in_use:
        relay.close()
        relay = None
    return relay or (Relay(raw, functions) if state == READING else None)


def _wait(relay: Relay | None, raw: "connection", state: int, deadline: Deadline) -> None:
    if relay is not None:
        relay.flush()
        if state == READING:
            relay.pass_on(deadline)
    elif deadline.left <= 0 or not any(select.select([], [raw], [], deadline.left)):
        raise OutOfTime(f"the server did not answer within {deadline.seconds:.1f} s")
