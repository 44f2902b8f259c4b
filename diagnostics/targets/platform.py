"""Platform of each part of a target: the one of the settings, else the one that its host tells."""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from diagnostics.targets.settings import DatabasePlatform, TargetSettings
from diagnostics.targets.target import Target, endpoint, hosts_of, is_loopback
from kb.records.models import PARTS, Part

__all__ = ["PARTS", "KnownPlatform", "Part", "platform_of"]

KnownPlatform: TypeAlias = DatabasePlatform | Literal["this machine", "unknown"]
_NAMES: tuple[tuple[re.Pattern[str], KnownPlatform], ...] = (
    (re.compile(r"\.rds\.(cn-[\w-]+\.)?amazonaws\.com(\.cn)?$", re.IGNORECASE), "rds"),
    (re.compile(r"^/cloudsql/"), "cloudsql"),
    (re.compile(r"\.svc(\.[\w-]+)*$", re.IGNORECASE), "kubernetes"),
)
"""Names that only one platform gives: RDS endpoints, sockets of the Cloud SQL proxy, Kubernetes services."""


def platform_of(target: Target, part: Part) -> KnownPlatform:
    """Return the platform of a part of the target.

    Without a setting it is told by the hosts: the platform whose names they have, `this machine` if all are
    on loopback, otherwise `unknown`.
    """
    configured: KnownPlatform = getattr(target.settings.platform, part)
    return configured or _told_by(_hosts(target, part))


def _told_by(hosts: Sequence[str]) -> KnownPlatform:
    for pattern, platform in _NAMES:
        if hosts and all(pattern.search(host) for host in hosts):
            return platform
    return "this machine" if hosts and all(is_loopback(host) for host in hosts) else "unknown"


def _hosts(target: Target, part: Part) -> list[str]:
    if part == "database":
        points = [point for point in target.endpoints if point.kind == "postgresql"]
    else:
        points = [endpoint(url) for url in _urls(target.settings, part) if url]
    return [host for point in points for host in hosts_of(point)]


def _urls(settings: TargetSettings, part: Part) -> tuple[str, ...]:
    if part == "api":
        return (settings.api,)
    if part == "proxy":
        return (settings.contract.proxy,)
    service, webhook = settings.service, settings.webhook
    return (service.health if service else "", webhook.url if webhook and not service else "")
