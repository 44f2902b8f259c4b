"""The first page: paste what you have, or take one of the ways in."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from kb.records.models import Entry
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import entry_link, escaped, page, severity, tab, terminal
from site_docs.page_types import entry_head, evidence, match_box

PATH = "index.md"
SCREEN = "triage-80x24"
"""The one that shows most of what the tool is."""
LEAD = "From a text to a verified fix, [on one screen](tui.md) or [by commands](commands.md):"
DESCRIPTION = "Known errors of ClearPay, each with the probe that proves it and a fix that was tried."
NAMES = {"api": "API", "tls": "TLS", "config": "Configuration"}
"""Layers whose names are more than a word with a capital."""
BOX = """\
<form class="cp-paste" id="cp-paste" autocomplete="off">
<label for="cp-text">What do you see?</label>
<textarea id="cp-text" rows="7" spellcheck="false"
 placeholder="Paste a traceback, log lines, or say it in a sentence."></textarea>
<div class="cp-row">
<button type="submit" class="md-button md-button--primary">Find the error</button>
<button type="button" class="md-button" id="cp-example">Try an example</button>
<span class="cp-quiet">Nothing leaves this page. Secrets are masked before matching.</span>
</div>
<noscript>This box needs JavaScript. Without it: <code>clearpay-doctor match error.log</code></noscript>
</form>
<div id="cp-result" role="status" aria-live="polite"></div>"""
WAYS = """\
<div class="cp-cards" markdown>

- **[By symptom](symptoms.md)**

    Every text that is known, verbatim.

- **[By trouble](by-trouble.md)**

    Runbooks, drawn and run step by step.

- **[By module](modules.md)**

    What can go wrong in `clearpay.db.pool`.

- **[By probe](probes/index.md)**

    What each looks at, needs and sends.

- **[Command line](commands.md)**

    `clearpay-doctor diagnose error.log`

</div>"""


def home_page(facts: Facts) -> File:
    """The home page with its box, its ways in and every entry."""
    lines = ["# What broke? { .cp-hero }", "", BOX, "", *_broken(facts), *WAYS.split("\n"), "", *_seen(facts)]
    for layer, entries in facts.layers.items():
        lines += [f"## {NAMES.get(layer, layer.capitalize())} {{ #{layer} }}", "", *_list(entries)]
    lines += match_box.scripts()
    text = page("What broke?", DESCRIPTION, lines, hide=["navigation", "toc"])
    return File(PATH, text)


def _seen(facts: Facts) -> list[str]:
    """One screen, and one answer of the command line, as they were captured."""
    screen, example = facts.screens.get(SCREEN), facts.entries.get(match_box.EXAMPLE)
    tabs = tab("On the screen", terminal(screen, "clearpay-doctor tui")) if screen else []
    row = evidence.captured(example, facts) if example else None
    if example and row:
        shown = f"$ {entry_head.command(example, facts)}\n{row.broken}"
        tabs += tab("On the command line", terminal(shown, f"lab, {row.finding}"))
    return [LEAD, "", *tabs, ""] if tabs else []


def _list(entries: list[Entry]) -> Iterator[str]:
    yield from ('<div class="cp-entries" markdown>', "")
    for entry in entries:
        yield f"- {severity(entry.severity)} {entry_link(entry, PATH)} `{entry.id}`"
    yield from ("", "</div>", "")


def _broken(facts: Facts) -> Iterator[str]:
    for path, problems in facts.broken.items():
        yield from (f'!!! failure "The record of {escaped(PurePosixPath(path).stem)} cannot be read"', "")
        yield from (f"    - {escaped(problem)}" for problem in problems)
        yield ""
