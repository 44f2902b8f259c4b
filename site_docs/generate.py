"""The site as a pure function: from what is known to a tree of pages and data files.

MkDocs and `python -m site_docs export` only carry its result. A new kind of page is a module in
`site_docs/kinds` and one line here.
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
    match_box,
    matrix,
    probes,
    reference,
    runbooks,
    target_file,
)


def generate(facts: Facts) -> dict[str, File]:
    """Every page and data file by its path."""
    return {file.path: file for file in _files(facts)}


def _files(facts: Facts) -> Iterator[File]:
    yield home.home_page(facts)
    yield from (entry.entry_page(one, facts) for one in facts.entries.values())
    yield from _moved(facts)
    yield from _broken(facts)
    yield from (lists.all_page(facts), lists.symptoms_page(facts), lists.told_page(facts))
    yield lists.modules_page(facts)
    yield runbooks.index_page(facts)
    yield from (runbooks.runbook_page(one, facts) for one in facts.runbooks.values())
    yield probes.probes_page(facts)
    yield from (probes.probe_page(name, facts) for name in facts.probes)
    yield from (reference.commands_page(), reference.exit_codes_page(), reference.schemas_page())
    yield target_file.target_file_page()
    yield from (changes.changes_page(facts), matrix.matrix_page(facts))
    yield from (*data.data_files(facts), match_box.knowledge(facts))


def _moved(facts: Facts) -> Iterator[File]:
    """Pages at the addresses that entries once had."""
    for one in facts.entries.values():
        for alias in one.aliases:
            lines = [
                f"# {escaped(one.title)}",
                "",
                f"`{alias}` is now [`{one.id}`]({one.id}.md){{ .cp-moved }}.",
                "",
                "<script>location.replace(document.querySelector('a.cp-moved').href)</script>",
            ]
            text = page(one.title, f"Now {one.id}.", lines, search={"exclude": True})
            yield File(entry_path(alias), text)


def _broken(facts: Facts) -> Iterator[File]:
    """A page that says what is wrong with a record, where its own would be."""
    for path, problems in facts.broken.items():
        name = PurePosixPath(path).stem
        lines = [f"# {escaped(name)}", "", '!!! failure "This record cannot be read"', ""]
        lines += [f"    - {escaped(problem)}" for problem in problems]
        yield File(path, page(name, "A broken record.", lines))
