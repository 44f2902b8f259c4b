"""Runbook pages: one page for each runbook, with its steps as a line, and a list of all runbooks."""

from collections.abc import Iterator

from diagnostics.runbooks.lookup import probes_of
from kb.runbook_model.drawing import tree_text
from kb.runbook_model.model import CONFIRMED, Branch, Kind, Runbook, RunbookStep
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import (
    collapsed,
    entry_id_link,
    escaped,
    fact,
    fence,
    finding_link,
    page,
    paragraphs,
    probe_link,
    prose,
    runbook_link,
    runbook_path,
    single_line,
)

INDEX = "by-trouble.md"
KIND_LABELS: dict[Kind, str] = {
    "check": "check",
    "verify": "verify",
    "ask": "question",
    "tell": "instruction",
    "fix": "end: fix",
    "escalate": "end: escalate",
    "green": "end: green",
}


def index_page(facts: Facts) -> File:
    """Return the page with every runbook and the problem that it is for."""
    lines = ["# By problem", "", "A runbook leads from a problem to a fix, an escalation or a green end.", ""]
    lines += ['<div class="cp-cards cp-wide" markdown>', ""]
    for runbook in facts.runbooks.values():
        lines += [f"- **{runbook_link(runbook.id, INDEX, escaped(runbook.title))}**", ""]
        lines += [f"    {prose(runbook.when)}", "", f"    `{runbook.id}` asks {_questions(runbook)}.", ""]
    lines += ["</div>", ""]
    return File(INDEX, page("By problem", "Runbooks by the problem that they are for.", lines))


def runbook_page(runbook: Runbook, facts: Facts) -> File:
    """Return the page of one runbook: when to use it, how to run it, and its steps with their branches."""
    path = runbook_path(runbook.id)
    lines = [f"# {escaped(runbook.title)}", "", *_facts_box(runbook, facts, path), *paragraphs(runbook.when)]
    lines += fence(f"clearpay-doctor runbook run {runbook.id}", "sh")
    lines += ["## Steps { #walk }", "", '<div class="cp-walk" markdown>', ""]
    for step in runbook.steps:
        lines += _step(step, runbook, facts)
    lines += ["</div>", ""]
    lines += collapsed(f"As text, from runbook show {runbook.id}", fence(tree_text(runbook)))
    text = page(runbook.title, single_line(runbook.when), lines, hide=["navigation"])
    return File(path, text, f"kb/runbooks/{runbook.id}.yaml")


def _facts_box(runbook: Runbook, facts: Facts, path: str) -> Iterator[str]:
    used = {name for step in runbook.steps for name in probes_of(step, facts.catalogue)}
    active = [name for name in facts.probes if name in used and facts.probes[name].SAFETY == "active"]
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Id", f"`{runbook.id}`")
    yield fact("Asks", _questions(runbook))
    if active:
        yield fact("With --active", f"also runs {', '.join(probe_link(name, path) for name in active)}")
    yield fact("Known since", runbook.since)
    yield from ("", "</div>", "")


def _questions(runbook: Runbook) -> str:
    count = sum(1 for step in runbook.steps if step.ask)
    return f"{count} question{'s' * (count > 1)}" if count else "nothing, so a pipeline can run it"


def _step(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    yield from (f'<div class="cp-stop cp-{step.kind}" markdown>', "")
    yield from (f"### {escaped(step.title)} {{ #{_anchor(step.id)} }}", "")
    yield from (f'<span class="cp-badge">{KIND_LABELS[step.kind]}</span> `{step.id}`', "")
    yield from _action(step, runbook, facts)
    yield from _branches(step, runbook, facts)
    yield from ("</div>", "")


def _action(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    path = runbook_path(runbook.id)
    if step.kind == "check":
        probes = probes_of(step, facts.catalogue)
        active = " --active" if all(facts.probes[name].SAFETY == "active" for name in probes) else ""
        yield from (f"Probes: {', '.join(probe_link(name, path) for name in probes)}", "")
        yield from fence(f"clearpay-doctor check {' '.join(step.check)}{active}", "sh")
    elif step.kind == "verify":
        yield from (f"Verify the fix of {entry_id_link(step.verify, path)}:", "")
        yield from fence(f"clearpay-doctor verify {step.verify}", "sh")
    elif step.kind == "fix":
        entries = ", ".join(entry_id_link(entry.id, path) for entry in facts.fixed_by(step, runbook))
        lead = "The fix of the confirmed entry, one of" if step.fix == CONFIRMED else "The fix of"
        yield from (f"{lead} {entries}.", "")
    else:
        yield from paragraphs(step.text)


def _branches(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    """Yield a link to the next step for each branch, in the order in which branches are evaluated."""
    branches = [(_condition(branch, runbook, facts), branch.go) for branch in step.then]
    if step.go:
        branches.append(("otherwise" if step.then else "then", step.go))
    for condition, step_id in branches:
        yield f"- {condition}: [{escaped(runbook.step(step_id).title)}](#{_anchor(step_id)})"
    yield ""


def _condition(branch: Branch, runbook: Runbook, facts: Facts) -> str:
    path = runbook_path(runbook.id)
    conditions = [_finding(code, path, facts) for code in branch.findings]
    conditions += [entry_id_link(name, path) for name in branch.entries]
    conditions += [f"`{outcome}`" for outcome in branch.outcomes]
    conditions += [f"**{escaped(branch.answer)}**"] if branch.answer else []
    return " or ".join(conditions)


def _finding(code: str, path: str, facts: Facts) -> str:
    claim = facts.catalogue.claims.get(code)
    return finding_link(code, claim.entry.id, path) if claim else f"`{code}`"


def _anchor(step_id: str) -> str:
    return f"step-{step_id}"
