"""From what the user names to the tasks of a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue, probe_of
from diagnostics.engine.scheduler import Task
from diagnostics.errors import InvalidTarget, UnknownName, printable
from diagnostics.targets.target import Endpoint, Target
from kb.records.models import Entry
from kb.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from kb.matching.matcher import Match


def probes_named(selectors: Sequence[str], catalogue: Catalogue) -> list[str]:
    """The probes that selectors mean: a probe, a layer, an entry or a finding; all where none is given."""
    if not selectors:
        return list(catalogue.probes)
    wanted = [probe for selector in selectors for probe in _named(selector, catalogue)]
    return catalogue.with_needs(wanted)


def entry_named(name: str, catalogue: Catalogue) -> Entry:
    """The entry with an id or a former id. Raises UnknownName."""
    entry = catalogue.entries.get(name) or _aliases(catalogue).get(name)
    if entry:
        return entry
    near = did_you_mean(name, [*catalogue.entries, *_aliases(catalogue)])
    raise UnknownName(
        f"{printable(name)}: no entry has this id; {near or 'see: clearpay-doctor list entries'}"
    )


def tasks(
    targets: Sequence[Target], probes: Sequence[str], catalogue: Catalogue, *, active: bool, forced: bool
) -> list[Task]:
    """One task for each probe and endpoint that fit; active ones carry the reason why they do not run."""
    return [
        Task(target, point, name, _held_back(name, target, catalogue, active=active, forced=forced))
        for target in targets
        for point in target.endpoints
        for name in probes
        if point.kind in catalogue.probes[name].APPLIES_TO
    ]


def discriminating_probes(matches: Sequence["Match"], catalogue: Catalogue) -> list[str]:
    """The probes that prove or support candidates and look-alikes; all where the text says nothing."""
    if not matches:
        return list(catalogue.probes)
    candidates = {one.entry for one in matches}
    near = {other.entry for one in candidates for other in catalogue.entries[one].not_this}
    chosen = [catalogue.entries[entry] for entry in sorted(candidates | near)]
    wanted = [
        name for entry in chosen for name in (*catalogue.probes_of(entry), *catalogue.supporters_of(entry))
    ]
    return catalogue.with_needs(wanted)


def target_option(target: Target) -> str:
    """The option that names the target again on a command line. The address of a bare one has no password."""
    import shlex  # noqa: PLC0415  a rare path of a cold start

    return f"--target {shlex.quote(target.name)}"


def active_options(target: Target) -> str:
    """The options that let active probes run on a target."""
    return "--active --force-production" if target.production else "--active"


def require_endpoints(targets: Sequence[Target]) -> None:
    """Raise InvalidTarget for a target that holds nothing to look at."""
    for target in targets:
        if not target.endpoints:
            raise InvalidTarget(f'target.{target.name}: has no endpoint; add database = "postgresql://..."')


def _held_back(name: str, target: Target, catalogue: Catalogue, *, active: bool, forced: bool) -> str:
    probe = catalogue.probes[name]
    if probe.SAFETY != "active" or (active and (forced or not target.production)):
        return ""
    why = f"{target.name} is production" if active else "active, so it never runs by itself"
    command = f"clearpay-doctor check {name} {active_options(target)} {target_option(target)}"
    return f"{why}. It sends: {probe.SENDS} To run it: {command}"


def _named(selector: str, catalogue: Catalogue) -> list[str]:
    if selector in catalogue.probes:
        return [selector]
    layer = [name for name, probe in catalogue.probes.items() if selector == probe.LAYER]
    if layer:
        return layer
    if probe_of(selector) in catalogue.probes and selector in {*catalogue.claims, *catalogue.supports}:
        return [probe_of(selector)]
    entry = catalogue.entries.get(selector) or _aliases(catalogue).get(selector)
    if entry:
        return catalogue.probes_of(entry)
    layers = {probe.LAYER for probe in catalogue.probes.values()}
    near = did_you_mean(selector, [*catalogue.probes, *layers, *catalogue.claims, *catalogue.entries])
    raise UnknownName(
        f"{printable(selector)}: no probe, layer, entry or finding has this name; "
        f"{near or 'see: clearpay-doctor list probes'}"
    )


def _aliases(catalogue: Catalogue) -> dict[str, Entry]:
    return {alias: entry for entry in catalogue.entries.values() for alias in entry.aliases}


def endpoints_without_probe(targets: Sequence[Target], planned: Sequence[Task]) -> list[Endpoint]:
    """Endpoints of targets on which no chosen probe runs at all: they are named, not passed over."""
    seen = {task.target.name for task in planned}
    return [point for target in targets if target.name not in seen for point in target.endpoints]
