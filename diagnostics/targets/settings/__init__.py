"""Schema of `clearpay-doctor.toml`: dataclasses that `kb.records.validate` checks a file against.

Their docstrings are the page of the target file.
"""

from dataclasses import dataclass, field

from diagnostics.targets.settings.address import EnvironmentUrl, Url
from diagnostics.targets.settings.api import Contract, Token
from diagnostics.targets.settings.commands import Commands
from diagnostics.targets.settings.database import Operator, Pool, Pooler, Report, Rotation
from diagnostics.targets.settings.files import ConfigFiles, Logs, Names, Source
from diagnostics.targets.settings.modules import Module
from diagnostics.targets.settings.platform import DatabasePlatform, Platform
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
    "DatabasePlatform",
    "EnvironmentUrl",
    "Logs",
    "Module",
    "Names",
    "Operator",
    "Platform",
    "Pool",
    "Pooler",
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
    "Url",
    "Webhook",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings(Record):
    """Settings of one target."""

    production: bool | None = None
    """True if active probes need `--force-production`; default: true unless all endpoints are on loopback."""
    database: Url = field(default="", repr=False)
    """URL that the application connects with: `postgresql://role@host:port/db?sslmode=...`."""
    monitor: Url = field(default="", repr=False)
    """URL of the role that probes read with, which needs few privileges; default: the application's role."""
    writes: bool | None = None
    """True if the application writes to the database, false if it only reads; default: not known."""
    api: Url = ""
    """Base URL of ClearPay's API as the application calls it: `https://host[:port]/base`."""
    site_url: Url = ""
    """URL of this site where your team serves it: reports link to its pages."""
    secrets: Secrets = field(default_factory=Secrets)
    rotation: Rotation | None = None
    pooler: Pooler | None = None
    pool: Pool | None = None
    report: Report | None = None
    tls: Tls = field(default_factory=Tls)
    contract: Contract = field(default_factory=Contract)
    token: Token | None = None
    config: ConfigFiles = field(default_factory=ConfigFiles)
    webhook: Webhook | None = None
    service: Service | None = None
    source: Source | None = None
    logs: Logs | None = None
    platform: Platform = field(default_factory=Platform)
    operator: Operator | None = None
    commands: Commands = field(default_factory=Commands)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Record):
    """Contents of a `clearpay-doctor.toml`."""

    target: dict[str, TargetSettings] = field(default_factory=dict)
    """Targets by their names."""
    module: dict[str, Module] = field(default_factory=dict)
    """Sets of probes for `serve`, by the names that a scrape gives in `module`."""
    default: str = ""
    """Target of commands without `--target`."""
    kb: tuple[str, ...] = ()
    """Folders of your team's own entries and runbooks, relative to the file; like `--kb`."""
