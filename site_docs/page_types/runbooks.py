"""Runbooks: a page each, drawn as the walk that it is, and the list of the troubles that they begin with."""

from collections.abc import Iterator

from diagnostics.runbooks.lookup import probes_of
from kb.runbook_model.drawing import tree_text
from kb.runbook_model.model import CONFIRMED, Branch, Kind, Runbook, RunbookStep
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import (
    entry_id_link,
    escaped,
    fact,
    fence,
    finding_link,
    flat,
    fold,
    page,
    paragraphs,
    probe_link,
    prose,
    runbook_link,
    runbook_path,
)

INDEX = "by-trouble.md"
SAID: dict[Kind, str] = {
    "check": "looks",
    "verify": "looks again",
    "ask": "asks you",
    "tell": "tells you",
    "fix": "end: fix",
    "escalate": "end: escalate",
    "green": "end: green",
}


def index_page(facts: Facts) -> File:
    """Every runbook by the trouble that it begins with."""
    lines = ["# By trouble", "", "A runbook leads from a trouble to a fix, an escalation or a green end.", ""]
    lines += ['<div class="cp-cards cp-wide" markdown>', ""]
    for runbook in facts.runbooks.values():
        lines += [f"- **{runbook_link(runbook.id, INDEX, escaped(runbook.title))}**", ""]
        lines += [f"    {prose(runbook.when)}", "", f"    `{runbook.id}` asks {_asks(runbook)}.", ""]
    lines += ["</div>", ""]
    return File(INDEX, page("By trouble", "Runbooks by the trouble that they begin with.", lines))


def runbook_page(runbook: Runbook, facts: Facts) -> File:
    """One runbook: when to use it, how to run it, and each step with where it leads."""
    path = runbook_path(runbook.id)
    lines = [f"# {escaped(runbook.title)}", "", *_facts(runbook, facts, path), *paragraphs(runbook.when)]
    lines += fence(f"clearpay-doctor runbook run {runbook.id} --target lab", "sh")
    lines += ["## The walk { #walk }", "", '<div class="cp-walk" markdown>', ""]
    for step in runbook.steps:
        lines += _step(step, runbook, facts)
    lines += ["</div>", ""]
    lines += fold(f"As text, as runbook show {runbook.id} draws it", fence(tree_text(runbook)))
    text = page(runbook.title, flat(runbook.when), lines, hide=["navigation"])
    return File(path, text, f"kb/runbooks/{runbook.id}.yaml")


def _facts(runbook: Runbook, facts: Facts, path: str) -> Iterator[str]:
    looked = {name for step in runbook.steps for name in probes_of(step, facts.catalogue)}
    active = [name for name in facts.probes if name in looked and facts.probes[name].SAFETY == "active"]
    yield from ('<div class="cp-facts" markdown>', "")
    yield fact("Id", f"`{runbook.id}`")
    yield fact("Asks", _asks(runbook))
    if active:
        yield fact("With --active", f"also runs {', '.join(probe_link(name, path) for name in active)}")
    yield fact("Known since", runbook.since)
    yield from ("", "</div>", "")


def _asks(runbook: Runbook) -> str:
    count = sum(1 for step in runbook.steps if step.ask)
    return f"{count} question{'s' * (count > 1)}" if count else "nothing, so a pipeline can run it"


def _step(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    yield from (f'<div class="cp-stop cp-{step.kind}" markdown>', "")
    yield from (f"### {escaped(step.title)} {{ #{_anchor(step.id)} }}", "")
    yield from (f'<span class="cp-badge">{SAID[step.kind]}</span> `{step.id}`', "")
    yield from _does(step, runbook, facts)
    yield from _ways(step, runbook, facts)
    yield from ("</div>", "")


def _does(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    path = runbook_path(runbook.id)
    if step.kind == "check":
        probes = probes_of(step, facts.catalogue)
        active = " --active" if all(facts.probes[name].SAFETY == "active" for name in probes) else ""
        yield from (f"Probes: {', '.join(probe_link(name, path) for name in probes)}", "")
        yield from fence(f"clearpay-doctor check {' '.join(step.check)} --target lab{active}", "sh")
    elif step.kind == "verify":
        yield from (f"Whether the fix of {entry_id_link(step.verify, path)} worked:", "")
        yield from fence(f"clearpay-doctor verify {step.verify} --target lab", "sh")
    elif step.kind == "fix":
        found = ", ".join(entry_id_link(entry.id, path) for entry in facts.fixable(step, runbook))
        lead = "The fix of what was confirmed, one of" if step.fix == CONFIRMED else "The fix of"
        yield from (f"{lead} {found}.", "")
    else:
        yield from paragraphs(step.text)


def _ways(step: RunbookStep, runbook: Runbook, facts: Facts) -> Iterator[str]:
    """Where a step leads, in the order in which the branches are asked."""
    ways = [(_condition(branch, runbook, facts), branch.go) for branch in step.then]
    if step.go:
        ways.append(("otherwise" if step.then else "then", step.go))
    for condition, name in ways:
        yield f"- {condition}: [{escaped(runbook.step(name).title)}](#{_anchor(name)})"
    yield ""


def _condition(branch: Branch, runbook: Runbook, facts: Facts) -> str:
    path = runbook_path(runbook.id)
    said = [_finding(code, path, facts) for code in branch.findings]
    said += [entry_id_link(name, path) for name in branch.entries]
    said += [f"`{outcome}`" for outcome in branch.outcomes]
    said += [f"**{escaped(branch.answer)}**"] if branch.answer else []
    return " or ".join(said)


def _finding(code: str, path: str, facts: Facts) -> str:
    claim = facts.catalogue.claims.get(code)
    return finding_link(code, claim.entry.id, path) if claim else f"`{code}`"


def _anchor(step_id: str) -> str:
    return f"step-{step_id}"
