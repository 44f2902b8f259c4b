"""Modules of the exporter: named sets of probes."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Module(Record):
    """Set of probes that `serve` runs for a scrape. Active probes are never among them."""

    probes: tuple[str, ...]
    """Probes, layers, entries or findings, as `check` takes them."""
