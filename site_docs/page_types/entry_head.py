"""First screen of an entry's page, and the box of facts further down."""

from collections.abc import Iterator

from kb.records.models import Entry
from kb.records.placeholders import fill, fill_check, fill_text
from kb.rendering.render import CODE_LANGUAGES
from kb.text.commands import language_of
from site_docs.facts import Facts
from site_docs.markup import (
    entry_id_link,
    entry_path,
    fact,
    fence,
    fix_anchor,
    probe_link,
    prose,
    raised_names,
    relative_link,
    runbook_link,
    severity,
)
from site_docs.page_types import evidence
from site_docs.page_types.fix_steps import fix_step


def status_line(entry: Entry, path: str) -> Iterator[str]:
    """Yield the line below the title: severity, id and the names under which the error is raised."""
    own = path == entry_path(entry.id)
    name = f"`{entry.id}`" if own else entry_id_link(entry.id, path)
    yield from (f"{severity(entry.severity)} {name} {raised_names(entry)}".rstrip(), "")


def first_screen(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield a box with one command by hand, the fix of the first cause, the mitigation and the escalation."""
    if not entry.causes:
        return
    yield from ('<div class="cp-now" data-search-exclude markdown>', "")
    yield from _by_hand(entry, facts)
    yield from _first_fix(entry)
    for label, text in (("Stop the damage", entry.mitigation), ("Escalate", entry.escalation)):
        if text:
            yield from (f"**{label}** {prose(fill_text(text, {}))}", "")
    yield from ("</div>", "")


def _by_hand(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield the first manual check with its command, or with that of the program where no check has one."""
    steps = [step for cause in entry.causes for step in cause.manual_check]
    step = fill_check(next((step for step in steps if step.run), steps[0]), {})
    command = step.run or evidence.command_of(entry, facts.catalogue)
    yield from (
        f"**Check by hand** {prose(step.do)}",
        "",
        *fence(command, CODE_LANGUAGES[language_of(command)]),
    )


def _first_fix(entry: Entry) -> Iterator[str]:
    """Yield the first step of the first cause with its code, and links to the other steps and causes."""
    cause = entry.causes[0]
    first, *others = cause.fix
    anchor, count = fix_anchor(cause.finding), len(entry.causes)
    label = "Fix" if count == 1 else "Fix of the most frequent cause"
    yield from (f"**{label}** {prose(fill_text(cause.sentence, {}))}", "")
    yield from fix_step(1, fill(first, {}), brief=True)
    links = [f"[A program that writes it, and undoes it](#{anchor})."] if first.edit else []
    links += [f"Then [{plural(len(others), 'more step')}](#{anchor})."] if others else []
    links += [f"[All {count} causes](#which-cause)"] if count > 1 else []
    if links:
        yield from (" ".join(links), "")


def plural(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count} {noun}{'s' * (count != 1)}"


def facts_box(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield the box of facts: modules, probes, proof and runbooks."""
    path = entry_path(entry.id)
    yield from ('<div class="cp-facts" markdown>', "")
    if entry.modules:
        names = ", ".join(f"`{name}`" for name in entry.modules)
        yield fact("Module", f"[{names}]({relative_link('modules.md', path)})")
    if probes := facts.catalogue.probes_of(entry):
        links = (f"{probe_link(name, path)} {facts.probes[name].SAFETY}" for name in probes)
        yield fact("Probe", ", ".join(links))
    yield fact("Last proven", evidence.last_proven(entry, facts, path))
    if runbooks := facts.runbooks_by_entry.get(entry.id):
        yield fact("Runbooks", ", ".join(runbook_link(runbook.id, path) for runbook in runbooks))
    yield from ("", "</div>", "")
