"""Results over the records of a text: the root first by time, counted, with times, sources and the rest."""

import json

from kb.matching.matcher import match, match_record, match_text
from kb.matching.shipped_index import load_index
from kb.text.logs.records import records_of

INDEX = load_index()
STARTING = "FATAL:  the database system is starting up"
DEADLOCK = "ERROR:  deadlock detected"
FULL = "FATAL:  sorry, too many clients already"


def entries(text: str) -> list[str]:
    return [found.entry for found in match(text, INDEX)]


def test_an_export_with_the_newest_line_first_has_the_same_root() -> None:
    lines = [f"2026-11-29T18:00:01Z {FULL}", f"2026-11-29T18:05:01Z {STARTING}"]

    assert (
        entries("\n".join(lines))
        == entries("\n".join(reversed(lines)))
        == ["db-server-full", "db-starting-up"]
    )


def test_a_line_at_boot_does_not_lead_over_many_errors_later() -> None:
    later = [f"2026-11-29T19:{minute:02}:00Z {DEADLOCK}" for minute in range(20)]

    first, second = match("\n".join([f"2026-11-29T17:00:00Z {STARTING}", *later]), INDEX)

    assert (first.entry, first.occurrences, first.line, first.time) == (
        "db-deadlock",
        20,
        2,
        "2026-11-29T19:00:00.000Z",
    )
    assert (second.entry, second.occurrences) == ("db-starting-up", 1)


def test_sources_are_named() -> None:
    text = f"web-1  | {DEADLOCK}\nweb-2  | {DEADLOCK}\nweb-1  | {DEADLOCK}"

    (found,) = match(text, INDEX)

    assert (found.occurrences, found.sources, found.line) == (3, ("web-1", "web-2"), 1)


def test_a_json_log_keeps_its_times() -> None:
    lines = [
        json.dumps({"time": f"2026-11-29T18:0{minute}:00Z", "level": "error", "msg": message})
        for minute, message in ((5, STARTING), (1, FULL))
    ]

    assert entries("\n".join(lines)) == ["db-server-full", "db-starting-up"]


def test_evidence_of_another_record_is_kept_behind_what_is_proven() -> None:
    lookup = "Error: getaddrinfo EAI_AGAIN pg-primary.db\n    at GetAddrInfoReqWrap (dns:1)"
    text = f"{lookup}\nStripeRateLimitError: Too many"

    assert set(entries(text)) >= {"api-rate-limit", "db-host-not-found"}


def test_entries_beyond_the_limit_are_named() -> None:
    result = match_text(f"{STARTING}\n{DEADLOCK}\n{FULL}", INDEX, limit=2)

    assert [found.entry for found in result.matches] == ["db-starting-up", "db-deadlock"]
    assert result.left_out == ("db-server-full",)


def test_characters_that_were_not_read_are_counted() -> None:
    assert match_text("x\n" * 600_000, INDEX).characters_not_read > 0
    assert match_text(DEADLOCK, INDEX).characters_not_read == 0


def test_a_refused_text_is_about_a_named_system() -> None:
    named = {
        "Error 1213: Deadlock found when trying to get lock; try restarting transaction": "MySQL",
        "botocore: AccessDenied when calling PutObject, bucket=invoices in s3": "AWS S3",
        "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379": "Redis",
        "the coffee machine is broken": "",
        "the coffee machine is broken, see https://github.com/shop/coffee/issues/4": "",
    }

    for text, system in named.items():
        result = match_text(text, INDEX)
        assert (result.matches, result.other_system) == ((), system)


def test_one_record_is_matched_by_itself() -> None:
    (record,) = records_of(f"2026-11-29T18:00:07Z {DEADLOCK}")

    (found,) = match_record(record, INDEX)

    assert (found.entry, found.line) == ("db-deadlock", 1)


def test_the_line_of_a_record_is_that_in_the_text() -> None:
    records = records_of(
        f'quiet\n\nTraceback (most recent call last):\n  File "a.py"\npsycopg2.Error: {DEADLOCK}'
    )

    (found,) = match_record(records[1], INDEX)

    assert found.line == 5
