"""What a database's target may say beyond its URL."""

from dataclasses import dataclass

from diagnostics.targets.settings.secrets import SecretRef
from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Record):
    """What the rotation writes: reading it is what tells a stale credential from a wrong one."""

    secret: SecretRef
    """Where it writes the password."""


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
    """Processes of the application, each with a pool."""

    @property
    def capacity(self) -> int:
        """Sessions that all processes together may open."""
        return self.processes * (self.size + self.max_overflow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Record):
    """A report that an application makes, and the memory that it may take: one of `sql` and `sql_file`."""

    memory_mb: int
    """Megabytes that loading its rows may take."""
    sql: str = ""
    """One SELECT with values in the place of its parameters."""
    sql_file: str = ""
    """A file that holds it; relative to the target file."""
