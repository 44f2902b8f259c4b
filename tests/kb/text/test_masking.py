"""Masking: secrets in any notation become tokens, and other text stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.probes import PROBES
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.validation import secrets_of
from kb.records.loader import load_entries
from kb.runbook_model.loader import load_runbooks
from kb.text.masking.marks import NAMES
from kb.text.sanitize import mask_message, mask_secrets

CANARY = "Hunter2-canary"


@pytest.mark.parametrize(
    "text",
    [
        f"password={CANARY} host=db",
        f"DB_PASSWORD={CANARY}",
        f"PGPASSWORD={CANARY} psql -h db",
        f'{{"password": "{CANARY}", "user": "app_user"}}',
        f'{{\\"password\\":\\"{CANARY}\\",\\"user\\":\\"app_user\\"}}',
        f"{{'user': 'app_user', 'password': '{CANARY}'}}",
        f'"password": "with \\"quotes\\" {CANARY}"',
        f"  password: {CANARY} with spaces",
        f"passwd = '{CANARY}'",
        f"Server=db;Pwd={CANARY};Database=transactions",
        f"os.environ['TOKEN'] = '{CANARY}'",
        f"https://api.clearpay.example/v1?page=2&api_key={CANARY}&limit=5",
        f"x-api-key: {CANARY}",
        f"client_secret={CANARY}",
        f"aws_secret_access_key = {CANARY}",
        f"postgresql://app_user:{CANARY}@db.internal:5432/transactions",
        f"postgresql://app_user:p@ss/{CANARY}@db.internal/transactions",
        f"redis://:{CANARY}@cache",
        f"Authorization: Bearer {CANARY}",
        f"{{'Authorization': 'Basic {CANARY}'}}",
        f'authorization: Digest username="x", response="{CANARY}"',
        f"Cookie: session={CANARY}; theme=dark",
        f"ALTER ROLE app_user PASSWORD '{CANARY}';",
        f"psql --password {CANARY} -h db",
        f"<password>{CANARY}</password>",
        f"DETAIL:  Key (email)=({CANARY}@mail.example) already exists.",
        f"DETAIL:  Failing row contains (1, {CANARY}, null).",
        f"[parameters: {{'holder': '{CANARY}'}}]",
        f"DETAIL:  parameters: $1 = '{CANARY}', $2 = '5'",
        f'invalid input syntax for type integer: "{CANARY}"',
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\nabcd\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY.replace('-', '')}abcdefgh\nTraceback (most recent call last):",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.Hunter2-canary",
    ],
)
def test_a_secret_is_masked_in_every_notation(text: str) -> None:
    masked = mask_secrets(text)

    assert "Hunter2" not in masked
    assert any(f"<{name}>" in masked for name in NAMES)


@pytest.mark.parametrize(
    "text",
    [
        'FATAL:  password authentication failed for user "app_user"',
        "fe_sendauth: no password supplied",
        "password_file=/run/secrets/app.password secret_name=clearpay/db/credentials",
        "max_tokens=5 token_type=bearer",
        "invalid token: signature mismatch",
        '"error": "invalid_token", "error_description": "The access token expired"',
        "password=os.environ['DB_PASSWORD']",
        "secret = { aws = 'clearpay/db/credentials' }",
        "password: null",
        "https://db.internal:5432/users/@me",
        "DETAIL:  Process 12620 waits for ShareLock on transaction 731; blocked by process 12621.",
        "Bearer authentication is required",
        "Enter password:",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "3782 822463 10005",
    ],
)
def test_card_numbers_are_masked(number: str) -> None:
    assert mask_secrets(f"card {number} was declined") == "card <card number> was declined"


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111112",  # wrong check digit
        "1669082407145",  # milliseconds
        "1669082407145001122",  # nanoseconds
        "20221122020007",
        "2022-11-22 02 00 07",
        "550e8400-e29b-41d4-a716-446655440000",
        "0.4111111111111111",
        "9f4111111111111111ab",
    ],
)
def test_numbers_that_are_no_cards_stay(number: str) -> None:
    assert mask_secrets(f"id {number} done") == f"id {number} done"


def test_keys_with_known_prefixes_are_masked_anywhere() -> None:
    text = "used AKIAIOSFODNN7EXAMPLE, cp_live_4f7a91 and whsec_4f7a91== here"

    assert mask_secrets(text) == "used <access key>, <api key> and <secret>== here".replace("==", "")


def test_tokens_that_stand_already_stay_as_they_are() -> None:
    text = "password=<password:1> token: <token:2> postgresql://u:<password:1>@db <api key:3> <secret>"

    assert mask_secrets(text) == text


PIECES = st.sampled_from(
    [
        *(
            "password",
            "token",
            "=",
            ": ",
            '"',
            "'",
            "\\",
            " ",
            "\n",
            "{",
            "}",
            "://",
            "@",
            "a1b2",
            "<password:1>",
        ),
        *(
            "<",
            ">",
            "eyJ",
            ".",
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "4111 1111 1111 1111",
        ),
        *(
            "Key (a)=(",
            ") already exists",
            "bearer ",
            "authorization: ",
            "<api key:12>",
            "--password ",
            "</",
            "&",
            "?",
        ),
        *(",", ";", "$1 = '", "[parameters: ", "]", "secret", "x", "7", "\U000f0000", "\u0130"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


@given(TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_secrets(text)

    assert mask_secrets(once) == once


@given(TEXTS)
def test_no_mask_cuts_a_token(text: str) -> None:
    token = re.compile(r"<[a-z ]+:\d+>")

    assert token.findall(mask_secrets(text)) == token.findall(text) or "PRIVATE KEY" in text


NAMES_OF_OURS = sorted(
    {
        *load_entries(),
        *PROBES,
        *(code for probe in PROBES.values() for code in probe.FINDINGS),
        *load_runbooks(),
        *secrets_of(TargetSettings()),
        "webhook.secret",
        "rotation.secret",
        "target.pay-token.secrets.api_key",
        "--set secrets.token",
        "db-password",
        "api-token",
        "secret",
        "/run/secrets/db_password",
    }
)


@pytest.mark.parametrize(
    "sentence",
    [
        "no probe, layer, entry or finding has this name; did you mean db-password-rejected?",
        "No such file or directory",
        "is empty; paste a traceback, log lines or a sentence",
        "3 samples given",
        "give exactly one of env, file, aws",
        "URL expected",
    ],
)
def test_a_message_of_ours_keeps_its_words(sentence: str) -> None:
    messages = [f"{name}: {sentence}" for name in NAMES_OF_OURS]

    assert [mask_message(message) for message in messages] == messages


@pytest.mark.parametrize(
    "text",
    [
        f"password: {CANARY}",
        f"a.toml: target.a.secrets.token: {CANARY} is not a table",
        f"--set secrets.token={CANARY}: no such key",
        f"argument --target: invalid: 'password: {CANARY.replace('2', '')} and more'",
        f"postgresql://app:{CANARY}@db: unknown scheme",
        f"token: 'x{CANARY}' is not a table",
        f'DATABASE_PASSWORD: "{CANARY}" is not a number',
        f"unrecognized arguments: --db-password {CANARY}",
    ],
)
def test_a_secret_in_a_message_of_ours_is_masked(text: str) -> None:
    assert "Hunter" not in mask_message(text)


def test_what_is_masked_already_keeps_the_rest_of_its_sentence() -> None:
    text = "password: <password>: no probe has this name"

    assert mask_message(text) == text
