"""Generator of the site: a pure function from facts to pages and data files.

MkDocs (`site_docs/hook.py`) and `python -m site_docs export` only write its result. A new page type is a
module in `site_docs/page_types` and one line here.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_path, escaped, page
from site_docs.page_types import (
    changes,
    data,
    entry,
    home,
    lists,
    llms,
    match_box,
    matrix,
    probes,
    reference,
    runbooks,
    search_terms,
    target_file,
)


def generate(facts: Facts) -> dict[str, File]:
    """Return every generated page and data file by its path."""
    files = {file.path: file for file in _pages(facts)}
    for file in (search_terms.search_terms(facts, files.values()), llms.llms_file(facts, files.values())):
        files[file.path] = file
    return files


def _pages(facts: Facts) -> Iterator[File]:
    yield home.home_page(facts)
    for record in facts.entries.values():
        yield from entry.entry_pages(record, facts)
    yield from _redirects(facts)
    yield from _broken_records(facts)
    yield from (lists.all_page(facts), lists.symptoms_page(facts), lists.descriptions_page(facts))
    yield lists.modules_page(facts)
    yield runbooks.index_page(facts)
    yield from (runbooks.runbook_page(runbook, facts) for runbook in facts.runbooks.values())
    yield probes.probes_page(facts)
    yield from (probes.probe_page(name, facts) for name in facts.probes)
    yield from (reference.commands_page(), reference.exit_codes_page(), reference.schemas_page())
    yield target_file.target_file_page()
    yield from (changes.changes_page(facts), matrix.matrix_page(facts))
    yield from (*data.data_files(facts), match_box.match_data(facts))


def _redirects(facts: Facts) -> Iterator[File]:
    """Yield a page at each former address of an entry, which leads to the current one."""
    for record in facts.entries.values():
        for alias in record.aliases:
            lines = [
                f"# {escaped(record.title)}",
                "",
                f"`{alias}` is now [`{record.id}`]({record.id}.md){{ .cp-moved }}.",
                "",
                "<script>location.replace(document.querySelector('a.cp-moved').href)</script>",
            ]
            text = page(record.title, f"Now {record.id}.", lines, search={"exclude": True})
            yield File(entry_path(alias), text)


def _broken_records(facts: Facts) -> Iterator[File]:
    """Yield a page with the problems of each record that cannot be read, at the address of the record."""
    for path, problems in facts.broken.items():
        name = PurePosixPath(path).stem
        lines = [f"# {escaped(name)}", "", '!!! failure "This record cannot be read"', ""]
        lines += [f"    - {escaped(problem)}" for problem in problems]
        yield File(path, page(name, "A broken record.", lines))
