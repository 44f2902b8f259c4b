"""Probes in the order of runs, reports and root causes, which is the order in which a request uses a system.

A server must answer before a login is judged, and a login must succeed before sessions are. To add a probe,
add its module and a line to the table.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import cast

from diagnostics.engine.probe import Probe


class Table(Mapping[str, Probe]):
    """Probes by name. A module is imported on access, so a check imports only the probes that it runs."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Probe:
        if name not in self._names:
            raise KeyError(name)
        return cast("Probe", import_module(f"diagnostics.probes.{name}"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


PROBES = Table(
    "source",
    "credentials",
    "timeouts",
    "currency",
    "verification",
    "logs",
    "tls",
    "reach",
    "clock",
    "latency",
    "key",
    "token",
    "scopes",
    "quota",
    "agreement",
    "loop",
    "webhook",
    "connect",
    "login",
    "rotation",
    "kills",
    "pool",
    "statements",
    "conflicts",
    "batches",
    "report",
)
