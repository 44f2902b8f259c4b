"""What `clearpay-doctor.toml` may say about a target; `kb.validate` checks files against it."""

from dataclasses import dataclass, field
from typing import TypeAlias

from kb.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef(Record):
    """Where a secret is kept: exactly one of `env`, `file` or `aws`."""

    env: str = ""
    """Name of an environment variable."""
    file: str = ""
    """Path of a file that holds nothing else; relative to the target file."""
    aws: str = ""
    """Name or ARN in AWS Secrets Manager; its JSON field `password` is read, or the whole string."""
    region: str = ""
    endpoint: str = ""
    """Another address of Secrets Manager, as a VPC endpoint or a lab has."""
    profile: str = ""
    credentials_file: str = ""
    """AWS credentials for the doctor itself, where it does not share those of the shell."""

    def describe(self) -> str:
        """Say where the secret is kept; never what it is."""
        if self.env:
            return f"environment variable {self.env}"
        return f"file {self.file}" if self.file else f"AWS secret {self.aws}"


Secret: TypeAlias = SecretRef | str | None
"""A literal string works and is reported as a warning: a file is no place for a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets(Record):
    """What the application itself uses, and what the doctor uses to look."""

    database: Secret = field(default=None, repr=False)
    monitor: Secret = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Record):
    """What the rotation writes: reading it is what tells a stale credential from a wrong one."""

    secret: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """How this team does what a fix asks for; shown and copied, never run on a target that is no lab."""

    start_database: str = "sudo systemctl start postgresql"
    restart_database: str = "sudo systemctl restart postgresql"
    restart_application: str = "kubectl rollout restart deployment/payments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Record):
    """The application's pool of connections, as its code configures it."""

    application_name: str
    """What its sessions call themselves in pg_stat_activity."""
    size: int
    """Sessions that one process keeps."""
    max_overflow: int = 0
    """Sessions that one process opens beyond that."""
    processes: int = 1

    @property
    def capacity(self) -> int:
        """Sessions that all processes together may open."""
        return self.processes * (self.size + self.max_overflow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Record):
    """A report that an application makes, and the memory that it may take: one of `sql` and `sql_file`."""

    memory_mb: int
    sql: str = ""
    """One SELECT with values in the place of its parameters."""
    sql_file: str = ""
    """A file that holds it; relative to the target file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Record):
    """What counts as wrong. They stand in the evidence of the probe that used them."""

    deadlock_window_s: float = 11.0
    """Seconds of watching. A backend that stays connected and idle reports its deadlocks after 10 s."""
    rollback_ratio: float = 0.2
    """Share of transactions rolled back from which conflicts are more than chance."""
    connect_timeout_s: float = 3.0
    """Seconds that one address may take before it counts as dropping packets."""
    pool_window_s: float = 2.0
    """Seconds between the two looks at a pool."""
    leak_s: float = 60.0
    """Seconds for which a session sits idle in a transaction before it counts as never given back."""
    batch_window_s: float = 1.0
    """Seconds over which the samples for row-by-row inserts are spread."""
    batch_share: float = 0.6
    """Share of samples that show one and the same INSERT of one row."""
    batch_change: float = 0.7
    """Share of samples that show a new one of these statements, so that nobody who rests is blamed."""
    statement_window_s: float = 5.0
    """Seconds of watching statements and locks."""
    statement_timeout_least_ms: int = 50
    """A statement timeout below it ends healthy statements: a commit may take as long as a disk's flush."""
    slow_share: float = 0.5
    """Share of the statement timeout from which a statement that waits for nothing counts as slow."""
    stale_share: float = 0.5
    """Share of a table's rows that changed since ANALYZE from which its statistics count as stale."""
    lock_wait_s: float = 2.0
    """Seconds from which waiting for a lock is a queue, and holding one idly is a fault."""
    kill_window_s: float = 10.0
    """Seconds of watching how sessions end."""
    lost_sessions: int = 2
    """Sessions that must be lost in the window: a single one may be a person's."""


LAB_THRESHOLDS = Thresholds(
    deadlock_window_s=1.3,
    connect_timeout_s=1.0,
    statement_window_s=1.3,
    lock_wait_s=0.3,
    kill_window_s=1.3,
    pool_window_s=1.0,
    leak_s=1.0,
    batch_window_s=0.35,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings(Record):
    """One `[target.<name>]` table."""

    production: bool | None = None
    """None: everything but loopback is production."""
    database: str = field(default="", repr=False)
    """URL as the application connects: `postgresql://role@host:port/db?sslmode=...`."""
    monitor: str = field(default="", repr=False)
    """URL of the least-privileged role that the doctor looks with; default: the application's own."""
    site_url: str = ""
    secrets: Secrets = field(default_factory=Secrets)
    rotation: Rotation | None = None
    pool: Pool | None = None
    report: Report | None = None
    commands: Commands = field(default_factory=Commands)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Record):
    """A whole `clearpay-doctor.toml`."""

    target: dict[str, TargetSettings] = field(default_factory=dict)
    default: str = ""
    """The target of commands that name none."""
