"""The proof: each fault of the lab against each entry. It must be the diagonal."""

from collections.abc import Iterator

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, finding_link, page, table
from site_docs.proof import Row

PATH = "matrix.md"
CELL, SIDE = 16, 14
UNITS = 'patternUnits="userSpaceOnUse"'
LEFT, TOP = 250, 190


def matrix_page(facts: Facts) -> File:
    """The matrix as a picture and as a table that says the same."""
    proof = facts.proof
    names = [environment.name for environment in proof.environments]
    rows = [row for row in proof.environments[0].rows.values() if row.entry in facts.entries] if names else []
    lines = [
        "# Matrix",
        "",
        "`make matrix` breaks real servers by each fault, asks every probe, runs the record's fix",
        "and asks again.",
        f"Last done on {proof.proven} with {'; '.join(names)}.",
        "",
        *_picture(rows),
        "## Every fault { #faults }",
        "",
        *table(["Fault", "Confirmed", *names], ([*_said(row, facts), *_marks(row, facts)] for row in rows)),
    ]
    text = page("Matrix", "Every fault against every entry.", lines, search={"exclude": True})
    return File(PATH, text)


def _said(row: Row, facts: Facts) -> list[str]:
    claimed = row.finding in facts.catalogue.claims
    fault = finding_link(row.finding, row.entry, PATH) if claimed else f"`{row.finding}`"
    named = ", ".join(entry_id_link(name, PATH) for name in row.confirmed if name in facts.entries)
    return [fault, named or "suspected only: a warning"]


def _marks(row: Row, facts: Facts) -> Iterator[str]:
    for environment in facts.proof.environments:
        one = environment.rows.get(row.finding)
        proven = one is not None and one.green and set(one.confirmed) <= {one.entry}
        yield "proven" if proven else "no" if one else "not run"


def _picture(rows: list[Row]) -> Iterator[str]:
    """Faults downwards, entries to the right; empty cells are one pattern."""
    columns = list(dict.fromkeys(row.entry for row in rows))
    wide, high = CELL * len(columns), CELL * len(rows)
    size = f'viewBox="0 0 {LEFT + wide + 60} {TOP + high}" width="{LEFT + wide + 60}" height="{TOP + high}"'
    yield '<div class="cp-scroll" tabindex="0" role="region" aria-label="Faults by entries">'
    yield f'<svg class="cp-matrix" {size} role="img">'
    yield "<title>Every fault confirms its own entry; the table below says the same.</title>"
    yield f'<pattern id="cp-empty" x="{LEFT}" y="{TOP}" width="{CELL}" height="{CELL}" {UNITS}>'
    yield f"{_cell('cp-miss', 0, 0)}</pattern>"
    yield f'<rect x="{LEFT}" y="{TOP}" width="{wide}" height="{high}" fill="url(#cp-empty)"/>'
    for number, name in enumerate(columns):
        place = f"translate({LEFT + CELL * number + 11} {TOP - 8}) rotate(-60)"
        yield f'<text transform="{place}">{name}</text>'
    for number, row in enumerate(rows):
        yield from _line(row, columns, TOP + CELL * number)
    yield from ("</svg>", "</div>", "")


def _line(row: Row, columns: list[str], y: int) -> Iterator[str]:
    yield f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{row.finding}</text>'
    for number, name in enumerate(columns):
        if name in (*row.confirmed, row.entry):
            kind = "cp-hit" if name in row.confirmed else "cp-hint"
            yield _cell(kind, LEFT + CELL * number, y)


def _cell(kind: str, x: int, y: int) -> str:
    return f'<rect class="{kind}" x="{x + 1}" y="{y + 1}" width="{SIDE}" height="{SIDE}" rx="2"/>'
