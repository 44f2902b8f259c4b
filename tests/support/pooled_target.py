"""The lab's target with a real PgBouncer in front of its server, for tests of probes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from psycopg2.extensions import make_dsn

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE, MONITOR
from diagnostics.lab.postgres.pgbouncer import PgBouncer, PoolMode
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import from_settings


@dataclass(frozen=True)
class PooledLab:
    """A running PgBouncer and the lab's target whose application goes through it; the monitor goes direct."""

    lab: Lab
    pooler: PgBouncer

    @property
    def target(self) -> Target:
        """Target of the application behind the pooler."""
        return self.with_settings()

    def with_settings(self, **settings: object) -> Target:
        """Return the target with other settings."""
        own = replace(self.lab.target.settings, database=self.url(APPLICATION), **settings)  # type: ignore[arg-type]  # a test's own
        return from_settings("lab", own, self.lab.layout.folder)

    def url(self, role: str) -> str:
        """Return the URL of a role through the pooler."""
        return f"postgresql://{role}@127.0.0.1:{self.pooler.port}/{DATABASE}"

    def dsn(self, application_name: str = "payments") -> str:
        """Return a DSN of the application through the pooler; it refuses startup options."""
        own = {"port": self.pooler.port, "application_name": application_name, "options": ""}
        return str(make_dsn(self.lab.application_dsn(), **own))


@contextmanager
def pooled(lab: Lab, mode: PoolMode = "transaction", **settings: str) -> Iterator[PooledLab]:
    """Run PgBouncer before the lab's server, for the roles of the application and of the monitor."""
    users = {APPLICATION: lab.passwords.application, MONITOR: lab.passwords.monitor}
    with PgBouncer(lab.server, DATABASE, users, mode=mode, settings=settings) as pooler:
        yield PooledLab(lab, pooler)
