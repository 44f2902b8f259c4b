"""Messages of PostgreSQL and libpq in all their languages, read from the installed message catalogues."""

import json
import re
from functools import cache

import pytest

from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.matching.templates import fold, split
from kb.matching.translations import HOLE, LANGUAGES, PATH, canonical, severities, translations_of
from tests.support.requirements import needs_file
from tests.tools.postgres_messages import (
    C_LIBRARY,
    CATALOGUES,
    CONVERSION,
    LABELS,
    LOCALES,
    catalogue_path,
    messages,
    read_catalogue,
)

INDEX = load_index()
MIN_FOUND = 0.95
"""Minimum share of the messages known in English that lead to the same entry in another language."""
SERVER, LIBRARY, CLIENT = CATALOGUES
SERVER_LANGUAGES = tuple(language for language in LANGUAGES if language not in {"cs", "el"})
VALUES = ("app_user", "10.20.0.7", "ledger", "5432", "app", "x", "y", "z")
CONNECTION_FAILURES = {
    "Connection refused": "db-connection-refused",
    "Connection timed out": "db-unreachable",
    "No route to host": "db-unreachable",
    "Network is unreachable": "db-unreachable",
    "timeout expired": "db-unreachable",
    'FATAL:  password authentication failed for user "app_user"': "db-password-rejected",
    "FATAL:  sorry, too many clients already": "db-server-full",
}
"""Entry by the reason behind libpq's `connection to server at ... failed: `."""

catalogues = needs_file(
    catalogue_path(LOCALES, "ru", SERVER), "message catalogues of PostgreSQL 15: make system-deps"
)


def printed(message: str) -> str:
    """Return a message of a catalogue with values, as C's printf prints it."""
    counted = iter(range(1, 100))

    def value(conversion: re.Match[str]) -> str:
        number = int(conversion[1] or next(counted))
        return str(4000 + number) if conversion[2] in "diu" else VALUES[(number - 1) % len(VALUES)]

    return CONVERSION.sub(value, message).strip()


@cache
def catalogue(language: str, name: str) -> dict[str, str]:
    return read_catalogue(catalogue_path(LOCALES, language, name))


def in_log(message: str, language: str = "", name: str = SERVER) -> str:
    """Return a message as the server logs it or as psql prints it, with the severity of a language."""
    if name != SERVER:
        return f"psql: {catalogue(language, CLIENT).get('error: ', 'error: ')}{printed(message)}"
    severity = catalogue(language, SERVER).get("FATAL", "FATAL")
    return f"2022-11-22 02:00:04.118 UTC [4711] app_user@ledger {severity}:  {printed(message)}"


def proven(text: str) -> str:
    """Return the entry that a text proves, or an empty text."""
    matches = match(text, INDEX)
    return matches[0].entry if matches and matches[0].proves else ""


@cache
def known_in_english() -> dict[tuple[str, str], str]:
    """Return the entry that a message of a catalogue proves in English, by catalogue and message."""
    literals = {max(split(template["text"])[0], key=len) for template in INDEX["templates"]}
    literals |= {literal.removeprefix("fatal: ") for literal in literals}
    candidates = [
        (name, message)
        for name in CATALOGUES
        for message in catalogue("de", name)
        for lower in [fold(message).lower]
        if any(literal in lower for literal in literals)
    ]
    found = {(name, message): proven(in_log(message, name=name)) for name, message in candidates}
    return {key: entry for key, entry in found.items() if entry}


@catalogues
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_of_a_language_are_found_as_in_english(language: str) -> None:
    translated = {
        (name, message): catalogue(language, name)[message]
        for name, message in known_in_english()
        if message in catalogue(language, name)
    }
    lost = [
        (message, text)
        for (name, message), text in translated.items()
        if proven(in_log(text, language, name)) != known_in_english()[name, message]
        or proven(printed(text)) not in {known_in_english()[name, message], proven(printed(message))}
    ]

    assert len(translated) >= (50 if language in SERVER_LANGUAGES else 10)
    assert len(lost) <= (1 - MIN_FOUND) * len(translated), lost


@catalogues
@pytest.mark.parametrize("language", ["el", *SERVER_LANGUAGES])
def test_a_failed_connection_is_found_with_its_reason(language: str) -> None:
    head = catalogue(language, LIBRARY).get('connection to server at "%s" (%s), port %s failed: ')
    head = printed(head or catalogue(language, LIBRARY)['connection to server at "%s", port %s failed: '])
    lost = [
        text
        for reason, entry in CONNECTION_FAILURES.items()
        if proven(text := f"{head} {translated_reason(reason, language)}") != entry
    ]

    assert not lost


def translated_reason(reason: str, language: str) -> str:
    severity, _, text = reason.rpartition(":  ")
    if severity:
        of_server = catalogue(language, SERVER)
        message = text.replace("app_user", "%s")
        text = printed(of_server.get(message, message))
        return f"{of_server.get(severity, severity)}:  {text}"
    by_message = {**catalogue(language, C_LIBRARY), **catalogue(language, LIBRARY)}
    return by_message.get(reason, by_message.get(f"{reason}\n", reason)).strip()


@catalogues
def test_the_table_is_what_the_catalogues_have() -> None:
    installed = {**messages(LOCALES, [C_LIBRARY]), **messages(LOCALES)}
    table = json.loads(PATH.read_text("utf-8"))
    different = [
        (message, language)
        for message, translations in table.items()
        for language, texts in translations.items()
        if installed.get(message, {}).get(language) != ([texts] if isinstance(texts, str) else texts)
    ]

    # A later point release may change a few translations.
    assert len(different) <= 0.02 * sum(map(len, table.values())), different


def test_a_translation_has_no_hole_that_its_message_lacks() -> None:
    for message, translations in json.loads(PATH.read_text("utf-8")).items():
        texts = [
            text for value in translations.values() for text in ([value] if isinstance(value, str) else value)
        ]
        assert all({*HOLE.findall(text)} <= {*HOLE.findall(message), "0"} for text in texts), message


def test_quotes_and_commas_beside_a_hole_belong_to_it() -> None:
    assert canonical('host "<1>" (<2>), port <3> failed: ') == "host <1> port <3> failed:"
    assert canonical("sur « <1> », port <2>") == "sur <1> port <2>"
    assert canonical('"<1>"、ポート<2>の') == "<1>ポート<2>の"
    assert canonical("relation <1>.<2>") == "relation <1>.<2>"


def test_holes_keep_the_names_of_the_template() -> None:
    translations = [*translations_of("connection to server at <host> port <port> failed: Connection refused")]

    assert "<host>ポート<port>のサーバーへの接続に失敗しました: 接続を拒否されました" in translations
    assert {*LANGUAGES} - {"cs"} == {"de", "el", *SERVER_LANGUAGES}
    assert all(set(HOLE.findall(text)) <= {"host", "port"} for text in translations)


def test_a_template_of_another_system_has_no_translation() -> None:
    assert [*translations_of("PKIX path building failed")] == []
    assert [*translations_of("limiting requests, excess: <excess> by zone")] == []


def test_severities_are_known_in_each_language_of_the_server() -> None:
    words = severities()

    assert (words["FEHLER"], words["ERREUR"], words["ОШИБКА"], words["错误"]) == ("ERROR",) * 4
    assert (words["ВАЖНО"], words["ПОДРОБНОСТИ"], words["DETALJ"]) == ("FATAL", "DETAIL", "DETAIL")
    assert {f"{label}:" for label in words.values()} == {*LABELS}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (
            "выполнение оператора отменено из-за тайм-аута",
            "выполнение оператора отменено из-за тайм-аута блокировки",
        ),
        (
            "annullamento dell'istruzione a causa di timeout",
            "annullamento dell'istruzione a causa di timeout di lock",
        ),
    ],
)
def test_of_two_messages_the_one_that_contains_the_other_leads(short: str, long: str) -> None:
    assert (proven(short), proven(long)) == ("db-statement-timeout", "db-lock-queue")
