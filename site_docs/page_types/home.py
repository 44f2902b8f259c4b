"""Home page: the box for pasted text, links to the lists, captured screens and all entries."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from kb.records.models import Entry
from site_docs.facts import Facts
from site_docs.file import File
from site_docs.markup import escaped, page, tab, terminal
from site_docs.page_types import evidence, lists, match_box

PATH = "index.md"
SCREEN = "triage-80x24"
"""The captured screen that shows most features."""
LEAD = "From a text to a verified fix, [on one screen](tui.md) or [by commands](commands.md):"
DESCRIPTION = "Known errors of ClearPay, each with a probe that confirms it and a tested fix."
BOX = """\
<form class="cp-paste" id="cp-paste" autocomplete="off">
<label for="cp-text">What do you see?</label>
<textarea id="cp-text" rows="7" spellcheck="false" autofocus
 placeholder="Paste a traceback or log lines, or describe the problem in a sentence."></textarea>
<div class="cp-row">
<button type="submit" class="md-button md-button--primary">Find the error</button>
<button type="button" class="md-button" id="cp-example">Try an example</button>
<span id="cp-target"></span>
<span class="cp-quiet">The text stays in this page. Secrets are masked before matching.</span>
</div>
<noscript>This box needs JavaScript. Without it: <code>clearpay-doctor match error.log</code></noscript>
</form>
<div id="cp-result" role="status" aria-live="polite"></div>"""
CARDS = """\
<div class="cp-cards" markdown>

- **[By symptom](symptoms.md)**

    Known error messages and signs, verbatim.

- **[By problem](by-trouble.md)**

    Runbooks, to follow or to run step by step.

- **[By module](modules.md)**

    Errors raised in `clearpay.db.pool` and other modules.

- **[By probe](probes/index.md)**

    Question, requirements and requests of each probe.

- **[Command line](commands.md)**

    `clearpay-doctor diagnose error.log`

</div>"""


def home_page(facts: Facts) -> File:
    """Return the home page."""
    lines = ["# What broke? { .cp-hero }", "", BOX, "", *_broken_records(facts)]
    lines += [*CARDS.split("\n"), ""]
    for layer, entries in facts.layers.items():
        lines += [f"## {lists.layer_name(layer)} {{ #{layer} }}", "", *_entry_list(entries)]
    lines += _captures(facts)
    lines += match_box.script_elements()
    text = page("What broke?", DESCRIPTION, lines, hide=["navigation", "toc"])
    return File(PATH, text)


def _captures(facts: Facts) -> list[str]:
    """Return a captured screen and the captured output of a command, in two tabs."""
    screen, example = facts.screens.get(SCREEN), facts.entries.get(match_box.EXAMPLE)
    tabs = tab("On the screen", terminal(screen, "clearpay-doctor tui")) if screen else []
    if example and (finding := evidence.captured_finding(example, facts)):
        output = facts.proof.transcripts[finding].broken
        tabs += tab("On the command line", evidence.transcript(example, finding, output, facts))
    return ["## The program { #program }", "", LEAD, "", *tabs, ""] if tabs else []


def _entry_list(entries: list[Entry]) -> Iterator[str]:
    yield from ('<div class="cp-entries" markdown>', "")
    for entry in entries:
        yield lists.entry_line(entry, PATH)
    yield from ("", "</div>", "")


def _broken_records(facts: Facts) -> Iterator[str]:
    for path, problems in facts.broken.items():
        yield from (f'!!! failure "The record of {escaped(PurePosixPath(path).stem)} cannot be read"', "")
        yield from (f"    - {escaped(problem)}" for problem in problems)
        yield ""
