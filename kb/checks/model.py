"""Checks and faults of a record as frozen dataclasses, so that reading them needs no validator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

CheckLevel = Literal["warn", "fail"]
CheckRole = Literal["application", "monitor"]
ConfigRole = Literal["credentials", "network", "currency", "webhook", "logging"]
LabCommand = Literal["restart database", "stop database", "start database"]
Constant = str | int | float | bool


class Strict:
    """Base of every record: validation rejects unknown fields."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Strict):
    """Answer that a healthy service gives."""

    status: int = 200
    json: Mapping[str, Constant] = field(default_factory=dict, hash=False)
    """Values of the answer's JSON by JSON Pointer (RFC 6901), such as `/database: ok`."""
    text: str = ""
    """Text that the answer contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCheck(Strict):
    """GET request without credentials to the API of the target; another answer is a finding."""

    path: str
    """Path below the base URL of the API: `/healthz`."""
    expect: Expectation = field(default_factory=Expectation)
    within_s: float = 2.0
    """Seconds that a complete answer may take; a slower one is a finding too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigCheck(Strict):
    """Key of a configuration file of the target; another value is a finding."""

    file: ConfigRole
    """File by its name in `[target.NAME.config]`."""
    key: str
    """Key, with dots between the names of nested tables."""
    required: bool = True
    """True if the absence of the key is a finding too."""
    one_of: tuple[Constant, ...] = ()
    """Values that are right; empty for any."""
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Strict):
    """Check of one finding: a query, a request or a key. Exactly one of `sql`, `http` and `config`."""

    sql: str = ""
    """One SELECT. Each row that it returns is a finding; its columns are the evidence."""
    http: HttpCheck | None = None
    config: ConfigCheck | None = None
    level: CheckLevel = "fail"
    """Level of the finding: `fail` confirms the entry, `warn` makes it suspected."""
    role: CheckRole = "monitor"
    """Role whose session runs the query; in a record written `as`."""
    needs: tuple[str, ...] = ()
    """Roles that the session's role has to be a member of, such as `pg_monitor`; without one: `unknown`."""
    extensions: tuple[str, ...] = ()
    """Extensions that the database has to have; without one, the check is skipped."""
    versions: str = ""
    """Major versions of PostgreSQL that the query is for, such as `>=15` or `>=13,<17`; without them,
    the check is skipped."""
    thresholds: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Numbers that the query takes as `%(name)s`; `[target.NAME.thresholds.checks.ENTRY]` overrides them."""
    params: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Texts that the query takes as `%(name)s` from holes of the diagnosed text, such as `<table>`; NULL
    without one."""
    window_s: float = 0.0
    """Seconds between two samples of counters; 0 for one sample."""
    increase: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Columns of counters by the threshold that their increase in the window must exceed. The other columns
    identify a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFault(Strict):
    """Way to produce the finding in the lab, and the effect on the program that suffers from it.

    The effect is one of `prints` and `warning`.
    """

    summary: str
    """Action of the fault in one sentence, in the imperative."""
    sql: tuple[str, ...] = ()
    """Statements of the superuser in the application's database."""
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Texts of configuration files by their names in `[target.NAME.config]`."""
    commands: tuple[LabCommand, ...] = ()
    """Commands of the lab's parts, before `sql`."""
    replica: bool = False
    """True if the lab's server gets a streaming replica, which exists until the repair."""
    replica_sql: tuple[str, ...] = ()
    """Statements of the superuser on the replica; they run before `sql`."""
    settings: Mapping[str, Constant] = field(default_factory=dict, hash=False)
    """Fields of the lab's target, such as `writes: true`."""
    thresholds: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Thresholds of the entry's checks in the lab, so that a fault need not last as long as in production."""
    undo: tuple[str, ...] = ()
    """Statements of the superuser that revert `sql` and what a fix leaves."""
    prints: str = ""
    """Part of the output of the program that fails: a message, or the name of an exception class."""
    warning: str = ""
    """Where the program succeeds: the reason why nothing fails yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Part of an entry that makes it a probe: its checks, and what a probe says about itself."""

    id: str
    layer: str
    title: str
    checks: Mapping[str, tuple[Check, ...]]
