"""What looks at the live system: one page a probe, and a table of them in the order in which they run."""

from collections.abc import Iterator, Sequence

from diagnostics.engine.probe import Probe
from site_docs.facts import Facts, question
from site_docs.file import File
from site_docs.markup import (
    entry_id_link,
    fact,
    finding_link,
    page,
    paragraphs,
    probe_link,
    probe_path,
    prose,
    table,
    to,
)

INDEX = "probes/index.md"
SAFETY = {
    "local": "It reads files of this machine and opens no connection.",
    "remote": "It reads a server. It changes nothing.",
    "active": "It sends what can be felt: it runs only with `--active`, on production only with "
    "`--force-production` beside it.",
}


def probes_page(facts: Facts) -> File:
    """All probes in the order in which a request travels."""
    rows = (
        [probe_link(name, INDEX), prose(question(probe)), probe.LAYER, _badge(probe), f"{probe.BUDGET:g} s"]
        for name, probe in facts.probes.items()
    )
    lines = [
        "# By probe",
        "",
        "A probe asks one question and only reads. They run in this order, which is that of a request:",
        "what is reached first comes first, and of two causes the earlier one is the root.",
        "",
        *table(["Probe", "Question", "Layer", "Safety", "At most"], rows),
    ]
    return File(INDEX, page("By probe", "What each probe asks, needs and sends.", lines, hide=["navigation"]))


def probe_page(name: str, facts: Facts) -> File:
    """One probe: what it asks, reads, needs, sends and may find."""
    probe, path = facts.probes[name], probe_path(name)
    asked = question(probe)
    lines = [f"# {name}", "", f"**{prose(asked)}**", "", *paragraphs(_more(probe)), *_facts(probe, path)]
    lines += ["```sh", f"clearpay-doctor check {name} --target lab{_active(probe)}", "```", ""]
    lines += ["## What it may find { #findings }", "", *_findings(probe, facts, path)]
    lines += ["## What it sends { #sends }", "", prose(probe.SENDS), "", SAFETY[probe.SAFETY], ""]
    if "postgresql" in probe.APPLIES_TO:
        grants = f"[The least-privileged role]({to('privileges.md', path)})"
        lines += [f"{grants} says what to grant. A missing privilege is `unknown`, never a pass.", ""]
    text = page(f"Probe {name}", asked, lines, hide=["navigation"])
    return File(path, text, f"diagnostics/probes/{name}.py")


def _more(probe: Probe) -> str:
    return (probe.__doc__ or "").strip().partition("\n")[2].strip()


def _facts(probe: Probe, path: str) -> Iterator[str]:
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Examines", ", ".join(probe.APPLIES_TO))
    yield fact("Safety", _badge(probe))
    yield fact("Needs", _names(probe.NEEDS, path) or "nothing")
    yield fact("Reads results of", _names(probe.READS, path) or "no other")
    yield fact("At most", f"{probe.BUDGET:g} s")
    yield fact("Runs", "alone on its target" if probe.ALONE else "beside others")
    yield from ("", "</div>", "")


def _names(probes: Sequence[str], path: str) -> str:
    return ", ".join(probe_link(name, path) for name in probes)


def _badge(probe: Probe) -> str:
    return f'<span class="cp-badge cp-{probe.SAFETY}">{probe.SAFETY}</span>'


def _active(probe: Probe) -> str:
    return " --active" if probe.SAFETY == "active" else ""


def _findings(probe: Probe, facts: Facts, path: str) -> Iterator[str]:
    rows = []
    for code in probe.FINDINGS:
        claim = facts.catalogue.claims.get(code)
        if claim:
            entry = claim.entry
            rows.append(
                [
                    finding_link(code, entry.id, path),
                    prose(claim.cause.sentence),
                    entry_id_link(entry.id, path),
                ]
            )
    if rows:
        yield from table(["Finding", "What is wrong", "Entry"], rows)
    else:
        yield from ("Nothing by itself: others build upon what it shows.", "")
