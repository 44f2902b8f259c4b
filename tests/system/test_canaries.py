"""Canaries never appear in the output: every input of secrets, against every place that is written."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.diagnostics.clients.postgres.foreign_servers import (
    answers,
    auth_request,
    error,
    fake_server,
    message,
)
from tests.diagnostics.probes.api_doubles import Page, playing
from tests.support.canaries import (
    CANARIES,
    CARD,
    EVERYTHING,
    HOOK,
    KEY,
    LINE,
    NOTATIONS,
    PASSWORD,
    QUOTED,
    TOKEN,
    leaks,
    outputs,
)

NOWHERE = "127.0.0.1:9"
Capture = pytest.CaptureFixture[str]
TIMES = {
    "api_timeout": 0.5,
    "loop_idle": 0.05,
    "loop_burst": 0.1,
    "webhook_slow": 0.5,
    "connect_timeout": 0.5,
}
QUICK = "\n".join(f"{name}_s = {seconds}" for name, seconds in TIMES.items())


pytestmark = pytest.mark.usefixtures("own_place")


@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_that_is_not_masked_is_seen_in_every_form(name: str) -> None:
    core = CANARIES[name].core
    forms = [core, quote(core, safe=""), b64encode(f"app_user:{core}".encode()).decode(), core[4:14]]

    assert [leaks(f"before {form} after") for form in forms] == [[name]] * len(forms)


def test_every_canary_is_written_in_some_notation_and_nothing_else_looks_like_one() -> None:
    assert set(leaks(EVERYTHING)) == set(CANARIES)
    assert leaks("<password:1> <token> ordinary text of 4711 payments, cp_test_ whsec_ AKIA") == []


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("target", ["", f"postgresql://app@{NOWHERE}/db"], ids=["alone", "with a target"])
def test_no_canary_of_a_text_comes_out(notation: str, target: str, tmp_path: Path, capsys: Capture) -> None:
    text = tmp_path / "error.log"
    text.write_text(
        f'Traceback (most recent call last):\n  File "pay.py", line 3, in <module>\n'
        f"    connect({NOTATIONS[notation]!r})\n{NOTATIONS[notation]}\n"
        f"ValueError: {NOTATIONS[notation]}\n"
        'psycopg2.OperationalError: FATAL:  password authentication failed for user "app_user"\n'
    )

    written = outputs(tmp_path, capsys, "diagnose", str(text), *(["--target", target] if target else []))

    assert written.leaked == {}
    assert "db-password-rejected" in written.texts["json"]


@pytest.mark.parametrize(
    "target",
    [
        f"postgresql://app_user:{QUOTED}@{NOWHERE}/db?sslmode=disable",
        f"postgresql://app_user:{PASSWORD}@{NOWHERE}/db?sslpassword={KEY}",
        f"postgresql://app_user@{NOWHERE}/db?password={QUOTED}",
        f"postgresql://app_user:{PASSWORD}@{NOWHERE}:port/db",
        f"mysql://app_user:{PASSWORD}@{NOWHERE}/db",
        f"https://app_user:{QUOTED}@{NOWHERE}/v1?api_key={KEY}",
        f"https://app_user:{QUOTED}@{NOWHERE}/v1/{TOKEN}",
        f"http://app_user:{QUOTED}@[::1/v1",
        f"host=127.0.0.1 user=app_user password={PASSWORD}",
        f"app_user:{PASSWORD}@{NOWHERE}",
        f"/run/{KEY}/clearpay.py",
        KEY,
        TOKEN,
    ],
)
def test_no_canary_of_an_address_comes_out(target: str, tmp_path: Path, capsys: Capture) -> None:
    assert outputs(tmp_path, capsys, "check", "--target", target).leaked == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--set", f"secrets.databse={PASSWORD}"),
        ("check", "--set", f'secrets.database=["{PASSWORD}"]'),
        ("check", "--set", f'secrets.database = {{ value = "{PASSWORD}" }}'),
        ("check", "--set", f"production={KEY}"),
        ("check", "--set", KEY),
        ("check", f"--password={PASSWORD}"),
        ("check", "--api-key", KEY),
        ("check", KEY),
        ("check", "--deadline", KEY),
        ("check", "--config", f"missing/{KEY}.toml"),
        ("diagnose", f"missing/{TOKEN}"),
        ("verify", KEY),
    ],
)  # fmt: skip
def test_no_canary_of_a_wrong_word_comes_out(
    arguments: tuple[str, ...], tmp_path: Path, capsys: Capture
) -> None:
    written = outputs(tmp_path, capsys, *arguments, "--target", f"postgresql://app@{NOWHERE}/db")

    assert written.code in {2, 4}
    assert written.leaked == {}


LITERAL = f"""\
[target.a]
production = false
database = "postgresql://app_user:{QUOTED}@{NOWHERE}/db"
api = "http://{NOWHERE}/v1"
contract = {{ proxy = "http://app_user:{QUOTED}@{NOWHERE}" }}
webhook = {{ url = "http://{NOWHERE}/hook", secret = "{HOOK}" }}
[target.a.secrets]
database = "{PASSWORD}"
api_key = "{KEY}"
token = "{TOKEN}"
"""


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("", "", 1),
        (f'database = "{PASSWORD}"', f'database = ["{PASSWORD}"]', 4),
        (f'database = "{PASSWORD}"', f'database = {{ env = "{PASSWORD}", file = "x" }}', 4),
        (f'database = "{PASSWORD}"', f'databse = "{PASSWORD}"', 4),
        (f'database = "{PASSWORD}"', f'database = "{PASSWORD}', 4),
        (f'database = "{PASSWORD}"', f"database = {CARD}", 4),
        (f'api_key = "{KEY}"', f'api_key = {{ value = "{KEY}" }}', 4),
        (f"@{NOWHERE}/db", f"@{NOWHERE}:port/db", 4),
        ("postgresql://app", "mysql://app", 4),
        ("http://app_user", "socks://app_user", 4),
        ("production = false", f'production = "{KEY}"', 4),
    ],
)  # fmt: skip
def test_no_canary_of_a_target_file_comes_out(
    before: str, after: str, code: int, tmp_path: Path, capsys: Capture
) -> None:
    assert before in LITERAL
    (tmp_path / "clearpay-doctor.toml").write_text(LITERAL.replace(before, after, 1))

    written = outputs(tmp_path, capsys, "check", "--active")

    assert written.code == code
    assert written.leaked == {}


def configured(folder: Path, table: str) -> None:
    """Write a target file whose secrets are the canaries."""
    secrets = {"database": PASSWORD, "api_key": KEY, "token": TOKEN}
    lines = "\n".join(f'{name} = "{value}"' for name, value in secrets.items())
    text = f"[target.a]\nproduction = false\n{table}\n[target.a.secrets]\n{lines}\n"
    (folder / "clearpay-doctor.toml").write_text(f"{text}[target.a.thresholds]\n{QUICK}\n")


@contextmanager
def postgres(*parts: bytes) -> Iterator[str]:
    with fake_server(answers(*parts)) as port:
        yield f'database = "postgresql://app_user@127.0.0.1:{port}/db?sslmode=disable"'


REFUSALS = {
    "its message": error("28P01", f"no: {LINE} {PASSWORD}"),
    "its details": error("57P03", "starting", detail=f"{LINE} {PASSWORD}"),
    "an unknown state": error("XX123", f"{PASSWORD} {EVERYTHING}"),
    "a cut message": error("XX123", f"{'x' * 470} {PASSWORD} {TOKEN}"),
    "in colour": error("XX123", "password\x1b[0m=\x1b[35mZq7!Wr-vK4xLm2Yd api\u200b_key=Hk83bVq0ZsPw6Rt1"),
    "a notice": message(b"N", b"M" + LINE.encode() + b"\0\0") + error("XX000", LINE),
    "the old protocol": b"E" + LINE.encode() + b"\n\0",
    "garbage": LINE.encode(),
}  # fmt: skip


@pytest.mark.parametrize("asked", [b"", auth_request(3)], ids=["before the login", "after the password"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_canary_of_a_database_server_comes_out(
    refusal: str, asked: bytes, tmp_path: Path, capsys: Capture
) -> None:
    with postgres(asked + REFUSALS[refusal]) as table:
        configured(tmp_path, table)
        written = outputs(tmp_path, capsys, "check", "database")

    assert written.code in {1, 3}
    assert written.leaked == {}


HEADERS = {
    "Server": f"nginx password={PASSWORD} {KEY}",
    "Location": f"https://app_user:{QUOTED}@other.example/?api_key={KEY}&token={TOKEN}",
    "WWW-Authenticate": f'Bearer realm="{TOKEN}"',
    "Set-Cookie": f"session={KEY}",
    "Retry-After": f"token={TOKEN}",
    "RateLimit": f'"{KEY}";r={CARD}',
    "X-RateLimit-Limit": CARD,
    "Via": f"1.1 {LINE}",
}
BODIES: dict[str, Callable[[], Page]] = {
    "an error type": lambda: Page(401, {"error": {"type": LINE, "message": LINE}}, HEADERS),
    "an error that is known": lambda: Page(403, {"error": {"type": "invalid_api_key", "key": KEY}}, HEADERS),
    "every field": lambda: Page(
        200,
        {"scopes": [KEY, LINE], "environment": f"{KEY} {PASSWORD}", "key": {"expires_at": TOKEN}},
        HEADERS,
    ),
    "a page": lambda: Page(200, f"<html>{EVERYTHING}", {**HEADERS, "Content-Type": f"text/html; {LINE}"}),
    "a redirect": lambda: Page(302, f"{LINE}", HEADERS),
    "a failure": lambda: Page(500, f"{EVERYTHING}", HEADERS),
    "a limit": lambda: Page(429, {"error": {"type": f"rate_limited {TOKEN}"}}, HEADERS),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("healthy", [True, False])
def test_no_canary_of_an_api_comes_out(body: str, *, healthy: bool, tmp_path: Path, capsys: Capture) -> None:
    page = BODIES[body]()
    pages = {"/v1/me": page, "/hook": page, **({} if healthy else {"/v1/healthz": page})}
    with playing(pages) as server:
        hook = f'webhook = {{ url = "{server.url}/hook", secret = "{HOOK}" }}'
        service = f'service = {{ health = "{server.url}/healthz", work = "{server.url}/me" }}'
        configured(tmp_path, f'api = "{server.url}"\n{hook}\n{service}\ntoken = {{ scopes = ["pay"] }}')
        written = outputs(tmp_path, capsys, "check", "--active")

    assert written.code in {1, 3}
    assert written.leaked == {}
    assert server.asked
