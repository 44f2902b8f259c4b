"""What `clearpay-doctor.toml` may say about a target; `kb.records.validate` checks files against it."""

from dataclasses import dataclass, field

from diagnostics.targets.settings.api import Contract, Token
from diagnostics.targets.settings.commands import Commands
from diagnostics.targets.settings.database import Pool, Report, Rotation
from diagnostics.targets.settings.files import ConfigFiles, Source
from diagnostics.targets.settings.secrets import Secret, SecretRef, Secrets
from diagnostics.targets.settings.service import Service, Webhook
from diagnostics.targets.settings.thresholds import LAB_THRESHOLDS, Thresholds
from diagnostics.targets.settings.tls import Tls
from kb.records.models import Record

__all__ = [
    "LAB_THRESHOLDS",
    "Commands",
    "ConfigFiles",
    "Contract",
    "Pool",
    "Report",
    "Rotation",
    "Secret",
    "SecretRef",
    "Secrets",
    "Service",
    "Settings",
    "Source",
    "TargetSettings",
    "Thresholds",
    "Tls",
    "Token",
    "Webhook",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings(Record):
    """One `[target.<name>]` table."""

    production: bool | None = None
    """None: everything but loopback is production."""
    database: str = field(default="", repr=False)
    """URL as the application connects: `postgresql://role@host:port/db?sslmode=...`."""
    monitor: str = field(default="", repr=False)
    """URL of the least-privileged role that the doctor looks with; default: the application's own."""
    api: str = ""
    """URL of ClearPay's API as the application calls it: `https://host[:port]/base`."""
    site_url: str = ""
    """Where the site is served: reports link to its pages."""
    secrets: Secrets = field(default_factory=Secrets)
    rotation: Rotation | None = None
    pool: Pool | None = None
    report: Report | None = None
    tls: Tls = field(default_factory=Tls)
    contract: Contract = field(default_factory=Contract)
    token: Token | None = None
    config: ConfigFiles = field(default_factory=ConfigFiles)
    webhook: Webhook | None = None
    service: Service | None = None
    source: Source | None = None
    commands: Commands = field(default_factory=Commands)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Record):
    """A whole `clearpay-doctor.toml`."""

    target: dict[str, TargetSettings] = field(default_factory=dict)
    default: str = ""
    """The target of commands that name none."""
