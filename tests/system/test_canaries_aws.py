"""Canaries never appear in the output: contents of Secrets Manager, its errors, and its configuration."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from diagnostics.lab.postgres import rotated_secret
from diagnostics.lab.servers import secrets_manager
from tests.diagnostics.clients.postgres.foreign_servers import answers, auth_request, error, fake_server
from tests.support.canaries import (
    ACCESS,
    AWS,
    CARD,
    EVERYTHING,
    HOOK,
    KEY,
    LINE,
    PASSWORD,
    QUOTED,
    TOKEN,
    outputs,
)

Capture = pytest.CaptureFixture[str]
NAME = "clearpay/db/credentials"
REFUSES = auth_request(3) + error("28P01", f'password authentication failed for user "app_user" {PASSWORD}')

pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture(autouse=True)
def no_aws_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


class Refusing(BaseHTTPRequestHandler):
    """Request handler that refuses, and repeats the headers, the body and every canary."""

    code = "AccessDeniedException"

    def do_POST(self) -> None:
        """Refuse the request."""
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        error = {"__type": self.code, "message": f"{self.headers} {sent} {EVERYTHING} {PASSWORD}"}
        body = json.dumps(error).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Discard the message."""


@contextmanager
def refusing(code_: str) -> Iterator[str]:
    class Handler(Refusing):
        code = code_

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def checked(folder: Path, capture: Capture, reference: str, database: str = "") -> dict[str, str]:
    """Run every probe that reads the secret: as the application, as the monitoring role, and as rotated."""
    (folder / "credentials").write_text(
        f"[default]\naws_access_key_id={ACCESS}\naws_secret_access_key={AWS}\naws_session_token={TOKEN}\n"
    )
    with fake_server(answers(REFUSES)) as port:
        url = f"postgresql://app_user@127.0.0.1:{port}/db?sslmode=disable"
        (folder / "clearpay-doctor.toml").write_text(
            f'[target.a]\nproduction = false\ndatabase = "{url}"\nmonitor = "{url}"\n'
            f"[target.a.secrets]\ndatabase = {database or reference}\nmonitor = {reference}\n"
            f"[target.a.rotation]\nsecret = {reference}\n"
        )
        written = outputs(folder, capture, "check", "login", "rotation", "pool", "--active")
    assert written.code in {1, 3, 4}
    assert written.leaked == {}
    return written.texts


def reference(endpoint: str, **more: str) -> str:
    parts = {"aws": NAME, "region": "us-east-1", "endpoint": endpoint, "credentials_file": "credentials"}
    return "{ " + ", ".join(f'{key} = "{value}"' for key, value in {**parts, **more}.items()) + " }"


@pytest.mark.parametrize("code", ["AccessDeniedException", LINE, f"x{PASSWORD}"])
def test_no_canary_of_a_refusal_comes_out(code: str, tmp_path: Path, capsys: Capture) -> None:
    with refusing(code) as endpoint:
        texts = checked(tmp_path, capsys, reference(endpoint), database=f'"{PASSWORD}"')

    assert "AWS secret" in texts["json"]


@pytest.mark.parametrize(
    "held",
    [
        json.dumps({"username": "app_user", "password": PASSWORD, "api_key": KEY, "card": CARD}),
        json.dumps({"user": "app_user", "pass": PASSWORD, KEY: 1, HOOK: 2, f"password={PASSWORD}": 3}),
        json.dumps({"password": PASSWORD})[:-1],
        json.dumps({"password": [PASSWORD]}),
    ],
    ids=["whole", "other fields", "cut", "a list"],
)
def test_no_canary_of_a_secret_comes_out(held: str, tmp_path: Path, capsys: Capture) -> None:
    with secrets_manager.serving() as endpoint, closing(rotated_secret.client(endpoint)) as client:
        client.create_secret(Name=NAME, SecretString=held)
        client.put_secret_value(SecretId=NAME, SecretString=f"{held} ", VersionStages=["AWSPENDING"])
        checked(tmp_path, capsys, reference(endpoint))


@pytest.mark.parametrize(
    "wrong",
    [
        {"aws": f"clearpay/{KEY}"},
        {"region": f"us {KEY}"},
        {"profile": KEY},
        {"endpoint": f"http://app_user:{QUOTED}@127.0.0.1:9"},
        {"endpoint": f"http://127.0.0.1:port/?token={TOKEN}"},
        {"credentials_file": f"missing/{KEY}"},
    ],
    ids=str,
)
def test_no_canary_of_how_it_is_asked_comes_out(
    wrong: dict[str, str], tmp_path: Path, capsys: Capture
) -> None:
    checked(tmp_path, capsys, reference(**{"endpoint": "http://127.0.0.1:9", **wrong}))


def test_no_canary_of_a_broken_file_of_aws_keys_comes_out(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "broken").write_text(f"{ACCESS}\n[default\naws_secret_access_key {AWS}\n")

    checked(tmp_path, capsys, reference("http://127.0.0.1:9", credentials_file="broken"))
