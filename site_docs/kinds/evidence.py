"""What was really seen: samples of a record, and what the lab printed."""

from collections.abc import Iterator

from kb.models import Entry
from kb.text import one_line
from site_docs.facts import Facts
from site_docs.markup import fence, fold, tab, terminal, to
from site_docs.proof import Row

TEXTS_MAX, LENGTH_MAX = 4, 700
"""Texts on one page, and characters of one: a reader on a phone waits for them."""


def last_proven(entry: Entry, facts: Facts, path: str) -> str:
    """The day and the environments in which every cause of an entry was proven."""
    proven = [{name for name, _ in facts.proof.of(cause.finding)} for cause in entry.causes]
    everywhere = [one.name for one in facts.proof.environments if all(one.name in names for names in proven)]
    if not everywhere or not proven:
        return "not yet"
    return f"[{facts.proof.proven}]({to('matrix.md', path)}) on {'; '.join(everywhere)}"


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


def checked(entry: Entry, facts: Facts) -> Iterator[str]:
    """What the command said on the lab of the first cause, broken and healthy."""
    row = _captured(entry, facts)
    if not row:
        return
    command = _command(entry, facts)
    yield from (f"Captured in the lab, before and while it was broken by `{row.finding}`:", "")
    yield from tab("Broken", terminal(f"{command}\n{row.broken}", f"lab, {row.finding}"))
    yield from tab("Healthy", terminal(f"{command}\n{row.healthy}", "lab, healthy"))
    yield ""


def broken_tab(entry: Entry, facts: Facts, title: str) -> list[str]:
    """What the command said on the broken lab, as one tab; nothing where nothing was captured."""
    row = _captured(entry, facts)
    if not row:
        return []
    return tab(title, terminal(f"{_command(entry, facts)}\n{row.broken}", f"lab, {row.finding}"))


def _captured(entry: Entry, facts: Facts) -> Row | None:
    """The first proof of the entry that kept what the command said."""
    rows = (row for cause in entry.causes for _, row in facts.proof.of(cause.finding)[:1])
    return next((row for row in rows if row.broken), None)


def _command(entry: Entry, facts: Facts) -> str:
    active = any(facts.probes[name].SAFETY == "active" for name in facts.catalogue.probes_of(entry))
    return f"$ clearpay-doctor check {entry.id} --target lab{' --active' if active else ''}"
