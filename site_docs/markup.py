"""Markdown building blocks that the page types share."""

import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from functools import cache

from kb.records.models import Entry
from kb.text import markdown

_FENCE = re.compile(r"`+")


def page(title: str, description: str, lines: Iterable[str], **meta: object) -> str:
    """Return a whole page: front matter, then the lines.

    Values of the front matter are JSON, which is valid YAML, so that no text of a record can break it.
    """
    head = {"title": title, "description": description, **meta}
    front = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items())
    return f"---\n{front}\n---\n\n" + "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Escape a text for Markdown. A trailing `{...}` would be read as attributes of the element."""
    return markdown.escaped(text).replace("{", "&#123;")


def prose(text: str) -> str:
    """Return a text of a record on one line: escaped, with its backticked parts as code."""
    return markdown.prose(single_line(text), escaped)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a record's text as lines of Markdown."""
    return [line for part in text.strip().split("\n\n") for line in (prose(part), "")]


def single_line(text: str) -> str:
    """Collapse white space so that a text is one line."""
    return " ".join(text.split())


def fence(text: str, language: str = "text", title: str = "") -> list[str]:
    """Return a code block whose fence is longer than any run of backticks in the text (CommonMark 4.5)."""
    ticks = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(text)), default=0))
    caption = f' title="{_attribute(title)}"' if title else ""
    return [f"{ticks}{language}{caption}", *text.rstrip().split("\n"), ticks, ""]


def terminal(text: str, title: str) -> list[str]:
    """Return captured terminal output as a code block with the look of a terminal."""
    return fence(text, f'{{ .text .cp-screen title="{_attribute(title)}" }}')


def _attribute(title: str) -> str:
    return title.replace('"', "'")


def indented(lines: Iterable[str]) -> list[str]:
    """Indent lines as the content of a tab or a collapsed block."""
    return [f"    {line}".rstrip() for line in lines]


def tab(title: str, lines: Iterable[str]) -> list[str]:
    """Return one tab; tabs that follow each other share a bar."""
    return [f'=== "{_quoted(title)}"', "", *indented(lines)]


def collapsed(title: str, lines: Iterable[str], kind: str = "quote") -> list[str]:
    """Return a block that the reader can open by its title."""
    return [f'??? {kind} "{_quoted(title)}"', "", *indented(lines), ""]


def _quoted(title: str) -> str:
    return escaped(title).replace('"', "&quot;")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; cells are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*lines, *(f"| {' | '.join(cells)} |" for cells in rows), ""]


def severity(word: str) -> str:
    """Return a severity as a badge; the class names of the colours are the severities."""
    return f'<span class="cp-badge cp-{word}">{word}</span>'


def fact(name: str, value: str) -> str:
    """Return one line of the box of facts at the head of a page."""
    return f"- **{name}** <span>{value}</span>"


@cache
def relative_link(target: str, source: str) -> str:
    """Return the relative path from one page to another."""
    return posixpath.relpath(target, posixpath.dirname(source) or ".")


def entry_path(entry_id: str) -> str:
    """Return the path of an entry's page. It depends on the id alone, so that it never changes."""
    return f"errors/{entry_id}.md"


def probe_path(name: str) -> str:
    """Return the path of a probe's page."""
    return f"probes/{name}.md"


def runbook_path(name: str) -> str:
    """Return the path of a runbook's page."""
    return f"runbooks/{name}.md"


def runbook_link(name: str, source: str, text: str = "") -> str:
    """Return a link to a runbook, by default with its id as the text."""
    return f"[{text or f'`{name}`'}]({relative_link(runbook_path(name), source)})"


def entry_link(entry: Entry, source: str, text: str = "") -> str:
    """Return a link to an entry, by default with its title as the text."""
    return f"[{text or escaped(entry.title)}]({relative_link(entry_path(entry.id), source)})"


def entry_id_link(entry_id: str, source: str) -> str:
    """Return a link to an entry with its id as the text."""
    return f"[`{entry_id}`]({relative_link(entry_path(entry_id), source)})"


def raised_names(entry: Entry) -> str:
    """Return the names under which an entry's error is raised, as code; `Error` alone names nothing."""
    return " ".join(f"`{name}`" for name in entry.error_names if name != "Error")


def probe_link(name: str, source: str) -> str:
    """Return a link to a probe."""
    return f"[`{name}`]({relative_link(probe_path(name), source)})"


def fix_anchor(finding: str) -> str:
    """Return the anchor of the fix of a finding on the page of its entry."""
    return "fix-" + finding.replace(".", "-").replace("_", "-")


def finding_link(finding: str, entry_id: str, source: str) -> str:
    """Return a link to the fix of a finding."""
    path = "" if source == entry_path(entry_id) else relative_link(entry_path(entry_id), source)
    return f"[`{finding}`]({path}#{fix_anchor(finding)})"
