"""Selection of a run: from selectors, entries and matches to probes, and from probes to tasks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.checks.thresholds import require_known_thresholds
from diagnostics.diagnosis.catalogue import Catalogue, probe_of
from diagnostics.engine.probe import Probe, inapplicable
from diagnostics.engine.scheduler import Task
from diagnostics.errors import InvalidTarget, UnknownName, printable
from diagnostics.report.head import RUN_COMMAND
from diagnostics.targets.command_line.target_command import TargetCommand
from diagnostics.targets.target import Endpoint, Target
from kb.records.loader import declarations_of
from kb.records.models import Entry
from kb.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from kb.matching.matcher import Match


def probes_named(selectors: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return the probes that the selectors name, with those that they need or read.

    A selector is the name of a probe, a layer, an entry or a finding; without one, all probes are selected.
    Raises UnknownName.
    """
    if not selectors:
        return list(catalogue.probes)
    wanted = [probe for selector in selectors for probe in _probes_of_selector(selector, catalogue)]
    return catalogue.with_needs(wanted)


def selected_probes(selectors: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the probes that selectors name themselves, by an entry or by a finding, but not by a layer."""
    named = [name for name in selectors if name in catalogue.probes or not _is_layer(name, catalogue)]
    return tuple(dict.fromkeys(probe for name in named for probe in _probes_of_selector(name, catalogue)))


def _is_layer(name: str, catalogue: Catalogue) -> bool:
    return any(name == probe.LAYER for probe in catalogue.probes.values())


def entry_named(name: str, catalogue: Catalogue) -> Entry:
    """Return the entry with this id or alias. Raises UnknownName."""
    aliases = _entries_by_alias(catalogue)
    if entry := catalogue.entries.get(name) or aliases.get(name):
        return entry
    near = did_you_mean(name, [*catalogue.entries, *aliases])
    raise UnknownName(
        f"{printable(name)}: no entry has this id; {near or 'see: clearpay-doctor list entries'}"
    )


def discriminating_probes(matches: Sequence["Match"], catalogue: Catalogue) -> list[str]:
    """Return the probes that can confirm or support a candidate or look-alike.

    If the text matched nothing, all probes are returned.
    """
    if not matches:
        return list(catalogue.probes)
    candidates = {match.entry for match in matches}
    look_alikes = {other.entry for entry in candidates for other in catalogue.entries[entry].not_this}
    entries = [catalogue.entries[entry] for entry in sorted(candidates | look_alikes)]
    wanted = [
        probe for entry in entries for probe in (*catalogue.probes_of(entry), *catalogue.supporters_of(entry))
    ]
    return catalogue.with_needs(wanted)


def tasks(
    targets: Sequence[Target],
    probes: Sequence[str],
    catalogue: Catalogue,
    *,
    active: bool,
    forced: bool,
    kb: tuple[str, ...] = (),
) -> list[Task]:
    """Return one task per probe and endpoint that the probe applies to.

    Tasks of active probes carry the reason for skipping them unless `active` is set, and on production
    targets `forced` too. `kb` are folders of a team's own entries, for the commands in these reasons.
    """
    planned = []
    for target in targets:
        if target.thresholds.checks:
            require_known_thresholds(target, declarations_of(catalogue.entries))
        allowed = active and (forced or not target.production)
        command = TargetCommand(target, kb)
        for point in target.endpoints:
            for name in probes:
                probe = catalogue.probes[name]
                if point.kind not in probe.APPLIES_TO:
                    continue
                if reason := inapplicable(probe, target):
                    planned.append(Task(target, point, name, reason, inapplicable=True))
                else:
                    held_back = probe.SAFETY == "active" and not allowed
                    skip = _held_back_reason(name, probe, command, active=active) if held_back else ""
                    planned.append(Task(target, point, name, skip))
    return planned


def _held_back_reason(name: str, probe: Probe, command: TargetCommand, *, active: bool) -> str:
    """Return the reason why an active probe must not run, with the command that allows it."""
    reason = f"{command.target.name} is production" if active else "active, so it never runs by itself"
    return f"{reason}. It sends: {probe.SENDS} {RUN_COMMAND}{command.line('check', name, active=True)}"


def require_endpoints(targets: Sequence[Target]) -> None:
    """Raise InvalidTarget for a target without endpoints."""
    for target in targets:
        if not target.endpoints:
            raise InvalidTarget(f'target.{target.name}: has no endpoint; add database = "postgresql://..."')


def endpoints_without_probe(targets: Sequence[Target], planned: Sequence[Task]) -> list[Endpoint]:
    """Return the endpoints of targets that have no task at all, so that reports and plans can name them."""
    examined = {task.target.name for task in planned}
    return [point for target in targets if target.name not in examined for point in target.endpoints]


def _probes_of_selector(selector: str, catalogue: Catalogue) -> list[str]:
    if selector in catalogue.probes:
        return [selector]
    in_layer = [name for name, probe in catalogue.probes.items() if selector == probe.LAYER]
    if in_layer:
        return in_layer
    if probe_of(selector) in catalogue.probes and selector in {*catalogue.claims, *catalogue.supports}:
        return [probe_of(selector)]
    entry = catalogue.entries.get(selector) or _entries_by_alias(catalogue).get(selector)
    if entry:
        return catalogue.probes_of(entry)
    layers = {probe.LAYER for probe in catalogue.probes.values()}
    near = did_you_mean(selector, [*catalogue.probes, *layers, *catalogue.claims, *catalogue.entries])
    raise UnknownName(
        f"{printable(selector)}: no probe, layer, entry or finding has this name; "
        f"{near or 'see: clearpay-doctor list probes'}"
    )


def _entries_by_alias(catalogue: Catalogue) -> dict[str, Entry]:
    return {alias: entry for entry in catalogue.entries.values() for alias in entry.aliases}
