"""Stack of servers that nobody here wrote: nginx with TLS before gunicorn, with sync and uvicorn workers.

Only the applications behind them are ours: an acquirer's API, a receiver of webhooks, the payments service.
"""

import json
import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from diagnostics.lab.api.nginx import Nginx
from diagnostics.lab.api.tokens import mint
from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.parts.python_server import UVICORN_WORKER, PythonServer
from diagnostics.lab.target_file import render
from diagnostics.targets.settings import (
    LAB_THRESHOLDS,
    Contract,
    SecretRef,
    Secrets,
    Service,
    TargetSettings,
    Tls,
    Token,
    Webhook,
)
from tests.diagnostics.cli.test_main import run
from tests.support import acquirer_api, webhook_receiver

if TYPE_CHECKING:
    import subprocess

NAME = "pay"
CONTRACT = Contract(
    health_path="/status",
    me_path="/account",
    environment="test",
    environment_field="account.mode",
    scopes_field="account.grants",
    error_field="type",
)


@dataclass
class RealStack:
    """A context manager of the running stack; `folder` gets the target file, the state and the secrets."""

    folder: Path
    api: PythonServer = field(init=False)
    front: Nginx = field(init=False)
    loops: PythonServer = field(init=False)
    """The payments service on gunicorn with two uvicorn workers."""
    workers: PythonServer = field(init=False)
    """The payments service on gunicorn with two sync workers."""
    receiver: PythonServer = field(init=False)
    files: Files = field(init=False)
    signing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.files = authority.make(self.folder / "certificates")
            self.restore()
            self.api = stack.enter_context(
                PythonServer(
                    "gunicorn",
                    worker_class="gthread",
                    threads=4,
                    wsgi=Path(acquirer_api.__file__),
                    environment={"ACQUIRER_STATE": str(self.state_file)},
                )
            )
            self.front = stack.enter_context(Nginx(self.upstream, files=self.files))
            self.loops = stack.enter_context(PythonServer("gunicorn", worker_class=UVICORN_WORKER, workers=2))
            self.workers = stack.enter_context(PythonServer("gunicorn", workers=2))
            self.receiver = stack.enter_context(
                PythonServer(
                    "gunicorn",
                    wsgi=Path(webhook_receiver.__file__),
                    environment={"WEBHOOK_SECRET_FILE": str(self.receiver_secret)},
                )
            )
            self._stack = stack.pop_all()
        self.publish()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def upstream(self) -> str:
        """Address of the API behind nginx."""
        return f"127.0.0.1:{self.api.port}"

    @property
    def state_file(self) -> Path:
        """State of the API, see `acquirer_api`."""
        return self.folder / "state.json"

    @property
    def token_file(self) -> Path:
        """Token of the application."""
        return self.folder / "token"

    @property
    def webhook_secret(self) -> Path:
        """Secret of the endpoint, as the doctor knows it."""
        return self.folder / "webhook.secret"

    @property
    def receiver_secret(self) -> Path:
        """Secret that the receiver verifies with."""
        return self.folder / "receiver.secret"

    def restore(self) -> None:
        """Restore the state, the token and the secrets of a healthy stack; servers are left as they are."""
        self.set_state()
        self.give_token()
        secret = f"whsec_{secrets.token_hex(16)}"
        for path in (self.webhook_secret, self.receiver_secret):
            path.touch(mode=0o600)
            path.write_text(secret, "utf-8")

    def set_state(self, **changes: Any) -> None:
        """Replace the state of the API."""
        state = {"signing_key": self.signing_key.hex(), "audience": acquirer_api.AUDIENCE, **changes}
        self.state_file.write_text(json.dumps(state), "utf-8")

    def give_token(self, key: bytes = b"", **claims: Any) -> None:
        """Replace the token of the application by one with these claims, signed with another key if given."""
        now = int(time.time())
        all_claims = {
            "iss": acquirer_api.ISSUER,
            "aud": acquirer_api.AUDIENCE,
            "iat": now,
            "exp": now + 3600,
            "scope": " ".join(acquirer_api.SCOPES),
            **claims,
        }
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(mint(all_claims, key or self.signing_key), "utf-8")

    def publish(
        self, *, service: Service | None = None, webhook: str = "/webhooks", ca_file: Path | None = None
    ) -> None:
        """Write the target file, with a service, a path of the receiver and a CA bundle."""
        settings = TargetSettings(
            production=False,
            api=f"https://localhost:{self.front.port}/api",
            tls=Tls(ca_file=str(ca_file or self.files.ca)),
            contract=CONTRACT,
            token=Token(
                issuer=acquirer_api.ISSUER, audience=acquirer_api.AUDIENCE, scopes=acquirer_api.SCOPES
            ),
            secrets=Secrets(token=SecretRef(file=str(self.token_file))),
            service=service or self.loops.service("/awaited"),
            webhook=Webhook(
                url=f"{self.receiver.url}{webhook}", secret=SecretRef(file=str(self.webhook_secret))
            ),
            thresholds=LAB_THRESHOLDS,
        )
        self.target_file.touch(mode=0o600)
        self.target_file.write_text(render(NAME, settings), "utf-8")

    @property
    def target_file(self) -> Path:
        """Target file of the stack."""
        return self.folder / "clearpay-doctor.toml"

    def doctor(self, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command on the stack."""
        options = ("--target", NAME, "--config", str(self.target_file))
        return run(*arguments, *options, text=text, cwd=self.folder)

    def diagnose(self, text: str, *options: str) -> dict[str, Any]:
        """Diagnose a text, and return the report with the exit code as `exit`."""
        done = self.doctor("diagnose", "-", "--format", "json", *options, text=text)
        return {**json.loads(done.stdout), "exit": done.returncode}

    def verify(self, entry: str, *options: str) -> int:
        """Return the exit code of `verify`."""
        return self.doctor("verify", entry, *options).returncode
