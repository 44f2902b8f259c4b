"""Matrix page: the proof of each entry as a list, exceptions first."""

from collections.abc import Iterator, Mapping

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_link, finding_link, page
from site_docs.page_types.evidence import environment_names
from site_docs.proof import NOT_PROVEN, PROVEN, Environment, Row

PATH = "matrix.md"
EXPLANATION = """\
`make matrix` applies each fault to real servers: the code that suffers from it must fail, its text must lead
to the right entry first, the probes must confirm this entry and no other, the fix of the record is applied,
and the probes must pass again."""


def matrix_page(facts: Facts) -> File:
    """Return the page with the exceptions of the last run, and the proof of each entry."""
    proof, rows = facts.proof, _rows(facts)
    lines = ["# Matrix", "", EXPLANATION, ""]
    if rows:
        lines += [
            f"Last run on {proof.proven}, on {environment_names(proof.environments)}.",
            "",
            _summary(rows),
            "",
        ]
        lines += [*_exceptions(facts, rows), "## Every entry { #entries }", "", *_list(facts, rows)]
    else:
        lines += ["Not run yet."]
    text = page("Matrix", "The proof of every entry on real servers.", lines, search={"exclude": True})
    return File(PATH, text)


def _rows(facts: Facts) -> Mapping[str, list[Row]]:
    """Return the results of each fault in all environments, in the order of the entries."""
    by_fault: dict[str, list[Row]] = {}
    for environment in facts.proof.environments:
        for name, row in environment.rows.items():
            if row.entry in facts.entries:
                by_fault.setdefault(name, []).append(row)
    order = {name: number for number, name in enumerate(facts.entries)}
    return dict(sorted(by_fault.items(), key=lambda item: order[item[1][0].entry]))


def _summary(by_fault: Mapping[str, list[Row]]) -> str:
    """Return the number of faults by what they confirm, in one sentence."""
    wrong = sum(any({*row.confirmed} - {row.entry} for row in rows) for rows in by_fault.values())
    failed = sum(any(row.result == NOT_PROVEN for row in rows) for rows in by_fault.values())
    return (
        f"**{len(by_fault) - failed} of {len(by_fault)} faults** were named, fixed and verified; "
        f"{wrong} of {len(by_fault)} faults confirm another entry than their own."
    )


def _exceptions(facts: Facts, by_fault: Mapping[str, list[Row]]) -> Iterator[str]:
    """Yield the faults with any other result than proven at the first measurement everywhere, by result."""
    grouped: dict[str, list[str]] = {}
    for finding in by_fault:
        result = _result(finding, facts)
        if result != PROVEN:
            grouped.setdefault(result, []).append(_link(finding, by_fault[finding][0].entry, facts))
    if not grouped:
        return
    yield from ("## Exceptions { #exceptions }", "")
    yield "A fault that *warns* is something to correct that breaks nothing yet. *At try 2*: the first"
    yield from ("measurement was off, as on a busy machine.", "")
    for result, links in sorted(grouped.items()):
        yield f"- **{result}**: {', '.join(links)}"
    yield ""


def _list(facts: Facts, by_fault: Mapping[str, list[Row]]) -> Iterator[str]:
    """Yield a line for each entry: its faults, and how often its fix was verified."""
    by_entry: dict[str, dict[str, list[Row]]] = {}
    for finding, rows in by_fault.items():
        by_entry.setdefault(rows[0].entry, {})[finding] = rows
    yield from ('<div class="cp-proof" markdown>', "")
    for entry_id, faults in by_entry.items():
        runs = [row for rows in faults.values() for row in rows]
        proven = sum(row.result != NOT_PROVEN for row in runs)
        links = " ".join(_link(finding, entry_id, facts) for finding in faults)
        mark = "cp-medium" if proven == len(runs) else "cp-critical"
        count = f'<span class="cp-badge {mark}">{proven} of {len(runs)} runs</span>'
        yield f"- {count} {entry_link(facts.entries[entry_id], PATH)}<br>{links}"
    yield from ("", "</div>", "")


def _link(finding: str, entry: str, facts: Facts) -> str:
    return finding_link(finding, entry, PATH) if finding in facts.catalogue.claims else f"`{finding}`"


def _result(finding: str, facts: Facts) -> str:
    """Return the result of a fault, with its environments where they differ."""
    by_result: dict[str, list[Environment]] = {}
    for environment in facts.proof.environments:
        if row := environment.rows.get(finding):
            by_result.setdefault(row.result, []).append(environment)
    if len(by_result) == 1:
        return next(iter(by_result))
    return "; ".join(f"{result} on {environment_names(where)}" for result, where in by_result.items())
