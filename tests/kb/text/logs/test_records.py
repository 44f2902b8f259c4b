"""Records: the lines that one program printed at once, with time, level and source."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.text.logs.records import MAX_CHARS, MAX_OPEN, RecordReader, records_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AT = datetime(2026, 11, 29, 18, 0, 7, tzinfo=UTC)
MESSAGE = 'FATAL: password authentication failed for user "app"'


def texts(text: str) -> list[str]:
    return [record.text for record in records_of(text, now=NOW)]


@pytest.mark.parametrize(
    ("line", "time", "level", "source"),
    [
        ("2026-11-29T18:00:07Z ERROR pay: x", AT, "error", ""),
        ("2026-11-29T19:00:07+01:00 WARN pay: x", AT, "warning", ""),
        ("2026-11-29 18:00:07,123 ERROR payments.db: x", AT.replace(microsecond=123000), "error", ""),
        ("ERROR 2026-11-29 18:00:07,123 views 12 1397 x", AT.replace(microsecond=123000), "error", ""),
        ("2026-11-29 18:00:07.500 UTC [4711] app@db ERROR:  x", AT.replace(microsecond=500000), "error", ""),
        ("Nov 29 18:00:07 web-2 gunicorn[2212]: x", AT, "", "gunicorn"),
        ("<34>1 2026-11-29T18:00:07Z web-2 app 12 ID1 - x", AT, "", ""),
        ("2026/11/29 18:00:07 [error] 31#31: *7 upstream timed out", AT, "error", ""),
        ("2026/11/29 18:00:07 pq: sorry, too many clients already", AT, "", ""),
        ('10.0.0.1 - - [29/Nov/2026:18:00:07 +0000] "GET /pay HTTP/1.1" 502 9', AT, "", ""),
        ("[2026-11-29 18:00:07 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:31)", AT, "critical", ""),
        ("[2026-11-29 18:00:07,118: ERROR/ForkPoolWorker-3] Task raised", AT.replace(microsecond=118000),
         "error", ""),
        ("2026-11-29 18:00:07.123  INFO 1 --- [main] c.e.App : x", AT.replace(microsecond=123000),
         "info", ""),
        ("29-Nov-2026 18:00:07.123 SEVERE [main] org.apache.X.y z", AT.replace(microsecond=123000),
         "error", ""),
        ("Nov 29, 2026 6:00:07 PM com.example.App run", AT, "", ""),
        ("E, [2026-11-29T18:00:07.000000 #12] ERROR -- : x", AT, "error", ""),
        ("E1129 18:00:07.000000       1 leader.go:330] x", AT, "error", ""),
        ("26/11/29 18:00:07 WARN TaskSetManager: x", AT, "warning", ""),
        ("29.11.26 18:00:07 ERROR x", AT, "error", ""),
        ("11/29/2026 6:00:07 PM ERROR x", AT, "error", ""),
        ("261129 18:00:07 [Note] x", AT, "", ""),
        ("1:M 29 Nov 2026 18:00:07.000 * Ready to accept connections", AT, "", ""),
        ("[Sun Nov 29 18:00:07.000000 2026] [core:error] [pid 12] x", AT, "", ""),
        ("[Sun Nov 29 18:00:07 2026] Out of memory: Killed process 12 (python)", AT, "", ""),
        ("1795975207.25 ERROR x", AT + timedelta(seconds=0.25), "error", ""),
        ("1795975207250 ERROR x", AT + timedelta(seconds=0.25), "error", ""),
        ('time="2026-11-29T18:00:07Z" level=error msg="x"', AT, "error", ""),
        ("2026-11-29T18:00:07.000000001Z stderr F ERROR x", AT, "error", ""),
        ("[pod/pay-6d9f/app] 2026-11-29T18:00:07Z ERROR x", AT, "error", "pay-6d9f"),
        ("web-1  | 2026-11-29 18:00:07 ERROR x", AT, "error", "web-1"),
        ("18:00:07.123 [main] ERROR c.e.App - x", None, "error", ""),
        ("ERROR:payments:x", None, "error", ""),
        ("[12345.678901] Out of memory: Killed process 12 (python)", None, "", ""),
    ],
)  # fmt: skip
def test_the_time_level_and_source_of_a_line(
    line: str, time: datetime | None, level: str, source: str
) -> None:
    (record,) = records_of(line, now=NOW)

    assert (record.time, record.level, record.source) == (time, level, source)


def test_a_time_in_a_sentence_is_not_a_stamp() -> None:
    (record,) = records_of("It fails since 2026-11-29 18:00 and nobody knows why", now=NOW)

    assert record.time is None


def test_a_stamp_without_a_year_is_not_in_the_future() -> None:
    (record,) = records_of("Dec 24 18:00:07 web-2 app[1]: x", now=NOW)

    assert record.time == datetime(2025, 12, 24, 18, 0, 7, tzinfo=UTC)


def test_a_zone_is_that_of_stamps_that_name_none() -> None:
    zone = timezone(timedelta(hours=1))

    assert [record.time for record in records_of("2026-11-29 19:00:07 x", zone=zone, now=NOW)] == [AT]
    assert [record.time for record in records_of("2026-11-29 18:00:07 UTC x", zone=zone, now=NOW)] == [AT]


STRUCTURED = {
    "structlog": {"event": "x", "level": "error", "timestamp": "2026-11-29T18:00:07Z", "logger": "pay"},
    "python-json-logger": {"asctime": "2026-11-29 18:00:07,000", "levelname": "ERROR", "name": "pay",
                           "message": "x"},
    "pino": {"level": 50, "time": 1795975207000, "pid": 7, "hostname": "pay", "msg": "x"},
    "zap": {"level": "error", "ts": 1795975207.0, "logger": "pay", "caller": "a/b.go:7", "msg": "x"},
    "zerolog": {"level": "error", "time": "2026-11-29T18:00:07Z", "service": "pay", "message": "x"},
    "logrus": {"level": "error", "msg": "x", "time": "2026-11-29T18:00:07Z", "host": "pay"},
    "ecs": {"@timestamp": "2026-11-29T18:00:07.000Z", "log.level": "ERROR", "message": "x",
            "service.name": "pay"},
    "loguru": {"text": "x", "record": {"level": {"name": "ERROR"}, "message": "x", "name": "pay",
                                       "time": {"timestamp": 1795975207.0}}},
    "postgresql": {"timestamp": "2026-11-29 18:00:07.000 UTC", "pid": 12, "dbname": "pay",
                   "error_severity": "ERROR", "state_code": "40P01", "message": "deadlock detected"},
    "cloud": {"severity": "ERROR", "timestamp": "2026-11-29T18:00:07Z", "jsonPayload": {"message": "x"},
              "resource": {"labels": {"pod_name": "pay"}}},
}  # fmt: skip


@pytest.mark.parametrize("value", STRUCTURED.values(), ids=STRUCTURED)
def test_a_json_line_is_a_record(value: dict[str, object]) -> None:
    line = json.dumps(value)

    first, second = records_of(f"{line}\n{line}", now=NOW)

    assert (first.time, first.level, first.source, first.text, first.line) == (AT, "error", "pay", line, 1)
    assert second.line == 2


def test_a_json_object_over_several_lines_is_one_record() -> None:
    value = STRUCTURED["structlog"]

    (record,) = records_of(json.dumps(value, indent=2), now=NOW)

    assert (record.time, record.level, record.source) == (AT, "error", "pay")
    assert json.loads(record.text) == value


TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/srv/pay.py", line 3, in run',
    "    connect()",
    f"psycopg2.OperationalError: {MESSAGE}",
    "",
    "The above exception was the direct cause of the following exception:",
    "",
    "Traceback (most recent call last):",
    '  File "/srv/app.py", line 9, in main',
    "    run()",
    "app.PaymentError: no payment",
]
DOCKER = [
    json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "2026-11-29T18:00:07Z"}) for line in TRACEBACK
]
JOURNALD = [
    json.dumps({"MESSAGE": line, "PRIORITY": "3", "_SYSTEMD_UNIT": "pay.service", "_HOSTNAME": "web-2",
                "__REALTIME_TIMESTAMP": "1795975207000000"})
    for line in TRACEBACK
]  # fmt: skip
SHIPPED = [
    json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-29T18:00:07Z",
                "kubernetes": {"pod_name": "pay-6d9f"}})
    for line in TRACEBACK
]  # fmt: skip
CRI = [f"2026-11-29T18:00:07.000000000Z stderr F {line}" for line in TRACEBACK]
SYSLOG = [f"Nov 29 18:00:07 web-2 gunicorn[2212]: {line}" for line in TRACEBACK]
COMPOSE = [f"web-1  | {line}" for line in TRACEBACK]


@pytest.mark.parametrize(
    ("lines", "time", "level", "source"),
    [
        (TRACEBACK, None, "", ""),
        (DOCKER, AT, "", ""),
        (JOURNALD, AT, "error", "pay.service"),
        (SHIPPED, AT, "", "pay-6d9f"),
        (CRI, AT, "", ""),
        (COMPOSE, None, "", "web-1"),
    ],
    ids=["plain", "docker", "journald", "shipped", "cri", "compose"],
)
def test_a_traceback_with_its_chain_is_one_record(
    lines: list[str], time: datetime | None, level: str, source: str
) -> None:
    (record,) = records_of("\n".join(lines), now=NOW)

    assert record.text == "\n".join(TRACEBACK)
    assert (record.time, record.level, record.source) == (time, level, source)
    assert record.numbers == (1, 2, 3, 4, 6, 6, 8, 8, 9, 10, 11)


def test_a_traceback_behind_the_prefix_of_syslog_is_one_record() -> None:
    (record,) = records_of("\n".join(SYSLOG), now=NOW)

    assert record.source == "gunicorn"
    assert record.text.endswith("no payment")


def test_a_line_with_its_traceback_is_one_record() -> None:
    head = "2026-11-29 18:00:07,123 ERROR payments: payment failed"
    following = "2026-11-29 18:00:08,000 INFO payments: next"

    assert texts("\n".join([head, *TRACEBACK, following])) == ["\n".join([head, *TRACEBACK]), following]


@pytest.mark.parametrize(
    "text",
    [
        ('Exception in thread "main" java.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\n'
        "Caused by: org.postgresql.util.PSQLException: FATAL: y\n\tat d.E.f(E.java:2)\n\t... 12 more"),
        ("panic: pq: sorry, too many clients already\n\ngoroutine 1 [running]:\nmain.main()\n"
        "\t/srv/main.go:12 +0x1d\nexit status 2"),
        ("Error: connect ECONNREFUSED 10.0.0.1:5432\n    at TCPConnectWrap.x (node:net:1555:16) {\n"
        "  errno: -111,\n  code: 'ECONNREFUSED'\n}"),
        ("Unhandled exception. System.Exception: x\n ---> Npgsql.PostgresException: 28P01: y\n   at N.O()\n"
        "   --- End of inner exception stack trace ---\n   at P.Q()"),
        ("PHP Fatal error:  Uncaught PDOException: x in /srv/a.php:3\nStack trace:\n#0 /srv/a.php(3): f()\n"
        "#1 {main}\n  thrown in /srv/a.php on line 3"),
        ("2026-11-29 18:00:07 UTC [7] app@db ERROR:  deadlock detected\n"
        "2026-11-29 18:00:07 UTC [7] app@db DETAIL:  Process 7 waits for ShareLock\n"
        "\tProcess 8 waits for ShareLock\n2026-11-29 18:00:07 UTC [7] app@db HINT:  See server log"),
        'FATAL:  permission denied for database "x"\nDETAIL:  User does not have CONNECT privilege.',
        ("sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) x\n"
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)"),
        'connection to server at "a" failed: Connection refused\n\tIs the server running on that host?',
        ("Name:         pay-6d9f\nContainers:\n  app:\n    Last State:     Terminated\n"
        "      Reason:       OOMKilled\n      Exit Code:    137"),
        "Our payments fail since this morning and the worker\nprints something about a password.",
    ],
)  # fmt: skip
def test_what_belongs_together_is_one_record(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        [MESSAGE, "redis ok"],
        ["redis ok", MESSAGE],
        ["Our payments fail.", "\nYou find the log below."],
        ["Our payments fail.", MESSAGE],
        ["[12345.6] oom-kill: x", "[12345.7] Out of memory: Killed process 12 (python)"],
        ["[2026-11-29 18:00:07 +0000] [12] [ERROR] x", "[2026-11-29 18:00:08 +0000] [12] [INFO] y"],
        ["psycopg2.OperationalError: x", "redis.exceptions.ConnectionError: y"],
        ["nginx: [emerg] bind() to 0.0.0.0:80 failed", MESSAGE],
        [json.dumps({"msg": "x"}), "ERROR: y", json.dumps({"msg": "z"})],
    ],
)
def test_what_several_programs_printed_are_several_records(parts: list[str]) -> None:
    assert texts("\n".join(parts)) == [part.strip() for part in parts]


def test_interleaved_processes_are_told_apart() -> None:
    first, second = [f"w1 | {line}" for line in TRACEBACK], [f"w2 | {line}" for line in TRACEBACK]
    mixed = [line for pair in zip(first, second, strict=True) for line in pair]

    assert texts("\n".join(mixed)) == ["\n".join(TRACEBACK)] * 2


def test_a_line_that_the_runtime_broke_is_joined() -> None:
    parts = [
        "2026-11-29T18:00:07Z stderr P FATAL: password ",
        "2026-11-29T18:00:07Z stderr F authentication failed",
    ]

    assert texts("\n".join(parts)) == ["FATAL: password authentication failed"]


def test_memory_is_bounded() -> None:
    reader = RecordReader(now=NOW)
    records = [record for number in range(400) for record in reader.feed(f"w{number} | x {'y' * 50}")]
    assert len(records) >= 400 - MAX_OPEN

    long_line = "x" * (2 * MAX_CHARS)
    records = [*reader.feed(long_line), *reader.finish()]
    assert max(len(record.text) for record in records) <= MAX_CHARS
    assert reader.characters_cut == MAX_CHARS

    frames = [record for _ in range(4 * MAX_CHARS // 50) for record in reader.feed("    at " + "f" * 50)]
    assert frames
    assert all(len(record.text) <= MAX_CHARS for record in frames)


LINES = st.sampled_from(
    [*TRACEBACK, *DOCKER, *JOURNALD, *CRI, *SYSLOG, *COMPOSE, MESSAGE, "{", "}", " x", "\t"]
)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(st.one_of(LINES, st.text()), max_size=20))
def test_any_lines_can_be_read_and_no_line_is_lost(lines: list[str]) -> None:
    records = records_of("\n".join(lines), now=NOW)

    assert [record.line for record in records] == sorted(record.line for record in records)
    assert all(len(record.numbers) == len(record.text.split("\n")) for record in records)
    assert all(record.time is None or record.time.tzinfo for record in records)
