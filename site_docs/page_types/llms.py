"""`llms.txt`: the Markdown copies of the pages, with one line about each, for programs that read the site."""

import json
import re
from collections.abc import Iterable, Iterator

from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_path, probe_path, runbook_path, single_line

PATH = "llms.txt"
_FIELD = '^{}: ("?)(.+)\\1$'
INTRODUCTION = (
    "# clearpay-doctor",
    "",
    "> Known errors of ClearPay: messages, causes, how to tell them apart, tested fixes. Each has a probe",
    "> that confirms it on a live system.",
    "",
    "Every link leads to Markdown. [errors.json](errors.json) has all errors as data.",
    "`clearpay-doctor match -` ranks them for a text, `clearpay-doctor check ID` confirms one.",
    "",
)


def llms_file(facts: Facts, files: Iterable[File]) -> File:
    """Return the list of the pages by kind, the errors first."""
    pages = {**facts.pages, **{file.path: file.text for file in files if file.is_page}}
    entries = [entry_path(entry.id) for entry in facts.current_entries]
    runbooks, probes = (
        [runbook_path(name) for name in facts.runbooks],
        [probe_path(name) for name in facts.probes],
    )
    lists = [path for path in pages if path not in {*entries, *runbooks, *probes} and "/" not in path]
    lines = [*INTRODUCTION]
    for title, paths in (("Errors", entries), ("Runbooks", runbooks), ("Pages", lists), ("Optional", probes)):
        lines += [f"## {title}", "", *_links(paths, pages), ""]
    return File(PATH, "\n".join(lines).rstrip() + "\n")


def _links(paths: Iterable[str], pages: dict[str, str]) -> Iterator[str]:
    for path in paths:
        title, description = (
            _front("title", pages[path]) or _heading(pages[path]),
            _front("description", pages[path]),
        )
        yield f"- [{title}]({path})" + (f": {description}" if description else "")


def _front(name: str, text: str) -> str:
    """Return a text of the front matter, or an empty text."""
    head = text.partition("\n---\n")[0] if text.startswith("---\n") else ""
    field = re.search(_FIELD.format(name), head, re.MULTILINE)
    if not field:
        return ""
    value = json.loads(f'"{field[2]}"') if field[1] else field[2]
    return single_line(value).replace("[", "(").replace("]", ")")


def _heading(text: str) -> str:
    heading = re.search(r"^# (.+?)(?: \{.*\})?$", text, re.MULTILINE)
    return heading[1] if heading else ""
