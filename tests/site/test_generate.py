"""Tests of the generator: renamed, retired, broken and hostile records, links, patterns, minification."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from markdown import markdown
from mkdocs.config import load_config
from mkdocs.structure.files import Files, get_files
from mkdocs.structure.pages import Page

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import parser_for
from diagnostics.exit_codes import ExitCode
from diagnostics.targets.settings import TargetSettings, Thresholds
from kb.records.loader import ENTRIES
from kb.rendering.sections import FAILING_CODE
from site_docs import hook, javascript
from site_docs.export import export
from site_docs.facts import ROOT, Facts
from site_docs.generate import generate
from site_docs.mkdocs_build.generated_page import GeneratedPage
from site_docs.mkdocs_build.live_facts import load_live_facts
from site_docs.mkdocs_build.minify import minify_code, minify_page
from site_docs.page_types.fix_steps import manual_step
from site_docs.proof import Environment, Proof, Row
from tests.site.shipped import FACTS, shipped_files
from tests.tools.bench_site import many

EXTENSIONS = ["attr_list", "md_in_html", "tables", "admonition"]
ID = "db-deadlock"


def changed(**values: object) -> Facts:
    """Return the facts with one changed entry."""
    return replace(FACTS, entries={**FACTS.entries, ID: replace(FACTS.entries[ID], **values)})  # type: ignore[arg-type]


def test_an_old_id_leads_to_the_new_one() -> None:
    text = generate(changed(aliases=("db-old-name",)))["errors/db-old-name.md"].text

    assert f"]({ID}.md)" in text


def test_a_retired_entry_keeps_its_page_and_leaves_the_lists() -> None:
    files = generate(changed(retired="PostgreSQL 30 ends deadlocks."))

    assert "PostgreSQL 30 ends deadlocks." in files[f"errors/{ID}.md"].text
    assert f"(errors/{ID}.md)" not in files["index.md"].text
    assert ID not in files["symptoms.md"].text


def test_text_of_a_record_never_becomes_markup() -> None:
    hostile = '<script>alert(1)</script> | # [x](javascript:alert(1)) ``` " {: onclick=1 }'
    files = generate(changed(title=hostile, summary=hostile, impact=hostile))

    for path in (f"errors/{ID}.md", "index.md", "errors/index.md"):
        shown = markdown(files[path].text.partition("\n---\n")[2], extensions=EXTENSIONS)
        assert "<script>alert" not in shown
        assert 'href="javascript' not in shown
        assert 'onclick="' not in shown


def test_failing_and_corrected_code_stand_in_two_tabs() -> None:
    with_code = [entry for entry in FACTS.current_entries if entry.before_code and entry.after_code]

    assert with_code
    for entry in with_code:
        section = shipped_files()[f"errors/{entry.id}.md"].text.partition("### The code { #code }")[2]
        assert section.count('=== "Before"') == section.count('=== "After"') == 1, entry.id
        assert FAILING_CODE not in section


def test_an_entry_without_proof_says_so() -> None:
    text = generate(replace(FACTS, proof=Proof("2026-01-01", ())))[f"errors/{ID}.md"].text

    assert "not yet" in text


def test_a_page_shows_what_the_command_said_on_the_lab() -> None:
    cause = FACTS.entries[ID].causes[0].finding
    row = Row(cause, ID, (ID,), True, "deadlock detected", "connect  pass", "confirmed")
    files = generate(replace(FACTS, proof=Proof("2026-01-01", (Environment("Python 3", {cause: row}),))))
    text = files[f"errors/{ID}.md"].text

    assert '=== "Broken"' in text
    assert '=== "Healthy"' in text
    assert f"check {ID} --target lab" in text


def test_every_option_key_and_code_stands_in_the_reference() -> None:
    pages = shipped_files()

    for verb in COMMANDS:
        assert f"clearpay-doctor {verb}" in pages["commands.md"].text
    for cls in (TargetSettings, Thresholds):
        for field in fields(cls):
            assert f"| `{field.name}` |" in pages["target-file.md"].text
    for code in ExitCode:
        assert f"| {int(code)} | `{code.name}` |" in pages["exit-codes.md"].text


def test_every_edit_link_names_a_file_of_the_repository() -> None:
    sources = [file.source for file in shipped_files().values() if file.source]

    assert len(sources) > len(FACTS.entries) + len(FACTS.probes)
    assert [source for source in sources if not (ENTRIES.parent.parent / source).exists()] == []


def commands() -> set[str]:
    """Return every command of clearpay-doctor in the generated pages."""
    blocks = (
        block
        for file in shipped_files().values()
        if file.is_page
        for block in re.findall(r"^```sh\n(.*?)^```", file.text, re.MULTILINE | re.DOTALL)
    )
    return {line for block in blocks for line in block.splitlines() if line.startswith("clearpay-doctor ")}


def test_every_command_of_a_page_is_understood() -> None:
    lines = commands()

    assert len(lines) > 2 * len(FACTS.current_entries)
    for line in lines:
        _, verb, *words = line.split()
        parser_for(verb, load(verb)).parse_args(words)


def test_a_page_links_to_its_record_where_the_repository_has_an_address() -> None:
    where = {"repo_url": "https://git.example/clearpay-doctor", "edit_uri": "edit/main/"}
    config = load_config(str(ROOT / "mkdocs.yml"), **where)
    config.plugins._current_plugin = "hook"  # MkDocs sets it while it runs a hook
    files = hook.on_files(Files([]), config)
    page = Page(None, files.src_uris[f"errors/{ID}.md"], config)

    record = f"kb/entries/database/{ID}/entry.yaml"
    assert page.edit_url == f"https://git.example/clearpay-doctor/edit/main/{record}"


def test_the_export_holds_pages_assets_and_data(tmp_path: Path) -> None:
    export(tmp_path, FACTS)

    for name in (
        f"errors/{ID}.md",
        "architecture.md",
        "errors.json",
        "assets/extra.css",
        "assets/match/matcher.js",
    ):
        assert (tmp_path / name).read_text("utf-8")


def test_a_broken_record_leaves_a_page_that_says_why_and_the_others_stay(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    for name, text in {"db-one": "title: [", "db-two": "title: x\nseverity: nonsense\n"}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "entry.yaml").write_text(text, "utf-8")
    files = generate(load_live_facts(tmp_path))

    assert "not YAML" in files["errors/db-one.md"].text
    assert "severity" in files["errors/db-two.md"].text
    assert "db-one" in files["index.md"].text


@pytest.mark.parametrize(
    ("python", "source", "flags"),
    [
        (r"(?i)\bpass(?P<s>[^\n]*)", "pass(?<s>[^\\n]*)", "ui"),
        (r"[\w.-]+\d", "[\\p{L}\\p{N}_.\\-]+\\p{Nd}", "u"),
        (r"""["'\"]x""", """["'"]x""", "u"),
        (r"a$", "a(?=\\n?(?![\\s\\S]))", "u"),
        (r"(?m)a$", "a$", "um"),
        ("\u200b", "\\u{200b}", "u"),
    ],
)
def test_a_pattern_is_translated_to_javascript(python: str, source: str, flags: str) -> None:
    regexp = javascript.pattern(python)

    assert regexp["source"].endswith(source.replace("\\-", "-")) or regexp["source"].endswith(source)
    assert regexp["flags"] == flags


def test_minification_keeps_the_visible_text() -> None:
    assert minify_code('<span class="k">def</span><span class="w"> </span><span class="n">f</span>') == (
        '<span class="k">def</span> f'
    )
    assert minify_page(markdown("|a|b|\n|-|-|\n|`</td>`||\n|3|4|", extensions=["tables"])) == (
        "<table>\n<thead>\n<tr><th>a<th>b</thead>\n<tbody>\n"
        "<tr><td><code>&lt;/td&gt;</code><td><tr><td>3<td>4</tbody>\n</table>"
    )
    assert minify_page("<div>\n   <p>\n\n    a\n<article><pre>\n  x</pre>\n  <b></article>\n  </div>") == (
        "<div>\n<p>\na\n<article><pre>\n  x</pre>\n  <b></article>\n</div>"
    )


def test_a_page_begins_with_what_to_run_and_what_each_answer_makes_one_change() -> None:
    for entry in FACTS.current_entries:
        head = shipped_files()[f"errors/{entry.id}.md"].text.partition("\n## ")[0]

        assert f"```sh\nclearpay-doctor check {entry.id} --target lab" in head
        assert "](#fix-" in head or f"[{len(entry.causes)} causes](#which-cause)" in head


def test_a_command_has_the_option_that_its_probes_need() -> None:
    for entry in FACTS.current_entries:
        text = shipped_files()[f"errors/{entry.id}.md"].text
        active = any(FACTS.probes[name].SAFETY == "active" for name in FACTS.catalogue.probes_of(entry))

        assert (f"check {entry.id} --target lab --active" in text) == active
        assert ("intrusive probes" in text) == active


def test_what_a_person_does_is_a_list_with_its_commands() -> None:
    text = "1. Read it.\n2. Then ask:\n   `psql -c 'SELECT 1'`\n   It answers 1.\n3. Stop.\nNever stop twice."

    assert "\n".join(manual_step(text)).strip().split("\n") == [
        "1. Read it.",
        "2. Then ask:",
        "",
        "    ```text",
        "    psql -c 'SELECT 1'",
        "    ```",
        "",
        "",
        "    It answers 1.",
        "3. Stop.",
        "",
        "Never stop twice.",
    ]


def test_a_page_of_the_repository_has_its_place_there_as_its_edit_link() -> None:
    config = load_config(str(ROOT / "mkdocs.yml"))
    files = hook.on_files(get_files(config), config)
    places = [str(file.edit_uri) for file in files.documentation_pages() if file.edit_uri]

    assert "site_docs/pages/glossary.md" in places
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_a_page_is_built_again_only_if_its_text_is_another_one() -> None:
    config = load_config(str(ROOT / "mkdocs.yml"))
    page = GeneratedPage.create(config, "errors/some.md", "text", "")

    assert page.is_modified()
    page.mark_built()
    assert not GeneratedPage.create(config, "errors/some.md", "text", "").is_modified()
    assert GeneratedPage.create(config, "errors/some.md", "other text", "").is_modified()


@pytest.mark.parametrize("size", [5, len(FACTS.entries) + 5])
def test_the_records_of_the_benchmark_make_a_site(size: int) -> None:
    pages = generate(many(size))

    assert sum(path.startswith("errors/") and path != "errors/index.md" for path in pages) == size
