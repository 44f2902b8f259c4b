"""PostgreSQL's protocol, spoken by a server whose answers a test chooses: a healthy server, or any other.

Source: PostgreSQL documentation, 55.7 "Message Formats". The healthy answers are those of a quiet database; a
statement is recognised by a part of its text.
"""

import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from diagnostics.targets.settings import LAB_THRESHOLDS, Pool, Pooler, Report, Secrets, TargetSettings
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.clients.postgres.foreign_servers import (
    SETTINGS,
    FakeServer,
    auth_request,
    error,
    message,
    startup,
)

PID: Final = 4711
BOOL, INT8, INT4, TEXT, JSON, FLOAT8, NUMERIC, INT4_ARRAY, TEXT_ARRAY = (
    16,
    20,
    23,
    25,
    114,
    701,
    1700,
    1007,
    1009,
)
PREFIX: Final = "clearpay-doctor/"
QUICK: Final = replace(
    LAB_THRESHOLDS,
    deadlock_window_s=0.03,
    statement_window_s=0.03,
    kill_window_s=0.03,
    pool_window_s=0.03,
    pooler_window_s=0.03,
    batch_window_s=0.03,
)


@dataclass(frozen=True)
class Answer:
    """Rows with the types of their columns by OID, or an error; neither for a statement without rows."""

    types: Sequence[int] = ()
    rows: Sequence[Sequence[str | None]] = ()
    names: Sequence[str] = ()
    failure: bytes = b""

    @property
    def messages(self) -> bytes:
        """Messages of the answer up to ReadyForQuery."""
        ready = message(b"Z", b"I")
        if self.failure:
            return self.failure + ready
        names = self.names or [f"c{number}" for number in range(len(self.types))]
        columns = b"".join(
            name.encode() + b"\0" + struct.pack("!IhIhih", 0, 0, oid, -1, -1, 0)
            for name, oid in zip(names, self.types, strict=True)
        )
        described = message(b"T", struct.pack("!h", len(self.types)) + columns) if self.types else b""
        rows = b"".join(message(b"D", _row(row)) for row in self.rows)
        return described + rows + message(b"C", b"SELECT\0") + ready


def _row(values: Sequence[str | None]) -> bytes:
    fields = b""
    for value in values:
        data = None if value is None else value.encode("utf-8", "surrogateescape")
        fields += struct.pack("!i", -1) if data is None else struct.pack("!i", len(data)) + data
    return struct.pack("!h", len(values)) + fields


SESSION_TYPES = (
    *(INT4, TEXT, TEXT, TEXT, TEXT, FLOAT8, FLOAT8, TEXT, FLOAT8, FLOAT8, FLOAT8),
    *(TEXT, TEXT, INT4_ARRAY, TEXT, TEXT, FLOAT8, TEXT),
)
SESSION = (
    "9",
    "db",
    "app",
    "payments",
    "idle",
    "1",
    "1",
    "SELECT 1",
    "1",
    "1",
    "0",
    "Client",
    "ClientRead",
    "{}",
    "",
    "",
    "0",
    "",
)
PLAN = '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Schema": "s", "Alias": "t", "Plan Rows": 5, "Plan Width": 8, "Output": ["a"], "Filter": "f(t.a)"}, "Query Identifier": 5}]'  # noqa: E501  one value
POOL = {
    "database": (TEXT, "db"), "user": (TEXT, "app"), "cl_active": (INT4, "1"), "cl_waiting": (INT4, "0"),
    "sv_active": (INT4, "0"), "sv_idle": (INT4, "1"), "sv_used": (INT4, "0"), "sv_tested": (INT4, "0"),
    "sv_login": (INT4, "0"), "maxwait": (INT4, "0"), "maxwait_us": (INT4, "0"),
    "pool_mode": (TEXT, "session"),
}  # fmt: skip


def _named(*rows: Mapping[str, tuple[int, str]]) -> Answer:
    first = rows[0]
    values = [[value for _, value in row.values()] for row in rows]
    return Answer([oid for oid, _ in first.values()], values, list(first))


HEALTHY: Final[Mapping[str, Answer]] = {
    "pg_is_in_recovery()": Answer(
        (INT4, BOOL, TEXT, TEXT, TEXT, TEXT), [(str(PID), "f", "off", "on", "3s", "200ms")]
    ),
    "rolsuper": Answer((BOOL, BOOL), [("f", "f")]),
    "rolvaliduntil": Answer((BOOL, TEXT), [("f", None)]),
    "CASE source": Answer((TEXT, INT8, TEXT), [("statement_timeout", "10000", "user")]),
    "'server'": Answer((TEXT, INT8, TEXT), []),
    "DISTINCT ON (1) split_part": Answer((TEXT, INT8, TEXT), []),
    "pg_read_all_stats": Answer((BOOL, TEXT), [("t", "app")]),
    "FROM pg_settings s WHERE s.name": Answer(
        (TEXT, TEXT, INT8, INT8), [("track_activities", "on", "0", "0"), ("track_counts", "on", "0", "0")]
    ),
    "pg_blocking_pids": Answer(SESSION_TYPES, [SESSION]),
    "SIReadLock": Answer((INT8, INT8, INT8, BOOL), [("0", "5", "0", "f")]),
    "pg_postmaster_start_time": Answer((INT8, FLOAT8), [("0", "3.5")]),
    "deadlock_timeout": Answer((TEXT, TEXT, TEXT), [("1s", "off", "read committed")]),
    "sessions_fatal": Answer((INT8, INT8, INT8), [("0", "0", "0")]),
    "pg_terminate_backend": Answer((TEXT,), []),
    "superuser_reserved_connections": Answer((INT4, INT4, INT4, INT4), [("100", "3", "-1", "-1")]),
    "ILIKE 'insert'": Answer(
        (INT4, TEXT, TEXT, TEXT, BOOL, TEXT), [("9", "app", "1", "", "t", "INSERT INTO t VALUES (1)")]
    ),
    "BEGIN READ ONLY": Answer((TEXT,), [("",)]),
    "COMMIT; SELECT true": Answer((BOOL,), [("t",)]),
    "n_mod_since_analyze": Answer((TEXT, INT8, INT8, TEXT), []),
    "EXPLAIN": Answer((JSON,), [(PLAN,)]),
    "reltuples": Answer((FLOAT8,), [("5",)]),
    "to_regclass('pg_stat_statements')": Answer((BOOL,), [("t",)]),
    "queryid =": Answer((FLOAT8, INT8), [("5", "2")]),
    "SHOW VERSION": Answer((TEXT,), [("PgBouncer 1.21.0",)], ["version"]),
    "SHOW CONFIG": _named(
        {"key": (TEXT, "max_client_conn"), "value": (TEXT, "100")},
        {"key": (TEXT, "pool_mode"), "value": (TEXT, "session")},
    ),
    "SHOW DATABASES": _named(
        {
            "name": (TEXT, "db"),
            "host": (TEXT, "h"),
            "port": (INT4, "5432"),
            "force_user": (TEXT, ""),
            "pool_size": (INT4, "20"),
            "max_connections": (INT4, "0"),
            "paused": (INT4, "0"),
            "disabled": (INT4, "0"),
        }
    ),
    "SHOW LISTS": _named(
        {"list": (TEXT, "used_clients"), "items": (INT4, "3")},
        {"list": (TEXT, "login_clients"), "items": (INT4, "0")},
    ),
    "SHOW POOLS": _named(POOL),
    "SHOW SERVERS": _named(
        {
            "database": (TEXT, "db"),
            "user": (TEXT, "app"),
            "state": (TEXT, "idle"),
            "ptr": (TEXT, "0x1"),
            "link": (TEXT, ""),
            "remote_pid": (INT4, "9"),
        }
    ),
    "SHOW STATE": _named(
        {"key": (TEXT, "active"), "value": (TEXT, "yes")}, {"key": (TEXT, "paused"), "value": (TEXT, "no")}
    ),
    "SHOW STATS": _named(
        {"database": (TEXT, "db"), "avg_wait_time": (NUMERIC, "12"), "avg_xact_time": (NUMERIC, "12")}
    ),
}
"""Answer by a part of the statement; the first part that occurs counts."""
Answers = Callable[[str, str, Answer], Answer]
"""Function that gets probe, part of the statement and healthy answer, and returns the answer to send."""


@contextmanager
def fake_postgres(answers: Answers = lambda _probe, _part, healthy: healthy) -> Iterator[Target]:
    """Run a server with these answers on loopback; yield a target with a pool, a report and a console."""

    def behave(client: socket.socket) -> None:
        application = startup(client).get(b"application_name", b"").decode()
        status = {**SETTINGS, b"standard_conforming_strings": b"on"}
        reported = b"".join(message(b"S", name + b"\0" + value + b"\0") for name, value in status.items())
        key = message(b"K", struct.pack("!II", PID, 1))
        client.sendall(auth_request(0) + reported + key + message(b"Z", b"I"))
        while statement := _query(client):
            client.sendall(_answer(answers, application.removeprefix(PREFIX), statement).messages)

    with FakeServer(behave) as server:
        yield target_at(server.port)


def target_at(port: int) -> Target:
    """Return a target of the server at a port of loopback."""
    url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
    settings = TargetSettings(
        production=False,
        database=url,
        monitor=url,
        secrets=Secrets(database="p", monitor="p", pooler="p"),
        pool=Pool(application_name="payments", size=5),
        pooler=Pooler(admin=url),
        report=Report(memory_mb=100, sql="SELECT a FROM t"),
        thresholds=QUICK,
    )
    return Target("fake", (endpoint(url),), settings)


def _answer(answers: Answers, probe: str, statement: str) -> Answer:
    part = next((part for part in HEALTHY if part in statement), "")
    if not part:
        return Answer(failure=error("42601", f"unexpected statement: {statement[:60]}", severity="ERROR"))
    return answers(probe, part, HEALTHY[part])


def _query(client: socket.socket) -> str:
    """Read the next message; return the statement of a query, an empty text at the end of the session."""
    head = _exactly(client, 5)
    if len(head) < 5 or head[:1] != b"Q":
        return ""
    return _exactly(client, struct.unpack("!I", head[1:])[0] - 4).rstrip(b"\0").decode("utf-8", "replace")


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := client.recv(size - len(data))):
        data += piece
    return data
