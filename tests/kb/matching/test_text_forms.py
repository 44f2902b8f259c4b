"""One error in many forms: with prefixes, in JSON, wrapped by frameworks, interleaved, translated."""

import json

import pytest

from kb.matching.index import Index
from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.text.logs.log_prefixes import strip_prefix

REFUSED = (
    "Traceback (most recent call last):\n"
    '  File "/srv/payments/worker.py", line 31, in run\n'
    "    connection = psycopg2.connect(url)\n"
    'psycopg2.OperationalError: connection to server at "10.20.0.15", port 5432 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?"
)
NO_CONNECT = (
    'FATAL:  permission denied for database "transactions"\nDETAIL:  User does not have CONNECT privilege.'
)
"""A message of two lines; only the second distinguishes it from a missing privilege on a table."""
PREFIXES = [
    "Nov 22 02:00:04 pay-web-2 gunicorn[2212]: ",
    "2022-11-22T02:00:04.118Z ",
    "2022-11-22 02:00:04,118 ",
    "2022-11-22 02:00:04.118 UTC [4711] app_user@transactions ",
    "[2022-11-22 02:00:04,118: ERROR/ForkPoolWorker-3] ",
    "[pod/payments-6d9f/app] 2022-11-22T02:00:04.118Z stderr F ",
    "postgres_1  | 2022-11-22 02:00:04.118 UTC [32] ",
    "web-1  | ",
    "    | ",
    "│ 2022-11-22 02:00:04.118 GMT [509] ",
    "[w1] ",
]


@pytest.fixture(scope="module")
def index() -> Index:
    return load_index()


def first(text: str, index: Index) -> str:
    matches = match(text, index)
    return matches[0].entry if matches and matches[0].proves else "nothing"


def before_each_line(prefix: str, text: str) -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_any_prefix_may_stand_before_the_lines(prefix: str, index: Index) -> None:
    assert first(before_each_line(prefix, REFUSED), index) == "db-connection-refused"
    assert first(before_each_line(prefix, NO_CONNECT), index) == "db-access-rule"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_is_taken_off_and_nothing_else(prefix: str) -> None:
    assert strip_prefix(f"{prefix}FATAL:  the database").strip() == "FATAL:  the database"
    assert strip_prefix("FATAL:  the database") == "FATAL:  the database"


def test_source_behind_a_prefix_is_not_what_happened(index: Index) -> None:
    text = before_each_line(
        "worker[7]: ", "    raise CredentialRotationError('stale') from error\nKeyError: 'x'"
    )

    assert match(text, index) == ()


JSON_LOGS: dict[str, dict[str, object]] = {
    "structlog": {"event": "payment failed", "level": "error", "exception": REFUSED},
    "dict_tracebacks": {
        "event": "failed",
        "exception": [{"exc_type": "OperationalError", "exc_value": REFUSED}],
    },
    "python-json-logger": {"asctime": "2022-11-22 02:00:04,118", "message": "failed", "exc_info": REFUSED},
    "datadog": {"status": "error", "error": {"kind": "psycopg2.OperationalError", "stack": REFUSED}},
    "cloudwatch": {"timestamp": 1669082404118, "message": json.dumps({"level": "ERROR", "msg": REFUSED})},
    "kubernetes": {"log": REFUSED + "\n", "stream": "stderr", "time": "2022-11-22T02:00:04.118231Z"},
    "opentelemetry": {"severity_text": "ERROR", "body": REFUSED, "trace_id": "dacf"},
}


@pytest.mark.parametrize("record", JSON_LOGS.values(), ids=JSON_LOGS)
def test_json_logs_are_read(record: dict[str, object], index: Index) -> None:
    assert first(json.dumps(record), index) == "db-connection-refused"
    assert first(json.dumps(record, indent=2), index) == "db-connection-refused"
    assert first(f"payments-6d9f stderr F {json.dumps(record)}", index) == "db-connection-refused"


MESSAGE = REFUSED.partition("OperationalError: ")[2]
WRAPPED = {
    "django": f"{REFUSED}\n\nThe above exception was the direct cause of the following exception:\n\n"
    f"django.db.utils.OperationalError: {MESSAGE}",
    "sqlalchemy": f"sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) {MESSAGE}\n"
    "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    "celery": "[2022-11-22 02:00:04,118: ERROR/MainProcess] Task pay[6a] raised: "
    f"OperationalError({MESSAGE!r})",
    "uvicorn": f"ERROR:    Exception in ASGI application\n{REFUSED}",
    "exception group": before_each_line(
        "    | ", f"ExceptionGroup: unhandled errors in a TaskGroup\n{REFUSED}"
    ),
}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_a_framework_around_it_changes_nothing(wrapped: str, index: Index) -> None:
    assert first(wrapped, index) == "db-connection-refused"


def test_of_two_interleaved_workers_the_first_error_leads(index: Index) -> None:
    first_worker = before_each_line("w1 | ", REFUSED).split("\n")
    second_worker = before_each_line(
        "w2 | ", "Traceback (most recent call last):\nKeyError: 'AUD'\n\n\n"
    ).split("\n")
    text = "\n".join(line for pair in zip(first_worker, second_worker, strict=True) for line in pair)

    assert [found.entry for found in match(text, index)] == ["db-connection-refused"]


def test_of_two_interleaved_workers_the_consequence_is_not_the_root(index: Index) -> None:
    text = (
        "[w1] psycopg2.errors.InFailedSqlTransaction: current transaction is aborted\n"
        "[w2] psycopg2.errors.DeadlockDetected: deadlock detected\n"
        "[w1] psycopg2.InterfaceError: connection already closed"
    )

    assert [found.entry for found in match(text, index)] == ["db-deadlock"]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("FATAL:  Passwort-Authentifizierung für Benutzer »app_user« fehlgeschlagen", "db-password-rejected"),
        ("FATAL:  la autentificación password falló para el usuario «app_user»", "db-password-rejected"),
        ("ERREUR:  interblocage (deadlock) détecté", "db-deadlock"),
        ("FATAL:  le rôle « app_user » n'est pas autorisé à se connecter", "db-access-rule"),
        ("FATAL:  現在クライアント数が多すぎます", "db-server-full"),
        (
            "Verbindung zum Server auf »db«, Port 5432 fehlgeschlagen: Verbindungsaufbau abgelehnt",
            "db-connection-refused",
        ),
        ('"db"、ポート5432のサーバーへの接続に失敗しました: タイムアウト期間が過ぎました', "db-unreachable"),
    ],
)
def test_a_message_is_known_in_the_language_of_its_server(text: str, entry: str, index: Index) -> None:
    assert first(text, index) == entry


def test_typed_signs_beat_the_words_of_a_language_that_is_not_known(index: Index) -> None:
    assert first('server error (FATAL: 用户 "app_user" Password 认证失败 (SQLSTATE 28P01))', index) == (
        "db-password-rejected"
    )
    assert first("psycopg2.errors.DeadlockDetected: обнаружена взаимоблокировка", index) == "db-deadlock"


def test_a_hole_holds_the_same_in_every_language(index: Index) -> None:
    (found, *_) = match(
        "FATAL:  authentification par mot de passe échouée pour l'utilisateur  « app_user »", index
    )

    assert found.holes == {"role": "app_user"}


@pytest.mark.parametrize(
    ("message", "entry"),
    [
        ('password authentication failed for user "app_user"', "db-password-rejected"),
        ('database "ledger" does not exist', "db-unknown-database"),
        ('too many connections for role "app_user"', "db-server-full"),
        ('role "app_user" is not permitted to log in', "db-access-rule"),
        ("the database system is starting up", "db-starting-up"),
    ],
)
def test_a_pooler_that_relays_and_a_server_are_understood_as_the_driver_is(
    message: str, entry: str, index: Index
) -> None:
    client = (
        f"2022-11-22 02:00:07.145 UTC [7] WARNING C-0x5638: ledger/app@10.20.1.7:4946 pooler error: {message}"
    )
    server = f"2022-11-22 02:00:07.145 UTC [4711] app_user@ledger FATAL:  {message}"

    assert [first(text, index) for text in (client, server)] == [entry] * 2


@pytest.mark.parametrize(
    "message",
    [
        'password authentication failed for user "app_user"',
        'database "ledger" does not exist',
        'too many connections for role "app_user"',
        'role "app_user" is not permitted to log in',
        "the database system is starting up",
    ],
)
def test_a_login_of_the_pooler_that_fails_is_no_login_of_the_application(message: str, index: Index) -> None:
    pooler = f"2022-11-22 02:00:07.145 UTC [7] WARNING server login failed: FATAL {message}"

    assert first(pooler, index) == "db-pooler-server-unavailable"


@pytest.mark.parametrize(
    "text",
    [
        "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
        "kafka.errors.NoBrokersAvailable: NoBrokersAvailable",
        "django.db.utils.OperationalError: (1213, 'Deadlock found when trying to get lock; try restarting')",
        "ssh: connect to host build-7.internal port 22: Connection refused",
        "npm ERR! request to http://localhost:4873/x failed, reason: connect ECONNREFUSED 127.0.0.1:4873",
        "java.net.ConnectException: Connection refused\n\tat example.Client.open(Client.java:12)",
        "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "fatal: unable to access 'https://host.example/shop.git/': Could not resolve host: host.example",
        "Nov 22 02:00:01 web-1 systemd[1]: shop.service: Main process exited, code=exited, status=203/EXEC",
    ],
)
def test_another_system_that_says_the_same_is_not_ours(text: str, index: Index) -> None:
    assert match(text, index) == ()


@pytest.mark.parametrize(
    "text",
    [
        "How often do we take a backup of the database, and where is it stored?",
        "Thank you all, the migration of the transactions database went well",
        "Next sprint we upgrade postgres to version 18",
    ],
)
def test_who_tells_of_no_trouble_has_none(text: str, index: Index) -> None:
    assert match(text, index) == ()
