"""The lab: everything that a payment needs, healthy, and one fault at a time, or several on purpose."""

import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg2
from psycopg2.extensions import make_dsn

from diagnostics.config import from_settings
from diagnostics.lab import binaries, cluster, database_secret, fixing, health, programs, secrets_manager
from diagnostics.lab.address import Address
from diagnostics.lab.api.part import ApiPart
from diagnostics.lab.configs import ConfigsPart
from diagnostics.lab.control import write_scripts
from diagnostics.lab.database_secret import DatabaseSecret
from diagnostics.lab.environment import clean
from diagnostics.lab.errors import LabError
from diagnostics.lab.faults import Fault, fault_of
from diagnostics.lab.layout import Layout, write_private
from diagnostics.lab.loop_part import LoopPart
from diagnostics.lab.passwords import Passwords
from diagnostics.lab.postgres import SUPERUSER, Server
from diagnostics.lab.source_part import SourcePart
from diagnostics.lab.target_file import POOL, render, settings_of
from diagnostics.lab.webhook_receiver import ReceiverPart
from diagnostics.settings import Commands, Pool, TargetSettings
from diagnostics.target import Target
from kb.models import Entry, FixStep

if TYPE_CHECKING:
    from diagnostics.lab.parts import Part

NAME = "lab"
PACKAGES = Path(__file__).parent / "packages"
"""ClearPay's client package: programs that play the application import it by its own name."""


class Lab:
    """A context manager: ready when it returns, gone when it ends. Not for several threads at a time.

    Raises NoPostgres where there is no server to start, LabError where one does not start.
    """

    def __init__(self, using: binaries.Binaries | None = None) -> None:
        self.binaries = using or binaries.find()
        self._stack = ExitStack()
        self._fault = ExitStack()
        self.passwords = Passwords.fresh()
        self.broken = ""
        """The finding that is being made, the first where there are several; empty in a healthy lab."""
        self.server: Server
        self.layout: Layout
        self.secret: DatabaseSecret
        self.api: ApiPart
        self.configs: ConfigsPart
        self.receiver: ReceiverPart
        self.loop: LoopPart
        self.parts: tuple[Part, ...]
        """What there is beside the database and its secret."""
        self.address: Address
        """Where the application and the doctor look; a fault may lead both astray."""
        self.pool = POOL
        """How many sessions the application may open."""
        self._commands: Commands
        self._aws: str

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._aws = stack.enter_context(secrets_manager.serving())
            client = stack.enter_context(closing(database_secret.client(self._aws)))
            self.server = stack.enter_context(cluster.running(self.binaries))
            self.layout = Layout(self.server.folder)
            host, port = "127.0.0.1", self.server.port
            self.secret = DatabaseSecret(client, host, port, health.APPLICATION, health.DATABASE)
            self._write_files()
            self.api = stack.enter_context(ApiPart(self.layout.folder / "api"))
            self.configs = stack.enter_context(ConfigsPart(self.layout.folder / "configs", self.api))
            self.receiver = stack.enter_context(ReceiverPart(self.layout.folder))
            self.loop = stack.enter_context(LoopPart())
            source = stack.enter_context(SourcePart(self.layout.folder))
            self.parts = (self.api, self.configs, self.receiver, self.loop, source)
            self._heal()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self._fault.close()

    @property
    def description(self) -> str:
        """What runs, in a few words."""
        database = f"PostgreSQL {self.binaries.version} on port {self.server.port}"
        said = (database, f"Secrets Manager at {self._aws}", *(part.description for part in self.parts))
        return ", ".join(filter(None, said))

    @staticmethod
    def story(finding: str) -> str:
        """What a fault does, in a sentence."""
        return (fault_of(finding).__doc__ or "").strip().splitlines()[0]

    @property
    def target(self) -> Target:
        """The lab as the doctor sees it, at this moment."""
        return from_settings(NAME, self._settings(), self.layout.folder)

    @property
    def target_file(self) -> Path:
        """A `clearpay-doctor.toml` that says the same; rewritten when a fault leads the target astray."""
        return self.layout.target_file

    def environment(self) -> dict[str, str]:
        """The whole environment of a program that plays the application."""
        told = {key: value for part in self.parts for key, value in part.environment().items()}
        return {
            "PATH": clean()["PATH"],
            "PYTHONPATH": str(PACKAGES),
            "HOME": str(self.layout.home),
            "DATABASE_URL": self.address.url(health.APPLICATION),
            "DATABASE_PASSWORD_FILE": str(self.layout.application_password),
            "SECRET_NAME": database_secret.NAME,
            "AWS_DEFAULT_REGION": database_secret.REGION,
            "AWS_ENDPOINT_URL": self._aws,
            "AWS_ACCESS_KEY_ID": database_secret.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": database_secret.SECRET_KEY,
            **told,
        }

    def application_dsn(self) -> str:
        """How a session of the application's role starts in this process, whatever PG* variables it has."""
        return str(
            make_dsn(
                self._true_address().url(health.APPLICATION),
                password=self.passwords.application,
                application_name="payments",
                sslmode="disable",
                connect_timeout=5,
                options="-c statement_timeout=10s",
            )
        )

    def break_(self, finding: str) -> None:
        """Make a finding true; what was broken before is repaired first. Raises UnknownFault."""
        fault = fault_of(finding)
        if self.broken:
            self.repair()
        self._begin(fault)
        self.broken = finding

    def also(self, finding: str) -> None:
        """Make a further finding true beside what is broken; `repair` ends all. Raises UnknownFault."""
        self._begin(fault_of(finding))
        self.broken = self.broken or finding

    def repair(self) -> None:
        """End the fault and restore full health, whatever a fix has already done. Raises LabError."""
        try:
            self._fault.close()
        finally:
            if self.broken:
                # Who saw a credential rejected does not try it again, and is right: there is a new one.
                self.passwords = Passwords.fresh()
            self._heal()
            self.broken = ""

    def fail(self) -> str:
        """Run what fails, and return what it printed. Raises LabError where it does not fail."""
        done = self.run_before()
        if done.returncode == 0:
            raise LabError(f"{self.broken or 'the healthy lab'}: nothing failed: {done.stdout.strip()}")
        return done.stdout + done.stderr

    def run_before(self) -> subprocess.CompletedProcess[str]:
        """Run the code that suffers from what is broken, whether it fails or only takes its time."""
        return self.run_code(programs.before(self.broken))

    def after(self, entry: Entry) -> Path:
        """The program that does the entry's job right, else the payment job."""
        return programs.after(entry)

    def run_code(self, path: Path) -> subprocess.CompletedProcess[str]:
        """Run a Python program as the application. Raises LabError where it takes longer than 60 s."""
        return programs.run([sys.executable, path], self.environment(), self.layout.home)

    def apply(self, step: FixStep) -> None:
        """Carry out a step of a fix with the lab's rights. Raises LabError with what it said."""
        fixing.apply(self, step)

    @property
    def admin_url(self) -> str:
        """How the superuser connects: through the unix socket, which asks no password."""
        place = replace(self._true_address(), host=str(self.server.socket_folder))
        return place.url(SUPERUSER)

    def sql(self, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser in the database of the application."""
        return self.server.query(statement, *arguments, database=health.DATABASE)

    def lead_astray(self, **changes: Any) -> None:
        """Change where the application and the doctor look; fields are those of Address."""
        self.address = replace(self.address, **changes)
        self.publish()

    def resize(self, pool: Pool) -> None:
        """Change what the application's pool may open."""
        self.pool = pool
        self.publish()

    def publish(self) -> None:
        """Write the target file anew, after a part has changed what the doctor is told of it."""
        write_private(self.target_file, render(NAME, self._settings()))

    def _begin(self, fault: Fault) -> None:
        try:
            self._fault.enter_context(contextmanager(fault)(self))
        except BaseException:
            self.repair()
            raise

    def _settings(self) -> TargetSettings:
        settings = settings_of(self.address, self.layout, self._aws, self._commands, self.pool)
        for part in self.parts:
            settings = part.told(settings)
        return settings

    def _true_address(self) -> Address:
        return Address(host="127.0.0.1", port=self.server.port, database=health.DATABASE)

    def _write_files(self) -> None:
        self.layout.home.mkdir()
        self._commands = write_scripts(self.layout.folder)
        write_private(self.layout.aws_credentials, database_secret.CREDENTIALS_FILE)
        write_private(self.layout.aws_endpoint, self._aws)

    def _heal(self) -> None:
        current = self.passwords.application
        health.restore(self.server, current, self.passwords.monitor)
        self.secret.reset(self.passwords.previous, current)
        write_private(self.layout.application_password, current)
        write_private(self.layout.monitor_password, self.passwords.monitor)
        self.address, self.pool = self._true_address(), POOL
        for part in self.parts:
            part.heal()
        self.publish()
        psycopg2.connect(self.application_dsn()).close()
