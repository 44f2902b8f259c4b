"""Canaries never appear in the output: configuration files, logs, source code, certificates, sessions."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
import yaml

from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.https_proxy import HttpsProxy
from tests.support.canaries import (
    CARD,
    EVERYTHING,
    HOOK,
    KEY,
    LINE,
    NOTATIONS,
    PASSWORD,
    PEM,
    QUOTED,
    TOKEN,
    outputs,
)

Capture = pytest.CaptureFixture[str]
VALUES: dict[str, dict[str, object]] = {
    "credentials": {
        "CLEARPAY_API_KEY": f" {KEY}\n",
        "CLEARPAY_SECRET_KEY": PASSWORD,
        "CLEARPAY_MERCHANT_ID": TOKEN,
        "CLEARPAY_ENVIRONMENT": f"live {PASSWORD}",
    },
    "network": {"connection_timeout": PASSWORD, "read_timeout": KEY, "proxy": NOTATIONS["URL"]},
    "currency": {
        "supported_currencies": ["USD", KEY, f"password={PASSWORD}"],
        "default_currency": TOKEN,
        "min_amount": {"USD": CARD},
    },
    "webhook": {
        "verify_signatures": True,
        "webhook_secret": HOOK,
        "signature_header": f"X-Signature token={TOKEN}",
        "tolerance_seconds": CARD,
        "events_to_process": [KEY, LINE],
    },
    "logging": {
        "version": 1,
        "handlers": {"out": {"class": f"missing.{KEY}", "filename": f"missing/{KEY}/x.log"}},
        "formatters": {"full": {"format": f"password={PASSWORD}"}},
        "loggers": {KEY: {"level": TOKEN, "handlers": ["out", KEY]}},
    },
}


def toml(tree: dict[str, object]) -> str:
    """Return the values of a tree that are not tables: JSON and TOML write them alike."""
    values = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


WRITERS: dict[str, Callable[[dict[str, object]], str]] = {
    "py": lambda tree: f"# {LINE}\nCONFIG = {tree!r}\n",
    "json": json.dumps,
    "yaml": lambda tree: f"# {LINE}\n{yaml.safe_dump(tree)}",
    "toml": lambda tree: f"# {LINE}\n{toml(tree)}",
    "env": lambda tree: "".join(f"{key}={value}\n" for key, value in tree.items()),
}
BROKEN = {"whole": "", "cut": f'\nsecret = "{PASSWORD}', "nonsense": f"\n}}]{TOKEN} = = {KEY}: : {HOOK}\n"}


pytestmark = pytest.mark.usefixtures("own_place")


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("suffix", WRITERS)
def test_no_canary_of_a_configuration_comes_out(
    suffix: str, broken: str, tmp_path: Path, capsys: Capture
) -> None:
    lines = ["[target.a]", "[target.a.config]"]
    for role, tree in VALUES.items():
        path = tmp_path / f"{role}.{suffix}"
        path.write_text(WRITERS[suffix](tree) + BROKEN[broken])
        lines.append(f'{role} = "{path}"')
    (tmp_path / "clearpay-doctor.toml").write_text("\n".join(lines))

    written = outputs(tmp_path, capsys, "check")

    assert written.code in {1, 3}
    assert written.leaked == {}


@pytest.mark.parametrize("probe", ["currency", "timeouts", "logs"])
def test_a_secret_of_one_file_is_masked_in_another(probe: str, tmp_path: Path, capsys: Capture) -> None:
    files: dict[str, dict[str, object]] = {
        "credentials": {"api_key": KEY, "secret_key": PASSWORD},
        "currency": {"supported_currencies": ["USD", PASSWORD], "default_currency": PASSWORD},
        "network": {"connection_timeout": 3, "read_timeout": PASSWORD},
        "logging": {"version": 1, "handlers": {"out": {"class": PASSWORD}}, "root": {"level": PASSWORD}},
    }
    for role, tree in files.items():
        (tmp_path / f"{role}.json").write_text(json.dumps(tree))
    settings = "\n".join(f'{role} = "{role}.json"' for role in files)
    (tmp_path / "clearpay-doctor.toml").write_text(f"[target.a.config]\n{settings}\n")

    # Only this probe: no other has read the secret before.
    written = outputs(tmp_path, capsys, "check", probe)

    assert written.code == 1
    assert written.leaked == {}


def test_no_canary_of_a_log_comes_out(tmp_path: Path, capsys: Capture) -> None:
    log = tmp_path / "transactions.log"
    log.write_text(f"2026-11-23 09:00:00 INFO {LINE}\n{EVERYTHING}\n" * 20)
    handlers = {"file": {"class": "logging.FileHandler", "filename": str(log)}}
    tree = {"version": 1, "handlers": handlers, "root": {"handlers": ["file"]}}
    (tmp_path / "logging.json").write_text(json.dumps(tree))

    written = outputs(tmp_path, capsys, "check", "logs", "--target", "logging.json")

    assert "logs.secrets" in written.texts["json"]
    assert "logs.card_numbers" in written.texts["json"]
    assert written.leaked == {}


SOURCE = f'''\
import psycopg2, requests
API_KEY = "{KEY}"
PASSWORD = {PASSWORD!r}
DSN = {NOTATIONS["URL"]!r}
KEY = """{PEM}
-----END PRIVATE KEY-----"""
def pay(rows, cursor, card="{CARD}"):
    for row in rows:
        cursor.execute(f"INSERT INTO cards VALUES ('{CARD}', '{{row}}')")
    requests.get("https://api.clearpay.example/v1?api_key={KEY}", headers={{"X-Token": "{TOKEN}"}})
    psycopg2.connect("host=db password={PASSWORD}")
'''  # noqa: S608  code that is read and never run


@pytest.mark.parametrize("end", ["", f'"{PASSWORD}\n', f"def {KEY}(:\n"], ids=["whole", "cut", "nonsense"])
def test_no_canary_of_code_comes_out(end: str, tmp_path: Path, capsys: Capture) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / f"{KEY}.py").write_text(SOURCE + end)
    (code / "pay.py").write_text(SOURCE + end)

    written = outputs(tmp_path, capsys, "check", "--target", "code")

    assert written.code == (3 if end else 0)
    assert "hardcoded_secret" in written.texts["json"] or end
    assert written.leaked == {}


def test_no_canary_in_the_names_of_a_certificate_comes_out(tmp_path: Path, capsys: Capture) -> None:
    files = certificates.make(tmp_path / "site")
    issuing = authority(f"CA {KEY}", organisation=f"password={PASSWORD}"[:64])
    names = ("localhost", f"{KEY.replace('_', '-')}.example".lower())
    pair = leaf(issuing, name=f"token={TOKEN}"[:64], organisation=f"{HOOK} {CARD}", names=names)
    files = certificates.write(tmp_path / "presented", files.root, pair)
    (tmp_path / "env").write_text(f"PASSWORD={PASSWORD}\nSSL_CERT_FILE={tmp_path}/missing/{KEY}\n")
    with ApiServer() as api, HttpsProxy(api.port, files) as front:
        (tmp_path / "clearpay-doctor.toml").write_text(
            f'[target.a]\napi = "https://app_user:{QUOTED}@localhost:{front.port}/v1"\n'
            f'[target.a.tls]\nca_file = "{files.ca}"\nenv_file = "{tmp_path}/env"\n'
        )
        written = outputs(tmp_path, capsys, "check", "tls", "api")

    assert written.code == 1
    assert written.leaked == {}


@pytest.mark.lab
def test_no_canary_of_a_session_comes_out(lab: Lab, tmp_path: Path, capsys: Capture) -> None:
    sessions = [psycopg2.connect(lab.application_dsn()) for _ in range(2)]
    statement = f"SELECT 1 /* {LINE} */ -- {LINE}\n WHERE 'x' <> '{PASSWORD} {TOKEN}' AND {CARD} > 0"
    try:
        for session in sessions:
            cursor = session.cursor()
            cursor.execute("SELECT set_config('application_name', %s, false)", [f"payments {KEY}"])
            cursor.execute(statement)
        written = outputs(
            tmp_path, capsys, "check", "pool", "statements", "--config", str(lab.target_file),
            "--set", "pool.application_name=payments " + KEY, "--set", "thresholds.leak_s=0.2",
        )  # fmt: skip
    finally:
        for session in sessions:
            session.close()

    assert "pool.leaked" in written.texts["json"]
    assert written.leaked == {}
