"""Settings of the database beyond its URL: rotation, operator, pooler, connection pool, report."""

from dataclasses import dataclass, field
from typing import Literal

from diagnostics.targets.settings.address import Url
from diagnostics.targets.settings.secrets import Secret, SecretRef
from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Record):
    """Rotation of the database password: its secret shows if the application's password is an old one."""

    secret: SecretRef
    """Secret that the rotation writes the password to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Record):
    """Roles that run the SQL of a fix when a person asks for it. Probes never use them."""

    database: Url = field(default="", repr=False)
    """URL that the role connects with, to the server itself: `postgresql://role@host:port/db`."""
    secret: Secret = field(default=None, repr=False)
    """Password of the role."""
    pooler: Url = field(default="", repr=False)
    """URL of PgBouncer's console for a role of `admin_users`; default: `pgbouncer` at its address."""
    pooler_secret: Secret = field(default=None, repr=False)
    """Password of that role; default: what psql finds in the password file."""


PoolerKind = Literal["pgbouncer", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooler(Record):
    """Connection pooler between the application and the database server, to which `database` leads."""

    kind: PoolerKind = "pgbouncer"
    """Program: `pgbouncer`, or `other` for one whose admin console this tool does not read."""
    admin: Url = field(default="", repr=False)
    """URL of the admin console: `postgresql://role@host:6432/pgbouncer`, a role of `stats_users`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Record):
    """Connection pool of the application, as its code configures it."""

    application_name: str
    """`application_name` of its sessions in pg_stat_activity."""
    size: int
    """Connections that the pool of one process keeps open."""
    max_overflow: int = 0
    """Connections that one process may open beyond `size`."""
    processes: int = 1
    """Number of processes of the application, each with a pool."""

    @property
    def capacity(self) -> int:
        """Largest number of connections of all processes together."""
        return self.processes * (self.size + self.max_overflow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Record):
    """Report of the application: its SELECT, in `sql` or `sql_file`, and the memory for its rows."""

    memory_mb: int
    """Megabytes that its rows may take in memory."""
    sql: str = ""
    """The SELECT, with values in place of its parameters."""
    sql_file: str = ""
    """File with the SELECT, relative to the target file."""
