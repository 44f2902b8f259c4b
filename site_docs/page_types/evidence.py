"""Captured evidence on a page: sample texts of a record, and the output of commands on the lab."""

from collections.abc import Iterator, Sequence

from diagnostics.diagnosis.catalogue import Catalogue
from kb.records.models import Entry
from kb.text.sanitize import one_line
from site_docs.facts import Facts
from site_docs.markup import collapsed, fence, relative_link, tab, terminal
from site_docs.proof import NOT_PROVEN, Environment

TEXTS_MAX, LENGTH_MAX = 2, 600
"""Number of sample texts on one page and characters of each: pages stay below 60 KB."""


def last_proven(entry: Entry, facts: Facts, path: str) -> str:
    """Return the day of the matrix and the environments that proved every cause of an entry."""
    findings = [cause.finding for cause in entry.causes]
    environments = [
        environment
        for environment in facts.proof.environments
        if all(is_proven(environment, finding) for finding in findings)
    ]
    if not environments or not findings:
        return "not yet"
    probes = [facts.probes[name] for name in facts.catalogue.probes_of(entry)]
    with_database = any("postgresql" in probe.APPLIES_TO for probe in probes)
    names = environment_names(environments, with_database=with_database)
    return f"[{facts.proof.proven}]({relative_link('matrix.md', path)}) on {names}"


def is_proven(environment: Environment, finding: str) -> bool:
    """Return True if the fault of a finding had the expected result in an environment."""
    row = environment.rows.get(finding)
    return row is not None and row.result != NOT_PROVEN


def environment_names(environments: Sequence[Environment], *, with_database: bool = True) -> str:
    """Return the environments in short: each Python once, with its PostgreSQL versions if they matter."""
    if not all(environment.python for environment in environments):
        return "; ".join(environment.name for environment in environments)
    databases: dict[str, list[str]] = {}
    for environment in environments:
        databases.setdefault(environment.python, []).append(environment.postgresql)
    if not with_database:
        return f"Python {enumeration(list(databases))}"
    return "; ".join(
        f"Python {python} with PostgreSQL {enumeration(versions)}" for python, versions in databases.items()
    )


def enumeration(names: Sequence[str]) -> str:
    """Join names as in a sentence: `a, b and c`, each once."""
    *first, last = dict.fromkeys(names)
    return f"{', '.join(first)} and {last}" if first else last


def sample_texts(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield a collapsed block with sample texts of the record and the output of the lab's faults."""
    titles: dict[str, str] = {}
    for symptom in entry.symptoms:
        for sample in symptom.samples:
            titles.setdefault(sample.text.strip(), f"{sample.kind}: {one_line(sample.source)}")
    for cause in entry.causes:
        for name, row in facts.proof.rows_of(cause.finding)[:1]:
            titles.setdefault(row.printed, f"the lab, broken by {cause.finding} ({name})")
    samples = [(text, title) for text, title in titles.items() if text and len(text) <= LENGTH_MAX]
    blocks = [line for text, title in samples[:TEXTS_MAX] for line in fence(text, "text", title)]
    if blocks:
        count = "" if len(samples) <= TEXTS_MAX else f" (the first {TEXTS_MAX} of {len(samples)})"
        yield from collapsed(f"Sample texts{count}", blocks)


def captured_checks(entry: Entry, facts: Facts) -> Iterator[str]:
    """Yield what the program printed on the lab, with the fault of one cause and healthy, in two tabs."""
    finding = captured_finding(entry, facts)
    if not finding:
        return
    others = f", one of {len(entry.causes)} causes" if len(entry.causes) > 1 else ""
    yield from (f"A transcript from the lab, real servers on one machine, broken by `{finding}`{others}:", "")
    captured = facts.proof.transcripts[finding]
    yield from tab("Broken", transcript(entry, finding, captured.broken, facts))
    yield from tab("Healthy", transcript(entry, "healthy", captured.healthy, facts))
    yield ""


def transcript(entry: Entry, state: str, output: str, facts: Facts) -> list[str]:
    """Return a captured output of `check` with the state of the lab as its title."""
    command = command_of(entry, facts.catalogue, " --target lab")
    return terminal(f"$ {command}\n{output}", f"from the lab, {state}")


def captured_finding(entry: Entry, facts: Facts) -> str:
    """Return the first finding of an entry with captured output, or an empty text."""
    findings = (cause.finding for cause in entry.causes)
    return next((finding for finding in findings if finding in facts.proof.transcripts), "")


def command_of(entry: Entry, catalogue: Catalogue, target: str = "") -> str:
    """Return the command that confirms an entry, by default on the default target of the target file."""
    active = " --active" if is_active(entry, catalogue) else ""
    return f"clearpay-doctor check {entry.id}{target}{active}"


def is_active(entry: Entry, catalogue: Catalogue) -> bool:
    """Return True if a probe of an entry is intrusive, so that its commands need an option."""
    return any(catalogue.probes[name].SAFETY == "active" for name in catalogue.probes_of(entry))
