"""Known secrets are masked in every form in which a server may repeat them, and ordinary words stay."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.probes import PROBES
from diagnostics.redaction import Redactor
from kb.records.loader import load_entries
from tests.support.growth import growth_of

SECRET = "Kq7-vTz/9+Lm ä"
KEY = "cp_live_4f7a91c2Dd03"

FORMS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").lower(),
    lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: b64encode(text.encode()).decode(),
    lambda text: b64encode(b"a" + text.encode() + b"z").decode(),
    lambda text: b64encode(f"app_user:{text}".encode()).decode(),
    lambda text: urlsafe_b64encode(f"ab{text}".encode()).decode(),
    lambda text: b64encode(text.encode() * 2).decode(),
)


def masked(text: str, *secrets: str) -> str:
    """Return the text after a redactor has learned the secrets as passwords."""
    redactor = Redactor()
    for secret in secrets:
        redactor.learn(secret, "password")
    return redactor(text)


@pytest.mark.parametrize("secret", [SECRET, KEY, "correcthorse9battery", "x" * 11 + "1"])
@pytest.mark.parametrize("form", FORMS)
def test_a_known_secret_is_masked_in_every_encoding(form: Callable[[str], str], secret: str) -> None:
    shown = masked(f"the server answered ({form(secret)}) and closed", secret)

    assert "<password:1>" in shown
    assert not [part for part in _windows(form(secret), 8) if part in shown]


def _windows(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(len(text) - size + 1)]


@pytest.mark.parametrize("end", ["...", "…", "****", '"', "", " is not valid", "xxxx"])
@pytest.mark.parametrize("length", [12, 15, 19])
def test_the_beginning_of_a_key_is_masked(length: int, end: str) -> None:
    shown = masked(f"unknown key {KEY[:length]}{end}", KEY)

    assert KEY[:8] not in shown.removeprefix("unknown key ")
    assert shown.startswith("unknown key <")


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("clearpay-production-9Kq2", "connection to clearpay-prod.internal refused"),
        ("transactions2024", 'database "transactions" does not exist'),
        ("postgresql://app:Kq7vTz9L@db1.internal/pay", "postgresql://db1.internal:5432/pay refused"),
        ("postgres", 'FATAL:  role "postgres" does not exist'),
        ("password", "db-password: no entry has this name"),
        ("Password1", "password authentication failed"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.Kq7vTz9LmNp", "algorithm HS256 is not allowed"),
    ],
)
def test_ordinary_words_stay_although_a_secret_begins_with_them(secret: str, text: str) -> None:
    assert masked(text, secret) == text


def test_another_token_with_the_same_header_is_not_half_shown() -> None:
    header = "eyJhbGciOiJIUzI1NiJ9"
    shown = masked(f"{header}.eyJzdWIiOiJiIn0.Zz8yXx7wVv6u", f"{header}.eyJzdWIiOiJhIn0.Kq7vTz9LmNp")

    assert "eyJzdWI" not in shown
    assert "Zz8yXx" not in shown


def test_names_of_this_program_are_never_masked() -> None:
    messages = [(name, f"{name}: no entry has this name") for name in (*load_entries(), *PROBES)]

    assert [name for name, message in messages if masked(message, name) != message] == []


@given(st.text(min_size=8), st.text(), st.text())
def test_a_known_secret_is_never_shown(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn(secret, "password")
    if redactor(secret) == secret:
        return  # a word of this program

    assert secret not in redactor(f"{before}{secret}{after}").replace("<password:1>", "")


@pytest.mark.parametrize("unit", [KEY, KEY[:12], KEY[:11], b64encode(KEY.encode()).decode(), "%63%70", "c"])
def test_the_time_grows_with_the_length_of_the_text(unit: str) -> None:
    redactor = Redactor()
    redactor.learn(KEY, "api key")

    assert not growth_of(redactor, unit)
