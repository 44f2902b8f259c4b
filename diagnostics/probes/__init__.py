"""The probes, in the order in which a request travels: that is the order of runs, reports and root causes.

What is reached first comes first: nothing is said about a login before a server answers, and nothing
about sessions before one can log in. Adding a probe is its file and one line here.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import cast

from diagnostics.engine.probe import Probe


class Table(Mapping[str, Probe]):
    """Probes by name. A module is imported when it is asked for: a check pays for the probes that it runs."""

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
