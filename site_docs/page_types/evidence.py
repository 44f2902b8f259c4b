"""What was really seen: samples of a record, and what the lab printed."""

from collections.abc import Iterator, Sequence

from kb.records.models import Entry
from kb.text.sanitize import one_line
from site_docs.facts import Facts
from site_docs.markup import fence, fold, tab, terminal, to
from site_docs.proof import NOT_PROVEN, Environment, Row

TEXTS_MAX, LENGTH_MAX = 3, 600
"""Texts on one page, and characters of one: a reader on a phone waits for them."""


def last_proven(entry: Entry, facts: Facts, path: str) -> str:
    """The day and the environments in which every cause of an entry was proven."""
    findings = [cause.finding for cause in entry.causes]
    everywhere = [one for one in facts.proof.environments if all(proven(one, name) for name in findings)]
    if not everywhere or not findings:
        return "not yet"
    probes = [facts.probes[name] for name in facts.catalogue.probes_of(entry)]
    with_database = any("postgresql" in probe.APPLIES_TO for probe in probes)
    where = versions(everywhere, with_database=with_database)
    return f"[{facts.proof.proven}]({to('matrix.md', path)}) on {where}"


def proven(environment: Environment, finding: str) -> bool:
    """Whether an environment has shown a finding to be what its record says."""
    row = environment.rows.get(finding)
    return row is not None and row.said != NOT_PROVEN


def versions(environments: Sequence[Environment], *, with_database: bool = True) -> str:
    """Environments in a few words: each Python once, with its databases where they matter."""
    if not all(one.python for one in environments):
        return "; ".join(one.name for one in environments)
    found: dict[str, list[str]] = {}
    for one in environments:
        found.setdefault(one.python, []).append(one.postgresql)
    if not with_database:
        return f"Python {listed(list(found))}"
    return "; ".join(f"Python {one} with PostgreSQL {listed(servers)}" for one, servers in found.items())


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them."""
    *first, last = dict.fromkeys(names)
    return f"{', '.join(first)} and {last}" if first else last


def samples(entry: Entry, facts: Facts) -> Iterator[str]:
    """Every text of the record, and what the lab printed for each cause, each once."""
    shown: dict[str, str] = {}
    for symptom in entry.symptoms:
        for sample in symptom.samples:
            shown.setdefault(sample.text.strip(), f"{sample.kind}: {one_line(sample.source)}")
    for cause in entry.causes:
        for name, row in facts.proof.of(cause.finding)[:1]:
            shown.setdefault(row.printed, f"the lab, broken by {cause.finding} ({name})")
    known = [(text, title) for text, title in shown.items() if text and len(text) <= LENGTH_MAX]
    blocks = [line for text, title in known[:TEXTS_MAX] for line in fence(text, "text", title)]
    if blocks:
        more = "" if len(known) <= TEXTS_MAX else f" (the first {TEXTS_MAX} of the record's {len(known)})"
        yield from fold(f"Texts that were seen{more}", blocks)


def checked(entry: Entry, facts: Facts, command: str) -> Iterator[str]:
    """What the command said on the lab: broken by one cause, and healthy."""
    row = captured(entry, facts)
    if not row:
        return
    others = f", the first of {len(entry.causes)} causes" if len(entry.causes) > 1 else ""
    yield from (f"In the lab, broken by `{row.finding}`{others}, and healthy:", "")
    yield from tab("Broken", terminal(f"$ {command}\n{row.broken}", f"lab, {row.finding}"))
    yield from tab("Healthy", terminal(f"$ {command}\n{row.healthy}", "lab, healthy"))
    yield ""


def captured(entry: Entry, facts: Facts) -> Row | None:
    """The first proof of the entry that kept what the command said, of a warning only where no other did."""
    rows = [row for cause in entry.causes for _, row in facts.proof.of(cause.finding)[:1] if row.broken]
    return next((row for row in rows if not row.warning), next(iter(rows), None))
