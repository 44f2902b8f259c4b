"""Entries are found by every sign that they list."""

import pytest

from kb.records.loader import load_entries
from kb.records.sign_lookup import entries_with_sign, meaning_of
from kb.text.signs import parse_sign

ENTRIES = load_entries()
LISTED = [
    (symptom.sign, entry.id) for entry in ENTRIES.values() for symptom in entry.symptoms if symptom.sign
]


def found(name: str) -> list[str]:
    return [entry.id for entry in entries_with_sign(name, ENTRIES)]


def test_every_listed_sign_leads_to_its_entries() -> None:
    for sign, entry in LISTED:
        assert entry in found(sign), sign
        value = parse_sign(sign).value
        assert entry in found(value), value
        assert found(value) == found(value.lower()) == found(value.upper())


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("28P01", "db-password-rejected"),
        ("28p01", "db-password-rejected"),
        ("psycopg.errors.InvalidPassword", "db-password-rejected"),
        ("53300", "db-server-full"),
        ("TooManyConnections", "db-server-full"),
        ("ECONNREFUSED", "db-connection-refused"),
        ("errno 111", "db-connection-refused"),
        ("ENOTFOUND", "db-host-not-found"),
        ("CERTIFICATE_VERIFY_FAILED", "tls-certificate"),
        ("503", "api-unavailable"),
        ("http_status 429", "api-rate-limit"),
        ("insufficient_scope", "api-permission-denied"),
        ("57014", "db-statement-timeout"),
        ("java.net.UnknownHostException", "db-host-not-found"),
    ],
)
def test_a_sign_is_found_in_the_forms_in_which_it_is_met(name: str, entry: str) -> None:
    assert entry in found(name)


@pytest.mark.parametrize("name", ["", "the", "timeout", "999", "22012", "sqlstate", "errno 99999"])
def test_what_no_entry_lists_finds_nothing(name: str) -> None:
    assert found(name) == []


def test_a_known_code_that_no_entry_lists_has_a_meaning() -> None:
    assert meaning_of("42p01") == "the SQLSTATE of UndefinedTable"
    assert meaning_of("99999") == ""
