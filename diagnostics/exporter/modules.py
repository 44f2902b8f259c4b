"""Modules of a scrape: the probes of each, none of them active."""

from collections.abc import Mapping

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.probe import Probe
from diagnostics.run.selection import probes_named
from diagnostics.targets.settings import Settings
from kb.records.errors import InvalidRecord

DEFAULT_MODULE = "default"
NO_ACTIVE = "a scrape runs no such probe"
SOURCE = "source"
"""Probe of source code: its work is that of a pipeline, not of a scrape."""


def modules_of(settings: Settings, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the probes of each module, with those that they need.

    `default` is there even where the file has no such module: all probes that neither are active nor watch
    a window. Raises InvalidRecord for a module that names an active probe, UnknownName for an unknown name.
    """
    named = {
        name: _probes(name, module.probes, catalogue) for name, module in sorted(settings.module.items())
    }
    return {DEFAULT_MODULE: _default(catalogue), **named}


def _default(catalogue: Catalogue) -> tuple[str, ...]:
    quiet = [
        name
        for name, probe in catalogue.probes.items()
        if probe.SAFETY != "active" and not watches(probe) and name != SOURCE
    ]
    return _without_active(catalogue.with_needs(quiet), catalogue.probes)


def watches(probe: Probe) -> bool:
    """Return True for a probe that watches a window of time or needs its target for itself."""
    return bool(getattr(probe, "WINDOW", "")) or probe.ALONE


def _probes(name: str, selectors: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    if not selectors:
        raise InvalidRecord([f"module.{name}.probes: is empty; name a probe, a layer, an entry or a finding"])
    for selector in selectors:
        if selector in catalogue.probes and catalogue.probes[selector].SAFETY == "active":
            raise InvalidRecord(
                [f"module.{name}.probes: {selector} is active, and a scrape runs no such probe"]
            )
    probes = _without_active(probes_named(selectors, catalogue), catalogue.probes)
    if not probes:
        raise InvalidRecord(
            [f"module.{name}.probes: has active probes only, and a scrape runs no such probe"]
        )
    return probes


def _without_active(names: list[str], probes: Mapping[str, Probe]) -> tuple[str, ...]:
    return tuple(name for name in names if probes[name].SAFETY != "active")
