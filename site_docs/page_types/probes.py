"""Probe pages: one page for each probe, and a table in the order in which probes run."""

from collections.abc import Iterator, Sequence

from diagnostics.checks.declared import DeclaredProbe
from diagnostics.engine.probe import Probe
from site_docs.facts import ROOT, Facts
from site_docs.file import File
from site_docs.markup import (
    entry_id_link,
    fact,
    fence,
    finding_link,
    page,
    paragraphs,
    probe_link,
    probe_path,
    prose,
    relative_link,
    table,
)

INDEX = "probes/index.md"
SAFETY = {
    "local": "It reads files of this machine and opens no connection.",
    "remote": "It reads from a server and changes nothing.",
    "active": "It is intrusive: it runs only with `--active`, and on production only with "
    "`--force-production` as well.",
}


def probes_page(facts: Facts) -> File:
    """Return the page with all probes in the order in which they run."""
    rows = (
        [probe_link(name, INDEX), prose(probe.QUESTION), probe.LAYER, _badge(probe), f"{probe.BUDGET:g} s"]
        for name, probe in facts.probes.items()
    )
    lines = [
        "# By probe",
        "",
        "A probe answers one question and only reads. Probes run in the order of a request, from the network",
        "to the application; of two confirmed causes, the earlier one is the root cause.",
        "",
        *table(["Probe", "Question", "Layer", "Safety", "Time limit"], rows),
    ]
    description = "Question, requirements and requests of each probe."
    return File(INDEX, page("By probe", description, lines, hide=["navigation"]))


def probe_page(name: str, facts: Facts) -> File:
    """Return the page of one probe: question, facts, findings and requests."""
    probe, path = facts.probes[name], probe_path(name)
    lines = [f"# {name}", "", f"**{prose(probe.QUESTION)}**", "", *paragraphs(_details(probe))]
    lines += [*_facts_box(probe, path), "```sh"]
    lines += [f"clearpay-doctor check {name}{_active_option(probe)}", "```", ""]
    lines += ["## Findings { #findings }", "", *_findings(probe, facts, path)]
    lines += ["## Requests { #sends }", "", prose(probe.SENDS), "", SAFETY[probe.SAFETY], ""]
    if isinstance(probe, DeclaredProbe):
        lines += [*_declared(probe)]
    if "postgresql" in probe.APPLIES_TO:
        grants = f"[The least-privileged role]({relative_link('privileges.md', path)})"
        lines += [f"{grants} lists the grants. A missing privilege is `unknown`, never a pass.", ""]
    text = page(f"Probe {name}", probe.QUESTION, lines, hide=["navigation"])
    source = probe.source if isinstance(probe, DeclaredProbe) else f"diagnostics/probes/{name}.py"
    return File(path, text, source if (ROOT / source).exists() else "")


def _declared(probe: DeclaredProbe) -> Iterator[str]:
    """Yield the queries of a probe that a record declares."""
    for finding, blocks in probe.checks.items():
        for block in blocks:
            if block.sql:
                yield from (f"The query of `{finding}`:", "", *fence(block.sql.strip(), "sql"), "")


def _details(probe: Probe) -> str:
    """Return the docstring of a probe without its first line."""
    return (probe.__doc__ or "").strip().partition("\n")[2].strip()


def _facts_box(probe: Probe, path: str) -> Iterator[str]:
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Examines", ", ".join(probe.APPLIES_TO))
    yield fact("Safety", _badge(probe))
    yield fact("Needs", _probe_links(probe.NEEDS, path) or "nothing")
    yield fact("Reads results of", _probe_links(probe.READS, path) or "no other probe")
    yield fact("Time limit", f"{probe.BUDGET:g} s")
    yield fact("Runs", "alone on its target" if probe.ALONE else "beside others")
    yield from ("", "</div>", "")


def _probe_links(names: Sequence[str], path: str) -> str:
    return ", ".join(probe_link(name, path) for name in names)


def _badge(probe: Probe) -> str:
    return f'<span class="cp-badge cp-{probe.SAFETY}">{probe.SAFETY}</span>'


def _active_option(probe: Probe) -> str:
    return " --active" if probe.SAFETY == "active" else ""


def _findings(probe: Probe, facts: Facts, path: str) -> Iterator[str]:
    claims = [claim for code in probe.FINDINGS if (claim := facts.catalogue.claims.get(code))]
    rows = [
        [
            finding_link(claim.cause.finding, claim.entry.id, path),
            prose(claim.cause.sentence),
            entry_id_link(claim.entry.id, path),
        ]
        for claim in claims
    ]
    if rows:
        yield from table(["Finding", "Cause", "Entry"], rows)
    else:
        yield from ("No findings of its own: other probes use its evidence.", "")
