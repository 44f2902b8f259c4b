"""What a valid record must also be, in one line for each breach. Pure; needs neither pydantic nor probes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from kb.records.models import Cause, Entry, FixStep, Symptom
from kb.records.placeholders import PLACEHOLDERS, holes, holes_in_quotes
from kb.text.signs import SIGN_KINDS
from kb.text.suggestions import did_you_mean

LEAST_SAMPLES = 3
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
FINDING = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
VERSION = re.compile(r"\d+\.\d+\.\d+")
ONE_SIDED = re.compile(r"\b(here|there)\b", re.IGNORECASE)


def lint_entries(entries: Mapping[str, Entry], only: Iterable[str]) -> list[str]:
    """Every breach in the entries named by `only`, read beside all entries."""
    problems = [
        f"{entries[entry_id].layer}/{entry_id}/entry.yaml: {problem}"
        for entry_id in only
        for rule in RULES
        for problem in rule(entries[entry_id], entries)
    ]
    return problems + list(_names_taken_twice(entries))


def _naming(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    if not ID.fullmatch(entry.id):
        yield "id: write words joined by hyphens, the layer's prefix first"
    if not VERSION.fullmatch(entry.since):
        yield f"since: {entry.since!r} is not a version such as 0.1.0"
    if entry.title.endswith("."):
        yield "title: is a state, not a sentence; leave the full stop out"
    if not entry.causes:
        yield "causes: at least one is needed, or nothing can confirm the entry"


def _symptoms(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    for number, symptom in enumerate(entry.symptoms):
        for problem in _symptom(symptom):
            yield f"symptoms.{number}: {problem}"


def _symptom(symptom: Symptom) -> Iterator[str]:
    if bool(symptom.template) == bool(symptom.sign):
        yield "give either template or sign"
    if symptom.sign and symptom.sign.partition(" ")[0] not in SIGN_KINDS:
        yield f"sign: {symptom.sign!r} does not begin with one of {', '.join(SIGN_KINDS)}"
    if len(symptom.samples) < LEAST_SAMPLES:
        yield f"samples: {len(symptom.samples)} given, {LEAST_SAMPLES} are needed"


def _causes(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    for number, cause in enumerate(entry.causes):
        for problem in _cause(cause):
            yield f"causes.{number}: {problem}"


def _cause(cause: Cause) -> Iterator[str]:
    if not FINDING.fullmatch(cause.finding):
        yield f"finding: {cause.finding!r} is not <probe>.<fact>"
    if not cause.fix:
        yield "fix: at least one step is needed"
    for number, step in enumerate(cause.fix):
        for problem in _step(step):
            yield f"fix.{number}: {problem}"


def _step(step: FixStep) -> Iterator[str]:
    if not step.code:
        yield "code: is empty"
    if step.kind == "manual" and not step.why_manual:
        yield "why_manual: say why no command can do it"
    if step.changes and not step.undo:
        yield "undo: a step that changes something says the way back, or that there is none"
    for name in holes_in_quotes(step):
        yield f"<{name}>: stands in quotes, and its value brings its own"
    for name in (*holes(step.code), *holes(step.undo)):
        if name not in PLACEHOLDERS:
            near = did_you_mean(name, PLACEHOLDERS)
            yield f"<{name}> is no placeholder; {near or 'known: ' + ', '.join(PLACEHOLDERS)}"


def _neighbours(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[str]:
    named = {"not_this": [other.entry for other in entry.not_this], "leads_to": list(entry.leads_to)}
    for field, ids in named.items():
        for other in ids:
            if other == entry.id:
                yield f"{field}: names the entry itself"
            elif other not in entries:
                yield f"{field}: no entry {other}; {did_you_mean(other, entries) or 'see list entries'}"


def _signs_of_both(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[str]:
    for other in entry.not_this:
        twin = entries.get(other.entry)
        own = {back.sign for back in twin.not_this if back.entry == entry.id} if twin else set()
        if own <= {other.sign} and ONE_SIDED.search(other.sign):
            yield f"not_this: {other.entry}: stands on both pages; name what each shows, not here and there"


def _names_taken_twice(entries: Mapping[str, Entry]) -> Iterator[str]:
    owner: dict[str, str] = {}
    for entry in entries.values():
        for cause in entry.causes:
            if cause.finding in owner:
                yield f"{entry.id}: causes: {cause.finding} is claimed by {owner[cause.finding]} too"
            owner[cause.finding] = entry.id
        for alias in entry.aliases:
            if alias in entries or alias in owner:
                yield f"{entry.id}: aliases: {alias} is taken"
            owner[alias] = entry.id


Rule = Callable[[Entry, Mapping[str, Entry]], Iterator[str]]
RULES: tuple[Rule, ...] = (_naming, _symptoms, _causes, _neighbours, _signs_of_both)
