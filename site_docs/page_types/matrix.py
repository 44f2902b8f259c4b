"""The proof: each fault of the lab against each entry. It must be the diagonal."""

from collections.abc import Iterator, Mapping
from html import escape

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, finding_link, page, table
from site_docs.page_types.evidence import versions
from site_docs.proof import Environment, Row

PATH = "matrix.md"
WIDE, HIGH, GAP = 14, 13, 2
"""A cell, and what stays free of it, in pixels."""
UNITS = 'patternUnits="userSpaceOnUse"'
LEFT, RIGHT = 250, 20
"""Room for the names of the faults; the names of the entries stand at their own cells."""


def matrix_page(facts: Facts) -> File:
    """The matrix as a picture and as a table that says the same."""
    proof, rows = facts.proof, _rows(facts)
    lines = [
        "# Matrix",
        "",
        "`make matrix` breaks real servers by each fault, asks every probe, runs the record's fix and",
        "asks again. A filled cell is an entry that was confirmed, an empty frame one that is only",
        "suspected: its fault is a warning.",
        "",
        f"Last done on {proof.proven}: {len(rows)} faults on {versions(proof.environments)}."
        if rows
        else "Not done yet.",
        "",
        *_picture(rows),
        "## Every fault { #faults }",
        "",
        *table(["Entry", "Fault", "Came to"], _table(facts, rows)),
    ]
    text = page("Matrix", "Every fault against every entry.", lines, search={"exclude": True})
    return File(PATH, text)


def _rows(facts: Facts) -> Mapping[str, list[Row]]:
    """The rows of each fault in all environments, entry by entry."""
    found: dict[str, list[Row]] = {}
    for environment in facts.proof.environments:
        for name, row in environment.rows.items():
            if row.entry in facts.entries:
                found.setdefault(name, []).append(row)
    places = {name: number for number, name in enumerate(facts.entries)}
    return dict(sorted(found.items(), key=lambda item: places[item[1][0].entry]))


def _table(facts: Facts, found: Mapping[str, list[Row]]) -> Iterator[list[str]]:
    """A line for each entry and outcome: which faults came to it, and where not all environments agree."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding, rows in found.items():
        claimed = finding in facts.catalogue.claims
        link = finding_link(finding, rows[0].entry, PATH) if claimed else f"`{finding}`"
        grouped.setdefault((rows[0].entry, _outcome(finding, facts)), []).append(link)
    for (entry, outcome), links in grouped.items():
        yield [entry_id_link(entry, PATH), " ".join(links), outcome]


def _outcome(finding: str, facts: Facts) -> str:
    """What a fault came to in every environment; where they differ, in each."""
    said: dict[str, list[Environment]] = {}
    for one in facts.proof.environments:
        row = one.rows.get(finding)
        said.setdefault(row.said if row else "not run", []).append(one)
    if len(said) == 1:
        return next(iter(said))
    return "<br>".join(f"{outcome} on {versions(where)}" for outcome, where in said.items())


def _picture(found: Mapping[str, list[Row]]) -> Iterator[str]:
    """Faults downwards, entries to the right; empty cells are one pattern."""
    if not found:
        return
    columns = list(dict.fromkeys(rows[0].entry for rows in found.values()))
    wide, high = WIDE * len(columns), HIGH * len(found)
    size = f'viewBox="0 0 {LEFT + wide + RIGHT} {high}" width="{LEFT + wide + RIGHT}" height="{high}"'
    yield '<div class="cp-scroll" tabindex="0" role="region" aria-label="Faults by entries">'
    yield f'<svg class="cp-matrix" {size} role="img">'
    yield f"<title>{_summary(found)} The table below says the same.</title>"
    yield f'<pattern id="cp-empty" x="{LEFT}" y="0" width="{WIDE}" height="{HIGH}" {UNITS}>'
    yield f"{_cell('cp-miss', 0, 0)}</pattern>"
    yield f'<rect x="{LEFT}" y="0" width="{wide}" height="{high}" fill="url(#cp-empty)"/>'
    yield f'<g text-anchor="end" transform="translate({LEFT - 8} {HIGH - 3})">'
    yield from (f'<text y="{HIGH * number}">{escape(finding)}</text>' for number, finding in enumerate(found))
    yield "</g>"
    named: set[str] = set()
    for number, rows in enumerate(found.values()):
        yield from _line(rows, columns, HIGH * number)
        if rows[0].entry not in named:
            named.add(rows[0].entry)
            yield _name(rows[0].entry, columns, HIGH * number)
    yield from ("</svg>", "</div>", "")


def _summary(found: Mapping[str, list[Row]]) -> str:
    others = sum(any({*one.confirmed} - {one.entry} for one in rows) for rows in found.values())
    return f"{others} of {len(found)} faults confirm another entry than their own."


def _line(rows: list[Row], columns: list[str], y: int) -> Iterator[str]:
    confirmed = {name for row in rows for name in row.confirmed}
    for number, name in enumerate(columns):
        if name in confirmed or name == rows[0].entry:
            yield _cell("cp-hit" if name in confirmed else "cp-hint", LEFT + WIDE * number, y)


def _name(entry: str, columns: list[str], y: int) -> str:
    """The name of an entry beside its first cell, on the side that has the room."""
    place = columns.index(entry)
    before = place > len(columns) // 2
    x = LEFT + WIDE * place - 6 if before else LEFT + WIDE * (place + 1) + 6
    anchor = "end" if before else "start"
    return f'<text class="cp-name" x="{x}" y="{y + HIGH - 3}" text-anchor="{anchor}">{escape(entry)}</text>'


def _cell(kind: str, x: int, y: int) -> str:
    return f'<rect class="{kind}" x="{x + 1}" y="{y + 1}" width="{WIDE - GAP}" height="{HIGH - GAP}" rx="2"/>'
