"""Settings of the platform: what runs a target's servers, which decides how a fix is carried out."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from kb.records.models import Record

ServerPlatform: TypeAlias = Literal["", "systemd", "docker", "kubernetes", "foreign"]
DatabasePlatform: TypeAlias = Literal["", "systemd", "docker", "kubernetes", "rds", "cloudsql", "foreign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform(Record):
    """Platform of each server; `foreign` is a server of others. `[target.NAME.commands]` takes precedence."""

    database: DatabasePlatform = ""
    """Platform of the database server; default: told by its host, as `rds` by the name, else unknown."""
    application: ServerPlatform = ""
    """Platform of the application; default: told by the host of `service` or `webhook`, else unknown."""
    api: ServerPlatform = ""
    """Platform of the API; default: told by its host, else unknown."""
    proxy: ServerPlatform = ""
    """Platform of the proxy in front of API or application; default: told by its host, else unknown."""
    kubernetes_context: str = ""
    """Context of kubectl that `fix` runs commands in; default: they are copied, and not run."""
    aws_profile: str = ""
    """Profile of the AWS CLI that `fix` runs commands with; default: as above."""
    gcloud_configuration: str = ""
    """Configuration of gcloud that `fix` runs commands with; default: as above."""
