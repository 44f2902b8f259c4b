"""Input of the site: entries, probes, runbooks, proof, changelog. Page types are pure functions of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.probe import Probe
from diagnostics.run.knowledge import catalogue_of
from diagnostics.runbooks.lookup import probes_of, runbooks_of
from diagnostics.version import __version__
from kb.records.models import SEVERITIES, Entry
from kb.runbook_model.model import CONFIRMED, Runbook, RunbookStep
from site_docs.proof import Proof, read_proof
from site_docs.screens import read_screens

ROOT = Path(__file__).parent.parent
PAGES = Path(__file__).with_name("pages")


@dataclass(frozen=True)
class Facts:
    """Entries, probes, runbooks, proof and changelog of one build."""

    entries: Mapping[str, Entry]
    probes: Mapping[str, Probe]
    runbooks: Mapping[str, Runbook]
    proof: Proof
    changelog: str
    version: str = __version__
    screens: Mapping[str, str] = field(default_factory=dict)
    """Captured screens of the terminal interface, by name and size."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Markdown of the handwritten pages, by path."""
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Problems of records that cannot be read, by the path of their page; only while serving."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """Catalogue of the findings: the probe that emits each and the cause that claims it."""
        return Catalogue(self.entries, self.probes)

    @cached_property
    def current_entries(self) -> list[Entry]:
        """Entries that are not retired, the most severe first."""
        current = (entry for entry in self.entries.values() if not entry.retired)
        return sorted(current, key=lambda entry: (SEVERITIES.index(entry.severity), entry.id))

    @cached_property
    def layers(self) -> dict[str, list[Entry]]:
        """Current entries by layer, in the order in which a request passes the layers."""
        order = list(dict.fromkeys(probe.LAYER for probe in self.probes.values()))
        order += sorted({entry.layer for entry in self.current_entries} - set(order))
        by_layer = {
            layer: [entry for entry in self.current_entries if entry.layer == layer] for layer in order
        }
        return {layer: entries for layer, entries in by_layer.items() if entries}

    def fixed_by(self, step: RunbookStep, runbook: Runbook) -> list[Entry]:
        """Return the entries whose fix a step of a runbook can show."""
        if step.fix != CONFIRMED:
            return [self.entries[step.fix]] if step.fix else []
        previous = [earlier for earlier in runbook.steps if step.id in earlier.leads_to]
        probes = {name for earlier in previous for name in probes_of(earlier, self.catalogue)}
        return [entry for entry in self.current_entries if probes & set(self.catalogue.probes_of(entry))]

    @cached_property
    def runbooks_by_entry(self) -> Mapping[str, list[Runbook]]:
        """Runbooks that can end in the fix of an entry, by the id of the entry."""
        by_entry: dict[str, list[Runbook]] = {}
        for runbook in self.runbooks.values():
            fixed = {entry.id for step in runbook.steps for entry in self.fixed_by(step, runbook)}
            for entry_id in fixed:
                by_entry.setdefault(entry_id, []).append(runbook)
        return by_entry


def load_facts(folders: Sequence[str] = ()) -> Facts:
    """Load the records, the probes, the committed proof and the changelog.

    The records are the shipped ones, those of the installed packs and those of the folders. Raises
    InvalidRecord, UsageError for a folder.
    """
    catalogue = catalogue_of(folders)
    runbooks = runbooks_of(folders, catalogue)
    return Facts(
        *(catalogue.entries, catalogue.probes, runbooks, read_proof(), read_changelog()),
        screens=read_screens(ROOT),
        pages=read_pages(),
    )


def read_pages() -> dict[str, str]:
    """Read the handwritten pages by their path."""
    return {str(path.relative_to(PAGES)): path.read_text("utf-8") for path in sorted(PAGES.rglob("*.md"))}


def read_changelog() -> str:
    """Return the text of CHANGELOG.md, or an empty text in an installed copy."""
    path = ROOT / "CHANGELOG.md"
    return path.read_text("utf-8") if path.exists() else ""
