"""Lint rules for valid records, without pydantic and without the probes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from kb.checks.lint import check_problems, fault_problems
from kb.records.fixes.placeholder_table import PLACEHOLDERS
from kb.records.fixes.ways import alternatives
from kb.records.models import PARTS, Cause, Entry, FixStep, Symptom
from kb.records.placeholders import placeholders_in, quoted_placeholders, unsafe_placeholders
from kb.text.code_spans import spans
from kb.text.commands import language_of
from kb.text.signs import SIGN_KINDS
from kb.text.suggestions import did_you_mean

MIN_SAMPLES = 3
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
GROUP = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FINDING = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*")
VERSION = re.compile(r"\d+\.\d+\.\d+")
IN_A_COMMAND = re.compile(r"(?:\s--?[A-Za-z][\w-]*[ =]|[<>|]\s?|\b[A-Z]{4,} (?:[A-Z_]+ )*)<([a-z][a-z_]*)>")
"""Placeholder after an option, a redirection or words of SQL: part of a command."""
REMOVE_QUOTES = "remove the quotes around it; its value is quoted when it is filled in"
HERE_OR_THERE = re.compile(r"\b(here|there)\b", re.IGNORECASE)


def lint_entries(entries: Mapping[str, Entry], only: Iterable[str]) -> list[str]:
    """Return the problems of the entries whose ids are in `only`, each with its file."""
    problems = [
        f"{entries[entry_id].layer}/{entry_id}/entry.yaml: {problem}"
        for entry_id in only
        for rule in RULES
        for problem in rule(entries[entry_id], entries)
    ]
    return problems + list(_duplicates(entries))


def _naming(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    if not ID.fullmatch(entry.id):
        yield "id: write words joined by hyphens, the layer's prefix first"
    if not VERSION.fullmatch(entry.since):
        yield f"since: {entry.since!r} is not a version such as 0.1.0"
    if entry.title.endswith("."):
        yield "title: must be a state, not a sentence; remove the full stop"
    if not entry.causes:
        yield "causes: at least one is required, or nothing can confirm the entry"


def _symptoms(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    for number, symptom in enumerate(entry.symptoms):
        for problem in _symptom(symptom):
            yield f"symptoms.{number}: {problem}"


def _symptom(symptom: Symptom) -> Iterator[str]:
    if bool(symptom.template) == bool(symptom.sign):
        yield "give either template or sign"
    if symptom.sign and symptom.sign.partition(" ")[0] not in SIGN_KINDS:
        yield f"sign: {symptom.sign!r} does not begin with one of {', '.join(SIGN_KINDS)}"
    if len(symptom.samples) < MIN_SAMPLES:
        yield f"samples: {len(symptom.samples)} given, {MIN_SAMPLES} required"


def _causes(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    for number, cause in enumerate(entry.causes):
        for problem in _cause(cause):
            yield f"causes.{number}: {problem}"


def _cause(cause: Cause) -> Iterator[str]:
    if not FINDING.fullmatch(cause.finding):
        yield f"finding: {cause.finding!r} is not <probe>.<fact>"
    if not cause.manual_check:
        yield "manual_check: at least one step is required"
    for number, check in enumerate(cause.manual_check):
        for problem in (*_prose(check.do), *_unsafe(check.run)):
            yield f"manual_check.{number}: {problem}"
    if not cause.fix:
        yield "fix: at least one step is required"
    for number, step in enumerate(cause.fix):
        for problem in _step(step):
            yield f"fix.{number}: {problem}"


def _step(step: FixStep) -> Iterator[str]:
    if not step.code and not step.ways:
        yield "code: is empty"
    if step.ways and not step.part:
        yield f"part: name the part that the step acts on: {', '.join(PARTS)}"
    if step.kind == "message" and step.changes:
        yield "changes: a message changes nothing; write false"
    if step.kind == "manual" and not step.why_manual:
        yield "why_manual: give the reason why no command can do it"
    if step.changes and not step.undo:
        yield "undo: a step that changes something needs an undo, or the reason why there is none"
    for name in quoted_placeholders(step):
        yield f"<{name}>: {REMOVE_QUOTES}"
    for text in (step.title, step.undo, step.rights, step.code if step.kind == "manual" else ""):
        yield from _prose(text)
    yield from _ways(step)
    yield from _edit(step)
    yield from _undo_code(step)
    for name in (*placeholders_in(step.code + step.undo_code), *placeholders_in(step.undo)):
        if name not in PLACEHOLDERS:
            near = did_you_mean(name, PLACEHOLDERS)
            yield f"<{name}> is not a placeholder; {near or 'known: ' + ', '.join(PLACEHOLDERS)}"


def _undo_code(step: FixStep) -> Iterator[str]:
    if step.undo_code and not (step.changes and step.code):
        yield "undo_code: only a step with code of its own that changes something has one"
    if step.undo_code and step.kind != "sql":
        yield from (f"undo_code: {problem}" for problem in _unsafe(step.undo_code))


def _edit(step: FixStep) -> Iterator[str]:
    if step.edit and (step.kind != "python" or not (step.edit.values or step.edit.module)):
        yield "edit: needs kind python, and values or a module"


def _checks(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    """Yield problems of the checks, and of faults and causes that do not fit them."""
    yield from check_problems(entry.checks)
    own = {f"{entry.id}.{name}" for name in entry.checks}
    claimed = {cause.finding for cause in entry.causes} | {
        code for cause in entry.causes for code in cause.supported_by
    }
    yield from (f"checks: no cause claims {code}, and it supports none" for code in sorted(own - claimed))
    for number, cause in enumerate(entry.causes):
        if cause.fault:
            yield from (f"causes.{number}: {problem}" for problem in fault_problems(cause.fault))


def _ways(step: FixStep) -> Iterator[str]:
    for platform, way in alternatives(replace(step, code="")):
        for problem in _step(way):
            yield f"ways.{platform}: {problem}"


def _unsafe(command: str) -> Iterator[str]:
    if command and language_of(command) == "shell":
        yield from (f"<{name}>: {REMOVE_QUOTES}" for name in unsafe_placeholders(command))


def _prose(text: str) -> Iterator[str]:
    """Yield the problems of commands in prose, in which values of a target are inserted."""
    for part in spans(text):
        if not part.is_code:
            for name in IN_A_COMMAND.findall(part.text):
                yield f"<{name}>: put the command around it between backticks"
        elif language_of(part.text) == "shell":
            for name in unsafe_placeholders(part.text):
                yield f"<{name}>: {REMOVE_QUOTES}"


def _groups(entry: Entry, _: Mapping[str, Entry]) -> Iterator[str]:
    ids = [group.id for group in entry.groups]
    used = {cause.group for cause in entry.causes}
    for number, group in enumerate(entry.groups):
        if not GROUP.fullmatch(group.id) or group.id in ids[:number]:
            yield f"groups.{number}: id: write words joined by hyphens, each id once"
        if group.id not in used:
            yield f"groups.{number}: no cause names {group.id}"
        if not group.messages:
            yield f"groups.{number}: messages: at least one is required"
    for number, cause in enumerate(entry.causes):
        if cause.group not in (ids or [""]):
            near = did_you_mean(cause.group, ids) or f"known: {', '.join(ids) or 'none'}"
            yield f"causes.{number}: group: {cause.group!r} is not a group of the entry; {near}"


def _related_entries(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[str]:
    references = {"not_this": [other.entry for other in entry.not_this], "leads_to": list(entry.leads_to)}
    for field, ids in references.items():
        for other in ids:
            if other == entry.id:
                yield f"{field}: names the entry itself"
            elif other not in entries:
                near = did_you_mean(other, entries) or "see clearpay-doctor list entries"
                yield f"{field}: no entry {other}; {near}"


def _shared_signs(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[str]:
    for other in entry.not_this:
        look_alike = entries.get(other.entry)
        back = look_alike.not_this if look_alike else ()
        back_signs = {mirrored.sign for mirrored in back if mirrored.entry == entry.id}
        if back_signs <= {other.sign} and HERE_OR_THERE.search(other.sign):
            yield f"not_this: {other.entry}: the sign is on both pages; name each entry's, not here and there"


def _duplicates(entries: Mapping[str, Entry]) -> Iterator[str]:
    owner: dict[str, str] = {}
    for entry in entries.values():
        for cause in entry.causes:
            if cause.finding in owner:
                yield f"{entry.id}: causes: {cause.finding} is claimed by {owner[cause.finding]} too"
            owner[cause.finding] = entry.id
        for alias in entry.aliases:
            if alias in entries or alias in owner:
                yield f"{entry.id}: aliases: {alias} is already an id or an alias"
            owner[alias] = entry.id


Rule = Callable[[Entry, Mapping[str, Entry]], Iterator[str]]
RULES: tuple[Rule, ...] = (_naming, _symptoms, _causes, _groups, _related_entries, _shared_signs, _checks)
