"""Client of AWS Secrets Manager against a local server: values, versions, one-sentence errors."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_WR, socket
from threading import Thread
from time import sleep
from typing import Any

import pytest

from diagnostics.errors import CannotTell
from diagnostics.lab.postgres import rotated_secret
from diagnostics.lab.servers import secrets_manager
from diagnostics.lab.servers.listener import Listener
from diagnostics.targets.secrets.aws_secrets_manager import password_of, value_of, versions
from diagnostics.targets.settings import SecretRef
from tests.support.deadlines import ends_within

NAME = "clearpay/db/credentials"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the AWS settings of the environment and disable the metadata service."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with secrets_manager.serving() as address:
        yield address


@pytest.fixture
def client(endpoint: str) -> Iterator[Any]:
    with closing(rotated_secret.client(endpoint)) as one:
        yield one
        for item in one.list_secrets()["SecretList"]:
            one.delete_secret(SecretId=item["Name"], ForceDeleteWithoutRecovery=True)


@pytest.fixture
def ref(endpoint: str, tmp_path: Path) -> SecretRef:
    (tmp_path / "credentials").write_text(rotated_secret.CREDENTIALS_FILE)
    return SecretRef(aws=NAME, region="us-east-1", endpoint=endpoint, credentials_file="credentials")


def test_the_password_of_a_database_secret_is_read(client: Any, ref: SecretRef, tmp_path: Path) -> None:
    client.create_secret(Name=NAME, SecretString='{"username": "app_user", "password": "correct horse"}')

    found = value_of(ref, "rotation.secret", folder=tmp_path)

    assert (found.username, found.password) == ("app_user", "correct horse")
    assert "horse" not in repr(found)


def test_a_plain_text_is_the_password_itself(client: Any, ref: SecretRef, tmp_path: Path) -> None:
    client.create_secret(Name=NAME, SecretString="correct horse")

    assert password_of(ref, "secrets.database", folder=tmp_path) == "correct horse"


def test_each_label_has_its_version_and_value(client: Any, ref: SecretRef, tmp_path: Path) -> None:
    client.create_secret(Name=NAME, SecretString="first")
    client.put_secret_value(SecretId=NAME, SecretString="second")
    client.put_secret_value(SecretId=NAME, SecretString="third", VersionStages=["AWSPENDING"])

    found = versions(ref, "rotation.secret", folder=tmp_path)
    values = {
        label: value_of(ref, "rotation.secret", folder=tmp_path, stage=label).password
        for label in found.labels
    }

    assert values == {"AWSPREVIOUS": "first", "AWSCURRENT": "second", "AWSPENDING": "third"}
    assert found.unfinished
    assert not found.rotation_enabled
    assert found.changed


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"SecretString": '{"user": "app_user", "pass": "hunter2"}'},
            "no field `password`; it has: pass, user",
        ),
        ({"SecretString": '{"password": "hunter2"'}, "begins like JSON and is not valid JSON"),
        ({"SecretBinary": b"hunter2"}, "is binary"),
    ],
)
def test_a_secret_without_a_password_says_so_and_not_what_it_holds(
    client: Any, ref: SecretRef, tmp_path: Path, document: dict[str, Any], reason: str
) -> None:
    client.create_secret(Name=NAME, **document)

    with pytest.raises(CannotTell, match=reason) as raised:
        password_of(ref, "rotation.secret", folder=tmp_path)

    assert "hunter2" not in str(raised.value)


def test_a_secret_that_is_not_there_asks_for_the_region(client: Any, ref: SecretRef, tmp_path: Path) -> None:
    assert client
    with pytest.raises(CannotTell, match="not found in region us-east-1; check the region"):
        password_of(ref, "rotation.secret", folder=tmp_path)


def test_without_credentials_or_region_the_sentence_says_which_is_missing(
    endpoint: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotTell, match="no AWS credentials were found"):
        password_of(SecretRef(aws=NAME, region="us-east-1", endpoint=endpoint), "key", folder=tmp_path)
    with pytest.raises(CannotTell, match="no region is set"):
        password_of(SecretRef(aws=NAME, endpoint=endpoint), "key", folder=tmp_path)


def test_a_profile_that_is_not_there_is_named(endpoint: str, tmp_path: Path) -> None:
    ref = SecretRef(aws=NAME, region="us-east-1", endpoint=endpoint, profile="nobody")

    with pytest.raises(CannotTell, match="nobody"):
        password_of(ref, "key", folder=tmp_path)


def test_a_region_that_is_none_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match=r"AWS secret clearpay/db/credentials \(key\)"):
        password_of(SecretRef(aws=NAME, region="not a region!"), "key", folder=tmp_path)


def test_an_address_that_nobody_listens_on_is_not_reachable(ref: SecretRef, tmp_path: Path) -> None:
    closed = SecretRef(
        aws=NAME, region="us-east-1", endpoint="http://127.0.0.1:9", credentials_file=ref.credentials_file
    )

    with pytest.raises(CannotTell, match="Secrets Manager is not reachable"):
        password_of(closed, "key", folder=tmp_path)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("ExpiredTokenException", "with these AWS credentials: ExpiredTokenException"),
        ("ThrottlingException", "AWS throttles requests"),
        ("InternalServiceError", "cannot be read: InternalServiceError"),
    ],
)
def test_every_refusal_is_a_sentence(ref: SecretRef, tmp_path: Path, code: str, reason: str) -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"__type": code, "message": "hunter2"}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Suppress the request log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        own = SecretRef(
            aws=NAME,
            region="us-east-1",
            endpoint=f"http://127.0.0.1:{server.server_port}",
            credentials_file=ref.credentials_file,
        )
        with pytest.raises(CannotTell, match=reason) as raised:
            password_of(own, "rotation.secret", folder=tmp_path)
        server.shutdown()

    assert "hunter2" not in str(raised.value)


def test_without_boto3_the_sentence_names_the_extra() -> None:
    program = (
        "import sys; sys.modules['botocore'] = None\n"
        "from pathlib import Path\n"
        "from diagnostics.targets.secrets.aws_secrets_manager import password_of\n"
        "from diagnostics.targets.settings import SecretRef\n"
        "password_of(SecretRef(aws='x', region='r'), 'secrets.database', folder=Path())"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "pip install 'clearpay-doctor[aws]'" in done.stderr.splitlines()[-1]


CHUNKED = b"Transfer-Encoding: chunked\r\n"
Act = Callable[[Callable[[bytes], None]], None]


def endless(send: Callable[[bytes], None]) -> None:
    """Send chunks without an end."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        send(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def dripping(send: Callable[[bytes], None]) -> None:
    """Send a byte now and then, so that no read takes long."""
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    while True:
        send(b"x")
        sleep(0.2)


def answer(body: bytes, status: bytes = b"200 OK", *, head: bytes = b"") -> Act:
    def act(send: Callable[[bytes], None]) -> None:
        length = head or b"Content-Length: %d\r\n" % len(body)
        send(b"HTTP/1.1 " + status + b"\r\n" + length + b"\r\n" + body)

    return act


class Hostile(Listener):
    """Server in the place of Secrets Manager that attacks its client."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self._act = act

    def handle(self, client: socket) -> None:
        """Serve one connection; clients may disconnect at any time."""
        with suppress(OSError):
            client.recv(65536)
            self._act(client.sendall)
            client.shutdown(SHUT_WR)
            while client.recv(65536):  # closing with unread data would reset the connection
                continue


HOSTILE = {
    "a body without an end": (endless, "answered with more than 262144 bytes"),
    "a large body": (answer(b'{"SecretString": "%s"}' % (b"x" * 300_000)), "answered with more than"),
    "a drip": (dripping, "has not ended its answer within 3 s"),
    "a negative chunk": (answer(b"-5\r\nabc\r\n", head=CHUNKED), "in a form that cannot be read"),
    "a list": (answer(b"[]"), "the answer of Secrets Manager cannot be read"),
    "deep nesting": (answer(b"[" * 60_000), "the answer of Secrets Manager cannot be read"),
    "a number": (answer(b'{"SecretString": ' + b"9" * 5_000 + b"}"), "is binary"),
    "a wrong map": (answer(b'{"VersionIdsToStages": [1], "SecretString": []}'), ""),
    "a wrong date": (answer(b'{"LastRotatedDate": 1e300, "SecretString": null}'), ""),
    "an error of a wrong type": (answer(b'{"__type": ["x"]}', b"400 Bad"), "cannot be read"),
    "an error that is a list": (answer(b"[]", b"400 Bad"), "cannot be read"),
    "bytes": (answer(b"\xff\xfe", b"500 Error"), "is not text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_one_line_in_time_and_small(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, message = HOSTILE[name]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    with Hostile(act) as server:
        ref = SecretRef(aws=NAME, region="us-east-1", endpoint=f"http://127.0.0.1:{server.port}")
        with ends_within(4), pytest.raises(CannotTell) as error:
            value_of(ref, "rotation.secret", folder=tmp_path)
        with suppress(CannotTell):
            versions(ref, "rotation.secret", folder=tmp_path)

    assert message in str(error.value)
    assert "\n" not in str(error.value)
