"""Messages of HTTP clients, TLS stacks, database drivers and runtimes, and the entry that each leads to."""

from collections import Counter
from typing import Any

import pytest
import yaml

from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.matching.templates import find, fold, split
from kb.records.loader import ENTRIES, load_entries
from kb.text.signs import SIGN_KINDS, code_alone, find_signs

CLIENTS: list[dict[str, Any]] = yaml.safe_load(
    (ENTRIES.parent / "matching" / "client_messages.yaml").read_text("utf-8")
)
MESSAGES: list[dict[str, Any]] = [message for client in CLIENTS for message in client["messages"]]
INDEX = load_index()
TEMPLATES = ("templates", "weak_templates", "alone_templates")
MIN_FOUND = 0.95
"""Minimum share of the messages whose entry leads."""
LANGUAGES = (
    *("Python", "Node.js", "Go", "Java", "JDK", ".NET", "Ruby", "Rust", "PHP", "curl", "psql"),
    *("gunicorn", "uvicorn", "out of memory", "SQLSTATE"),
)


def first(text: str) -> str:
    matches = match(text, INDEX)
    return matches[0].entry if matches else "nothing"


def test_the_messages_of_clients_lead_to_their_entry() -> None:
    lost = [
        (message["entry"], first(message["text"]), message["text"])
        for message in MESSAGES
        if first(message["text"]) != message["entry"]
    ]

    assert len(lost) <= (1 - MIN_FOUND) * len(MESSAGES), lost


@pytest.mark.parametrize(
    "prefix", ["2022-11-22T02:00:04.118Z ERROR pay - ", "[pod/pay-6d9f/app] ", "pay-1  | "]
)
def test_a_prefix_of_a_logger_changes_nothing(prefix: str) -> None:
    single = [
        message for message in MESSAGES if "\n" not in message["text"] and not code_alone([message["text"]])
    ]
    lost = [message["text"] for message in single if first(prefix + message["text"]) != message["entry"]]

    assert len(lost) <= (1 - MIN_FOUND) * len(single), lost


def test_each_language_and_runtime_has_messages_and_each_client_its_sources() -> None:
    names = " ".join(client["client"] for client in CLIENTS)

    assert all(language in names for language in LANGUAGES)
    assert all(source.startswith("https://") for client in CLIENTS for source in client["sources"])
    assert max(Counter(message["text"] for message in MESSAGES).values()) == 1


def test_each_message_has_an_entry_and_only_known_fields() -> None:
    entries = load_entries()

    assert {message["entry"] for message in MESSAGES} <= {*entries}
    fields = {"entry", "text", "signs", *TEMPLATES}
    assert all({*message} <= fields for message in MESSAGES)
    signs = [sign for message in MESSAGES for sign in message.get("signs", ())]
    assert all(sign.partition(" ")[0] in SIGN_KINDS for sign in signs)


def test_a_template_is_in_its_own_message() -> None:
    for message in MESSAGES:
        templates = [text for kind in TEMPLATES for text in message.get(kind, ())]
        folded = fold(message["text"])
        assert not templates or any(find(*split(text), folded) for text in templates), message["text"]


def test_a_message_of_an_entry_that_is_not_there_is_left_out() -> None:
    entries = [entry for entry in load_entries().values() if entry.id != "api-unavailable"]

    compiled = compile_index(entries)

    assert all(template["owners"] for template in compiled["templates"])
    assert "api-unavailable" not in {entry["id"] for entry in compiled["entries"]}


@pytest.mark.parametrize(
    "text",
    [
        "The pod was OOMKilled: Reason: OOMKilled (image-resizer)",
        "Out of memory: Killed process 4711 (chrome) total-vm:5213480kB",
        "Out of memory: Killed process 811 (mysqld) total-vm:4120012kB, anon-rss:3011220kB",
        '{"Status":"exited","OOMKilled":false,"ExitCode":137}',
    ],
)
def test_out_of_memory_of_another_program_says_nothing_of_a_report(text: str) -> None:
    assert match(text, INDEX) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Last State: Terminated\n  Reason: OOMKilled\n  Exit Code: 137",
        "OOMKilled Exit Code: 137",
        "Out of memory: Killed process 4711 (python3) total-vm:5213480kB, anon-rss:4011220kB",
        "Worker (pid:42) was sent SIGKILL! Perhaps out of memory?",
    ],
)
def test_out_of_memory_that_names_no_program_is_weak_evidence(text: str) -> None:
    found = match(text, INDEX)

    assert [(match.entry, match.proves) for match in found[:1]] == [("db-report-memory", False)]


@pytest.mark.parametrize("text", ["ERROR query failed, SQLSTATE=57014", "SQL Error: 0, SQLState: 57014"])
def test_a_canceled_statement_by_its_code_is_weak_evidence_of_a_timeout(text: str) -> None:
    found = match(text, INDEX)
    cancelled = match(f"{text}: canceling statement due to user request", INDEX)

    assert [(match.entry, match.proves) for match in found] == [("db-statement-timeout", False)]
    assert cancelled == ()


def test_a_class_that_a_document_describes_was_not_raised() -> None:
    signs = find_signs(["leeway: seconds of tolerance. Raises a subclass of InvalidTokenError."])

    assert signs == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("57014", "57014"),
        (" SQLSTATE[40P01] ", "40P01"),
        ("sql state: 53300\n", "53300"),
        ("error code 25006", "25006"),
        ("40p01", ""),
        ("order 57014", ""),
        ("57014 57014", ""),
        ("99999", ""),
        ("57014 canceling statement", ""),
        ("", ""),
    ],
)
def test_a_sqlstate_that_is_the_whole_text_is_read_as_one(text: str, code: str) -> None:
    lines = text.split("\n")
    signs = {str(sign) for sign in find_signs(lines)}

    assert code_alone(lines) == code
    assert (f"sqlstate {code}" in signs) == (f"code {code}" in signs) == bool(code)


def test_a_cancellation_by_its_user_is_no_timeout() -> None:
    assert match("ERROR:  57014: canceling statement due to user request", INDEX) == ()
