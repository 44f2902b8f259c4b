"""Matching: a text leads to its entry, an unrelated one to none, and the first error outranks later ones."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.matching.index import Index, index_to_json
from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.records.loader import load_entries
from kb.records.models import Cause, CheckStep, Entry, FixStep, Sample, Symptom
from kb.text.sanitize import clean
from tests.tools.match_score import texts

PROVEN = 0.6
"""Score that words alone do not reach."""
PAGE = "\n".join(text.body for text in texts("tuned"))[:10_000]

ELSEWHERE = {
    "Last State: Terminated Reason: OOMKilled Exit Code: 137  (image-resizer)",
    "Unable to connect to the server: x509: certificate signed by unknown authority\nkubectl get pods failed",
    "feature request: please add a setting for the pool that gives up on stuck connections",
    'ERROR: duplicate key value violates unique constraint "payments_pkey", the database refuses the row',
}
"""Unrelated texts with words of entries."""


PROPOSALS = (
    "Add docs for diagnosing stuck and blocked queries",
    "fix(api): retry on HTTP 429, the rate limit is exceeded",
    "Documented which webhooks have no signature",
    "How do I choose the size of a connection pool?",
    "Return 403 if the scope is missing? We should discuss it.",
)
"""Proposals and questions with words of entries."""


@pytest.fixture(scope="session")
def index() -> Index:
    return compile_index(load_entries().values())


def samples() -> list[tuple[str, str]]:
    return [
        (entry.id, sample.text)
        for entry in load_entries().values()
        for symptom in entry.symptoms
        for sample in symptom.samples
    ]


def other_messages() -> list[tuple[str, str]]:
    return [(entry.id, template) for entry in load_entries().values() for template in entry.other_messages]


@pytest.mark.parametrize(("entry_id", "text"), samples())
def test_every_sample_of_a_record_leads_to_the_record(entry_id: str, text: str, index: Index) -> None:
    matches = match(text, index)

    # A text that stands for two entries leads to both: a pool runs dry by work or by a leak.
    assert entry_id in {found.entry for found in matches if found.score == matches[0].score}


def entry(entry_id: str, *symptoms: Symptom, names: tuple[str, ...] = (), layer: str = "database") -> Entry:
    step = FixStep(kind="manual", title="Wait", code="Wait.")
    cause = Cause(
        finding=f"own.{entry_id}", sentence="It is.", manual_check=(CheckStep(do="Look."),), fix=(step,)
    )
    return Entry(
        id=entry_id,
        layer=layer,
        title=f"The state of {entry_id}",
        severity="high",
        summary="It is so.",
        impact="It hurts.",
        symptoms=symptoms,
        causes=(cause,),
        since="0.1.0",
        error_names=names,
    )


def sign(value: str) -> Symptom:
    return Symptom(samples=(), sign=value)


def template(value: str) -> Symptom:
    return Symptom(samples=(Sample(kind="observed", text=value, source="lab"),), template=value)


def own_index(*entries: Entry) -> Index:
    return compile_index(entries)


def test_the_first_cause_outranks_what_follows() -> None:
    own = own_index(
        entry("late", sign("sqlstate 53300")), entry("early", template("the ledger is closed for <who>"))
    )

    first, second = match("1 the ledger is closed for app\n2 FATAL:  53300: too many\n", own)

    assert (first.entry, second.entry) == ("early", "late")
    assert (first.line, second.line) == (1, 2)
    assert first.holes == {"who": "app"}


def test_a_consequence_is_never_the_root() -> None:
    own = own_index(entry("aborted", sign("sqlstate 25P02")), entry("deadlock", sign("sqlstate 40P01")))
    text = "psycopg2.errors.InFailedSqlTransaction: x\npsycopg2.errors.DeadlockDetected: deadlock detected"

    assert [found.entry for found in match(text, own)] == ["deadlock"]
    assert not match(text.partition("\n")[0], own)[0].proves


def test_in_a_chained_traceback_the_earliest_database_error_counts(index: Index) -> None:
    text = (
        "psycopg2.errors.DeadlockDetected: deadlock detected\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        'psycopg2.OperationalError: connection to server at "db", port 5432 failed: Connection refused'
    )

    assert [found.entry for found in match(text, index)] == ["db-deadlock", "db-connection-refused"]


def test_java_prints_the_root_last(index: Index) -> None:
    text = (
        "FATAL: sorry, too many clients already\n"
        "\tat org.postgresql.Driver.connect(Driver.java:1)\n"
        "Caused by: org.postgresql.util.PSQLException: FATAL: the database system is starting up"
    )

    assert match(text, index)[0].entry == "db-starting-up"


def test_what_a_server_answered_counts_before_an_address_that_gave_no_answer(index: Index) -> None:
    text = (
        'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n"
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: '
        'FATAL:  database "transactionz" does not exist'
    )

    assert match(text, index)[0].entry == "db-unknown-database"


def test_a_shared_sign_proves_each_owner_and_the_own_name_decides(index: Index) -> None:
    text = 'FATAL:  password authentication failed for user "app_user"'

    plain = match(text, index)
    named = match(f"{text}\nclearpay.db.security.CredentialRotationError: login failed", index)

    assert [found.entry for found in plain] == ["db-password-rejected", "db-credential-rotation"]
    assert [found.entry for found in named] == ["db-credential-rotation", "db-password-rejected"]
    assert all(found.proves for found in (*plain, *named))


def test_a_builtin_name_is_weak(index: Index) -> None:
    alone = match("ConnectionRefusedError: [Errno 111] Connection refused", index)
    ours = match("clearpay.db.connection.ConnectionRefusedError: gave up", index)

    assert alone[0].score < 0.5
    assert not alone[0].proves
    assert ours[0].proves


def test_another_database_takes_the_meaning_from_a_sign() -> None:
    own = own_index(entry("deadlock", sign("sqlstate 40001"), template("deadlock detected")))

    assert match("SQLState: 40001 from postgres", own)
    assert not match("MySQL said SQLState: 40001, deadlock detected", own)


def test_words_alone_prove_nothing(index: Index) -> None:
    best = match("our transactions deadlock in postgres", index)[0]

    assert best.entry == "db-deadlock"
    assert best.score < PROVEN
    assert not best.proves
    assert "deadlock" in best.why[0]


def test_a_sentence_that_names_another_system_is_not_about_ours(index: Index) -> None:
    assert match("redis and its database refuse the connection since the password was rotated", index) == ()


@pytest.mark.parametrize("text", sorted(ELSEWHERE))
def test_an_error_of_another_system_or_a_wish_is_not_about_ours(text: str, index: Index) -> None:
    assert match(text, index) == ()


@pytest.mark.parametrize("text", PROPOSALS)
def test_a_plan_or_a_question_is_no_report(text: str, index: Index) -> None:
    assert match(text, index) == ()


def test_a_plan_that_quotes_the_error_is_about_it(index: Index) -> None:
    text = 'Add a retry, we see "ERROR: could not serialize access due to concurrent update"'

    assert [found.entry for found in match(text, index)] == ["db-serialization-failure"]


def test_a_system_that_a_prefix_names_takes_the_meaning_from_words(index: Index) -> None:
    message = "rejected connection, first record does not look like a TLS handshake"

    assert match(f"Apr 07 09:35:10 master1 etcd[4769]: {message}", index) == ()


def test_a_drivers_bare_timeout_means_no_connection(index: Index) -> None:
    text = """  File "asyncpg/connect_utils.py", line 934, in __connect_addr
asyncio.exceptions.TimeoutError"""

    assert match(text, index)[0].entry == "db-unreachable"


@pytest.mark.parametrize(("entry_id", "template_text"), other_messages())
def test_what_other_drivers_say_leads_to_the_record(entry_id: str, template_text: str, index: Index) -> None:
    layer = load_entries()[entry_id].layer
    message = re.sub("<[a-z ]+>", "7", template_text)

    matches = match(f"{index['layers'][layer]['own'][0]}\n{message}", index)

    assert entry_id in {found.entry for found in matches if found.score == matches[0].score}


def test_why_shows_no_secret_and_no_escape(index: Index) -> None:
    text = 'password=canary \x1b[31mconnection to server at "h" port 1 failed: Connection refused\x1b[0m'

    matches = match(text, index)

    assert matches
    assert "canary" not in repr(matches)
    assert "\x1b" not in repr(matches)


def test_the_index_is_plain_data(index: Index) -> None:
    text = index_to_json(index)

    assert json.loads(text) == index
    assert "<" not in text
    assert match("SQLSTATE: 40P01", json.loads(text)) == match("SQLSTATE: 40P01", index)


def test_retired_entries_do_not_match() -> None:
    live = entry("live", sign("sqlstate 40P01"))

    own = compile_index([live, entry_with_retired("retired")])

    assert [found.entry for found in match("SQLSTATE: 40P01", own)] == ["live"]


def entry_with_retired(entry_id: str) -> Entry:
    live = entry(entry_id, sign("sqlstate 40P01"))
    return Entry(**{**{field: getattr(live, field) for field in live.__slots__}, "retired": "Replaced."})


@given(text=st.text())
def test_any_text_can_be_matched(text: str, index: Index) -> None:
    for found in match(text, index):
        assert 0 <= found.score <= 1
        assert found.why


def test_the_time_grows_with_the_entries_and_no_faster() -> None:
    text = clean(PAGE)

    few, many = (fastest(text, own_index(*(variant(i) for i in range(n)))) for n in (50, 1000))

    assert many < few * 20 * 3


def test_the_time_grows_with_the_text_and_no_faster(index: Index) -> None:
    short, long = (fastest(clean(PAGE * factor), index) for factor in (1, 16))

    assert long < short * 16 * 4


@pytest.mark.parametrize(
    "hostile", ["[", "[ ", "| ", "<a", "a@", "a-", "\\n", "{", "    ", "connection to server at "]
)
def test_no_text_is_slow(hostile: str, index: Index) -> None:
    text = clean(hostile * (200_000 // len(hostile)))

    assert fastest(text, index) < 2


def variant(number: int) -> Entry:
    return entry(
        f"entry-{number}",
        template(f"connection to server at <host> port <port> failed: reason {number}"),
        template(f"the ledger {number} is closed for <who>"),
        sign(f"exception ledger.errors.Closed{number}Error"),
    )


def fastest(text: object, index: Index) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        match(text, index)  # type: ignore[arg-type]
        times.append(time.process_time() - start)
    return max(min(times), 0.001)
