"""Small pieces of Markdown that every page is made of."""

import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from functools import cache

from kb.records.models import Entry
from kb.text import markdown
from kb.text.markdown import code_span

_SPAN = re.compile(r"`([^`]+)`")
_FENCE = re.compile(r"`+")


def page(title: str, description: str, lines: Iterable[str], **meta: object) -> str:
    """A whole page: front matter, then its lines. JSON is YAML: no text can break it."""
    head = {"title": title, "description": description, **meta}
    front = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items())
    return f"---\n{front}\n---\n\n" + "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """A text that is shown as it is. Braces at its end would be attributes of the element."""
    return markdown.escaped(text).replace("{", "&#123;")


def prose(text: str) -> str:
    """A record's sentence: literal, but for what it has in backticks."""
    parts = _SPAN.split(flat(text))
    shown = [code_span(part) if number % 2 else escaped(part) for number, part in enumerate(parts)]
    return "".join(shown)


def paragraphs(text: str) -> list[str]:
    """A record's prose with its paragraphs."""
    return [line for part in text.strip().split("\n\n") for line in (prose(part), "")]


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def fence(text: str, language: str = "text", title: str = "") -> list[str]:
    """A block of code, longer fenced than anything within (CommonMark 4.5)."""
    ticks = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(text)), default=0))
    said = title.replace('"', "'")
    caption = f' title="{said}"' if title else ""
    return [f"{ticks}{language}{caption}", *text.rstrip().split("\n"), ticks, ""]


def terminal(text: str, title: str) -> list[str]:
    """What a terminal showed, as text in a block that looks like one."""
    said = title.replace('"', "'")
    return fence(text, f'{{ .text .cp-screen title="{said}" }}')


def indented(lines: Iterable[str]) -> list[str]:
    """Lines within a tab or a fold."""
    return [f"    {line}".rstrip() for line in lines]


def tab(title: str, lines: Iterable[str]) -> list[str]:
    """One of several panels; those that follow each other share a bar."""
    return [f'=== "{_quoted(title)}"', "", *indented(lines)]


def fold(title: str, lines: Iterable[str], kind: str = "quote") -> list[str]:
    """What stays closed until it is wanted."""
    return [f'??? {kind} "{_quoted(title)}"', "", *indented(lines), ""]


def _quoted(title: str) -> str:
    return escaped(title).replace('"', "&quot;")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*lines, *(f"| {' | '.join(cells)} |" for cells in rows), ""]


def severity(word: str) -> str:
    """A severity as word and colour; the names of the colours are those of the states."""
    return f'<span class="cp-badge cp-{word}">{word}</span>'


def fact(name: str, value: str) -> str:
    """A line of the box at the head of a page."""
    return f"- **{name}** <span>{value}</span>"


@cache
def to(target: str, source: str) -> str:
    """The way from one page to another."""
    return posixpath.relpath(target, posixpath.dirname(source) or ".")


def entry_path(entry_id: str) -> str:
    """Where an entry's page is. It never depends on layer or module."""
    return f"errors/{entry_id}.md"


def probe_path(name: str) -> str:
    """Where a probe's page is."""
    return f"probes/{name}.md"


def runbook_path(name: str) -> str:
    """Where a runbook's page is."""
    return f"runbooks/{name}.md"


def runbook_link(name: str, source: str, text: str = "") -> str:
    """A link to a runbook, by its id unless told otherwise."""
    return f"[{text or f'`{name}`'}]({to(runbook_path(name), source)})"


def entry_link(entry: Entry, source: str, text: str = "") -> str:
    """A link to an entry, by its title unless told otherwise."""
    return f"[{text or escaped(entry.title)}]({to(entry_path(entry.id), source)})"


def entry_id_link(entry_id: str, source: str) -> str:
    """A link to an entry by its id."""
    return f"[`{entry_id}`]({to(entry_path(entry_id), source)})"


def probe_link(name: str, source: str) -> str:
    """A link to a probe."""
    return f"[`{name}`]({to(probe_path(name), source)})"


def anchor(finding: str) -> str:
    """Where an entry's page tells how a finding is fixed."""
    return "fix-" + finding.replace(".", "-").replace("_", "-")


def finding_link(finding: str, entry_id: str, source: str) -> str:
    """A link to the fix of a finding."""
    place = "" if source == entry_path(entry_id) else to(entry_path(entry_id), source)
    return f"[`{finding}`]({place}#{anchor(finding)})"
