"""Matrix page: each fault of the lab against each entry. Only the diagonal may be filled."""

from collections.abc import Iterator, Mapping
from html import escape

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_id_link, finding_link, page, table
from site_docs.page_types.evidence import environment_names
from site_docs.proof import Environment, Row

PATH = "matrix.md"
CELL_WIDTH, CELL_HEIGHT, GAP = 14, 13, 2
"""Size of a cell and the gap between cells, in pixels."""
UNITS = 'patternUnits="userSpaceOnUse"'
LEFT, RIGHT = 250, 20
"""Margins in pixels: the names of the faults stand on the left, those of the entries at their cells."""


def matrix_page(facts: Facts) -> File:
    """Return the page with the matrix as a picture and as a table of the same data."""
    proof, rows = facts.proof, _rows(facts)
    lines = [
        "# Matrix",
        "",
        "`make matrix` applies each fault to real servers, runs every probe, applies the record's fix and",
        "runs the probes again. A filled cell is a confirmed entry; an empty frame is an entry that is only",
        "suspected, because its fault is a warning.",
        "",
        f"Last run on {proof.proven}: {len(rows)} faults on {environment_names(proof.environments)}."
        if rows
        else "Not run yet.",
        "",
        *_picture(rows),
        "## Every fault { #faults }",
        "",
        *table(["Entry", "Fault", "Result"], _table(facts, rows)),
    ]
    text = page("Matrix", "Every fault against every entry.", lines, search={"exclude": True})
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


def _table(facts: Facts, by_fault: Mapping[str, list[Row]]) -> Iterator[list[str]]:
    """Yield a row for each entry and result, with the faults that had this result."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding, rows in by_fault.items():
        claimed = finding in facts.catalogue.claims
        link = finding_link(finding, rows[0].entry, PATH) if claimed else f"`{finding}`"
        grouped.setdefault((rows[0].entry, _result(finding, facts)), []).append(link)
    for (entry, result), links in grouped.items():
        yield [entry_id_link(entry, PATH), " ".join(links), result]


def _result(finding: str, facts: Facts) -> str:
    """Return the result of a fault, with its environments where they differ."""
    by_result: dict[str, list[Environment]] = {}
    for environment in facts.proof.environments:
        row = environment.rows.get(finding)
        by_result.setdefault(row.result if row else "not run", []).append(environment)
    if len(by_result) == 1:
        return next(iter(by_result))
    return "<br>".join(f"{result} on {environment_names(where)}" for result, where in by_result.items())


def _picture(by_fault: Mapping[str, list[Row]]) -> Iterator[str]:
    """Yield the SVG: faults in rows, entries in columns; all empty cells are one pattern."""
    if not by_fault:
        return
    columns = list(dict.fromkeys(rows[0].entry for rows in by_fault.values()))
    width, height = CELL_WIDTH * len(columns), CELL_HEIGHT * len(by_fault)
    total = LEFT + width + RIGHT
    size = f'viewBox="0 0 {total} {height}" width="{total}" height="{height}"'
    yield '<div class="cp-scroll" tabindex="0" role="region" aria-label="Faults by entries">'
    yield f'<svg class="cp-matrix" {size} role="img">'
    yield f"<title>{_summary(by_fault)} The table below has the same data.</title>"
    yield f'<pattern id="cp-empty" x="{LEFT}" y="0" width="{CELL_WIDTH}" height="{CELL_HEIGHT}" {UNITS}>'
    yield f"{_cell('cp-miss', 0, 0)}</pattern>"
    yield f'<rect x="{LEFT}" y="0" width="{width}" height="{height}" fill="url(#cp-empty)"/>'
    yield from _fault_names(by_fault)
    named: set[str] = set()
    for number, rows in enumerate(by_fault.values()):
        yield from _row_cells(rows, columns, CELL_HEIGHT * number)
        if rows[0].entry not in named:
            named.add(rows[0].entry)
            yield _entry_name(rows[0].entry, columns, CELL_HEIGHT * number)
    yield from ("</svg>", "</div>", "")


def _fault_names(by_fault: Mapping[str, list[Row]]) -> Iterator[str]:
    yield f'<g text-anchor="end" transform="translate({LEFT - 8} {CELL_HEIGHT - 3})">'
    for number, finding in enumerate(by_fault):
        yield f'<text y="{CELL_HEIGHT * number}">{escape(finding)}</text>'
    yield "</g>"


def _summary(by_fault: Mapping[str, list[Row]]) -> str:
    wrong = sum(any({*row.confirmed} - {row.entry} for row in rows) for rows in by_fault.values())
    return f"{wrong} of {len(by_fault)} faults confirm another entry than their own."


def _row_cells(rows: list[Row], columns: list[str], y: int) -> Iterator[str]:
    confirmed = {name for row in rows for name in row.confirmed}
    for number, name in enumerate(columns):
        if name in confirmed or name == rows[0].entry:
            yield _cell("cp-hit" if name in confirmed else "cp-hint", LEFT + CELL_WIDTH * number, y)


def _entry_name(entry: str, columns: list[str], y: int) -> str:
    """Return the name of an entry beside its first cell, on the side with more space."""
    column = columns.index(entry)
    before = column > len(columns) // 2
    x = LEFT + CELL_WIDTH * column - 6 if before else LEFT + CELL_WIDTH * (column + 1) + 6
    anchor = "end" if before else "start"
    position = f'x="{x}" y="{y + CELL_HEIGHT - 3}" text-anchor="{anchor}"'
    return f'<text class="cp-name" {position}>{escape(entry)}</text>'


def _cell(kind: str, x: int, y: int) -> str:
    size = f'width="{CELL_WIDTH - GAP}" height="{CELL_HEIGHT - GAP}"'
    return f'<rect class="{kind}" x="{x + 1}" y="{y + 1}" {size} rx="2"/>'
