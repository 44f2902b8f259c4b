"""The lab: everything that a payment needs, healthy until a fault breaks it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg2
from psycopg2.extensions import make_dsn

import kb
from diagnostics.lab.api.part import ApiPart
from diagnostics.lab.errors import LabError
from diagnostics.lab.fixes import steps
from diagnostics.lab.fixes.commands import write_scripts
from diagnostics.lab.layout import Layout, write_private
from diagnostics.lab.parts.config_files import ConfigsPart
from diagnostics.lab.parts.event_loop import LoopPart
from diagnostics.lab.parts.source_code import SourcePart
from diagnostics.lab.parts.webhook_receiver import ReceiverPart
from diagnostics.lab.postgres import baseline, binaries, cluster, rotated_secret
from diagnostics.lab.postgres.address import Address
from diagnostics.lab.postgres.passwords import Passwords
from diagnostics.lab.postgres.rotated_secret import DatabaseSecret
from diagnostics.lab.postgres.server import SUPERUSER, Server
from diagnostics.lab.process.environment import clean
from diagnostics.lab.programs import runner
from diagnostics.lab.servers import secrets_manager
from diagnostics.lab.target_file import POOL, render, settings_of
from diagnostics.targets.settings import Commands, Operator, Pool, TargetSettings
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import from_settings
from kb.records.models import Entry, FixStep

if TYPE_CHECKING:
    from diagnostics.lab.part import Part

NAME = "lab"
PACKAGES = Path(kb.__file__).parent / "packages"
"""ClearPay's client package, which programs of the lab import by its own name."""


class Lab:
    """Context manager of a running lab. Not thread-safe.

    Raises NoPostgres if there is no server to start, LabError if one does not start.
    """

    def __init__(self, using: binaries.Binaries | None = None) -> None:
        self.binaries = using or binaries.find()
        self._stack = ExitStack()
        self._fault = ExitStack()
        self.passwords = Passwords.fresh()
        self.broken = ""
        """First finding that was injected; "" in a healthy lab."""
        self.server: Server
        self.layout: Layout
        self.secret: DatabaseSecret
        self.api: ApiPart
        self.configs: ConfigsPart
        self.receiver: ReceiverPart
        self.loop: LoopPart
        self.parts: tuple[Part, ...]
        """Parts beside the database and its secret."""
        self.address: Address
        """Database address of the application and the doctor; faults override it."""
        self.pool = POOL
        """Connection pool of the application."""
        self._overrides: dict[str, Any] = {}
        self._commands: Commands
        self._aws: str

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._aws = stack.enter_context(secrets_manager.serving())
            client = stack.enter_context(closing(rotated_secret.client(self._aws)))
            self.server = stack.enter_context(cluster.running(self.binaries))
            self.layout = Layout(self.server.folder)
            host, port = "127.0.0.1", self.server.port
            self.secret = DatabaseSecret(client, host, port, baseline.APPLICATION, baseline.DATABASE)
            self._write_files()
            self.api = stack.enter_context(ApiPart(self.layout.folder / "api"))
            self.configs = stack.enter_context(ConfigsPart(self.layout.folder / "configs", self.api))
            self.receiver = stack.enter_context(ReceiverPart(self.layout.folder))
            self.loop = stack.enter_context(LoopPart())
            source = stack.enter_context(SourcePart(self.layout.folder))
            self.parts = (self.api, self.configs, self.receiver, self.loop, source)
            self._restore()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self._fault.close()

    @property
    def description(self) -> str:
        """Servers that run, with their addresses."""
        database = f"PostgreSQL {self.binaries.version} on port {self.server.port}"
        texts = (database, f"Secrets Manager at {self._aws}", *(part.description for part in self.parts))
        return ", ".join(filter(None, texts))

    @property
    def target(self) -> Target:
        """The lab as a target, in its current state."""
        return from_settings(NAME, self._settings(), self.layout.folder)

    @property
    def target_file(self) -> Path:
        """Target file of the lab, rewritten when a fault changes the target."""
        return self.layout.target_file

    def environment(self) -> dict[str, str]:
        """Return the complete environment for a program of the application."""
        part_variables = {key: value for part in self.parts for key, value in part.environment().items()}
        return {
            "PATH": clean()["PATH"],
            "PYTHONPATH": str(PACKAGES),
            "HOME": str(self.layout.home),
            "DATABASE_URL": self.address.url(baseline.APPLICATION),
            "DATABASE_PASSWORD_FILE": str(self.layout.application_password),
            "SECRET_NAME": rotated_secret.NAME,
            "AWS_DEFAULT_REGION": rotated_secret.REGION,
            "AWS_ENDPOINT_URL": self._aws,
            "AWS_ACCESS_KEY_ID": rotated_secret.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": rotated_secret.SECRET_KEY,
            **part_variables,
        }

    def application_dsn(self) -> str:
        """Return a DSN of the application's role that is independent of PG* variables."""
        return str(
            make_dsn(
                self.real_address.url(baseline.APPLICATION),
                password=self.passwords.application,
                application_name="payments",
                sslmode="disable",
                connect_timeout=5,
                options="-c statement_timeout=10s",
            )
        )

    def enter_fault(self, fault: Callable[[Self], Iterator[None]], finding: str) -> None:
        """Run a fault up to its `yield`; `repair` runs the rest. If the fault raises, repair and re-raise."""
        try:
            self._fault.enter_context(contextmanager(fault)(self))
        except BaseException:
            self.repair()
            raise
        self.broken = self.broken or finding

    def repair(self) -> None:
        """End the faults and restore full health, whatever a fix changed. Raises LabError."""
        try:
            self._fault.close()
        finally:
            if self.broken:
                # Probes never retry a rejected credential, so the repaired lab needs new ones.
                self.passwords = Passwords.fresh()
            self._restore()
            self.broken = ""

    def fail(self, program: Path | None = None) -> str:
        """Run the failing program and return its output; without `program` that of the current fault.

        Raises LabError if it succeeds.
        """
        done = self.run_code(program) if program else self.run_before()
        if done.returncode == 0:
            raise LabError(f"{self.broken or 'the healthy lab'}: nothing failed: {done.stdout.strip()}")
        return done.stdout + done.stderr

    def run_before(self) -> subprocess.CompletedProcess[str]:
        """Run the program that suffers from the current fault, whether it fails or is only slow."""
        return self.run_code(runner.before(self.broken))

    def after(self, entry: Entry) -> Path:
        """Return the correct program of an entry, or the payment job."""
        return runner.after(entry)

    def run_code(self, path: Path) -> subprocess.CompletedProcess[str]:
        """Run a Python program as the application. Raises LabError if it takes longer than 60 s."""
        return runner.run([sys.executable, path], self.environment(), self.layout.home)

    def apply(self, step: FixStep) -> None:
        """Run a fix step with the lab's privileges. Raises LabError with its output."""
        environment = self.environment() | {"ADMIN_DATABASE_URL": self.admin_url}
        steps.apply(step, self.server, environment, self.layout.home)

    @property
    def admin_url(self) -> str:
        """URL of the superuser, through the unix socket and without a password."""
        address = replace(self.real_address, host=str(self.server.socket_folder))
        return address.url(SUPERUSER)

    def sql(self, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser in the application's database."""
        return self.server.query(statement, *arguments, database=baseline.DATABASE)

    def override_address(self, **changes: Any) -> None:
        """Override fields of the Address that the application and the doctor use."""
        self.address = replace(self.address, **changes)
        self.publish()

    def override_settings(self, **fields: Any) -> None:
        """Override fields of the target's settings, until the repair."""
        self._overrides |= fields
        self.publish()

    def resize(self, pool: Pool) -> None:
        """Replace the settings of the application's pool."""
        self.pool = pool
        self.publish()

    def publish(self) -> None:
        """Rewrite the target file after a change of the settings."""
        write_private(self.target_file, render(NAME, self._settings()))

    def _settings(self) -> TargetSettings:
        settings = settings_of(self.address, self.layout, self._aws, self._commands, self.pool)
        settings = replace(settings, operator=Operator(database=self.admin_url))
        for part in self.parts:
            settings = part.apply_to_settings(settings)
        return replace(settings, **self._overrides)

    @property
    def real_address(self) -> Address:
        """Address of the server itself."""
        return Address(host="127.0.0.1", port=self.server.port, database=baseline.DATABASE)

    def _write_files(self) -> None:
        self.layout.home.mkdir()
        self._commands = write_scripts(self.layout.folder)
        write_private(self.layout.aws_credentials, rotated_secret.CREDENTIALS_FILE)
        write_private(self.layout.aws_endpoint, self._aws)

    def _restore(self) -> None:
        current = self.passwords.application
        baseline.restore(self.server, current, self.passwords.monitor)
        self.secret.reset(self.passwords.previous, current)
        write_private(self.layout.application_password, current)
        write_private(self.layout.monitor_password, self.passwords.monitor)
        self.address, self.pool, self._overrides = self.real_address, POOL, {}
        for part in self.parts:
            part.restore()
        self.publish()
        psycopg2.connect(self.application_dsn()).close()
