"""All that the site is made from, read once. What follows is pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.probe import Probe
from diagnostics.probes import PROBES
from diagnostics.runbooks.lookup import probes_of
from diagnostics.version import __version__
from kb.records.loader import load_entries
from kb.records.models import SEVERITIES, Entry
from kb.runbook_model.loader import load_runbooks
from kb.runbook_model.model import CONFIRMED, Runbook, RunbookStep
from site_docs.proof import Proof, read_proof
from site_docs.screens import read_screens

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Facts:
    """What is known, what can look, what was proven, what changed."""

    entries: Mapping[str, Entry]
    probes: Mapping[str, Probe]
    runbooks: Mapping[str, Runbook]
    proof: Proof
    changelog: str
    version: str = __version__
    screens: Mapping[str, str] = field(default_factory=dict)
    """What the screen looks like, by name and size."""
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pages of records that cannot be read, with what is wrong: only while somebody edits them."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """Who may emit a finding, and which cause claims it."""
        return Catalogue(self.entries, self.probes)

    @cached_property
    def live(self) -> list[Entry]:
        """The entries that are not retired, the gravest first."""
        live = (entry for entry in self.entries.values() if not entry.retired)
        return sorted(live, key=lambda entry: (SEVERITIES.index(entry.severity), entry.id))

    @cached_property
    def layers(self) -> dict[str, list[Entry]]:
        """The live entries by layer, in the order in which a request meets the layers."""
        order = list(dict.fromkeys(probe.LAYER for probe in self.probes.values()))
        order += sorted({entry.layer for entry in self.live} - set(order))
        found = {layer: [entry for entry in self.live if entry.layer == layer] for layer in order}
        return {layer: entries for layer, entries in found.items() if entries}

    def fixable(self, step: RunbookStep, runbook: Runbook) -> list[Entry]:
        """The entries whose fix a step of a runbook can end in."""
        if step.fix != CONFIRMED:
            return [self.entries[step.fix]] if step.fix else []
        looks = [one for one in runbook.steps if step.id in one.leads_to]
        probes = {name for one in looks for name in probes_of(one, self.catalogue)}
        return [entry for entry in self.live if probes & set(self.catalogue.probes_of(entry))]

    @cached_property
    def led_to(self) -> Mapping[str, list[Runbook]]:
        """The runbooks that can end in the fix of an entry, by its id."""
        led: dict[str, list[Runbook]] = {}
        for runbook in self.runbooks.values():
            ends = {entry.id for step in runbook.steps for entry in self.fixable(step, runbook)}
            for name in ends:
                led.setdefault(name, []).append(runbook)
        return led


def load_facts() -> Facts:
    """The shipped records, the probes, the committed proof."""
    return Facts(
        load_entries(), PROBES, load_runbooks(), read_proof(), read_changelog(), screens=read_screens(ROOT)
    )


def read_changelog() -> str:
    """The text of CHANGELOG.md; an installed copy has none."""
    path = ROOT / "CHANGELOG.md"
    return path.read_text("utf-8") if path.exists() else ""


def question(probe: Probe) -> str:
    """Return the question of a probe."""
    return probe.QUESTION
