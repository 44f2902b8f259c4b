"""Tests of the generator: renamed, retired, broken and hostile records, links, patterns, first screens."""

import re
from dataclasses import fields, replace
from html import unescape
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
from kb.records.models import Entry
from kb.records.placeholders import fill, fill_text
from kb.rendering.sections import FAILING_CODE
from site_docs import hook, javascript
from site_docs.export import export
from site_docs.facts import ROOT, Facts
from site_docs.generate import generate
from site_docs.markup import escaped, fix_anchor, single_line
from site_docs.mkdocs_build.generated_page import GeneratedPage
from site_docs.mkdocs_build.live_facts import load_live_facts
from site_docs.mkdocs_build.markdown_copies import without_layout
from site_docs.page_types.entry import TOC_LABEL_MAX
from site_docs.page_types.entry_groups import part_of
from site_docs.page_types.evidence import captured_finding
from site_docs.page_types.fix_steps import PROGRAM, edited_lines, manual_step
from site_docs.proof import Environment, Proof, Row, Transcript
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
    row = Row(cause, ID, (ID,), True, "deadlock detected")
    captured = {cause: Transcript("connect  pass", "confirmed")}
    proof = Proof("2026-01-01", (Environment("Python 3", {cause: row}),), captured)
    files = generate(replace(FACTS, proof=proof))
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


def test_a_markdown_copy_has_the_text_without_the_layout() -> None:
    text = '<div class="x" markdown>\n\n**Run**\n\n```html\n<div>\n```\n\n</div>\n<script>1</script>\n\nEnd\n'
    badge = (
        '- <span class="cp-badge cp-high">high</span> [Title](a.md) <span class="cp-names">`a` `B`</span>\n'
    )

    assert without_layout(text) == "**Run**\n\n```html\n<div>\n```\n\nEnd\n"
    assert without_layout(badge) == "- high [Title](a.md) `a` `B`\n"


def first_screen(page: str) -> str:
    return page.partition('<div class="cp-now"')[2].partition("\n\n## ")[0]


def test_a_page_begins_with_a_command_a_fix_the_mitigation_and_the_escalation() -> None:
    for entry in FACTS.current_entries:
        screen = first_screen(shipped_files()[f"errors/{entry.id}.md"].text)
        labels = re.findall(r"^\*\*([A-Z][\w ]+)\*\* ", screen, re.MULTILINE)

        assert labels[0] == "Check by hand", entry.id
        assert labels[1:] == [labels[1], "Stop the damage", "Escalate"], entry.id
        assert labels[1] in {"Fix", "Fix of the most frequent cause"}
        assert "\n```" in screen.partition("**Fix")[0], entry.id
        assert f"**1. {escaped(fill(entry.causes[0].fix[0], {}).title)}**" in screen, entry.id


def test_the_lab_is_a_target_in_transcripts_only() -> None:
    transcript = re.compile(
        r"^( *)```\{ \.text \.cp-screen title=\"from the lab.*?^\1```$", re.MULTILINE | re.DOTALL
    )
    for path, file in shipped_files().items():
        if file.is_page and path not in {"changes.md", "commands.md"}:
            assert "--target lab" not in transcript.sub("", file.text), path


def test_every_entry_and_group_has_a_transcript_with_its_fix() -> None:
    for entry in FACTS.current_entries:
        for part in [part_of(entry, group) for group in entry.groups] or [entry]:
            finding = captured_finding(part, FACTS)
            cause = next(cause for cause in part.causes if cause.finding == finding)
            output = FACTS.proof.transcripts[finding].broken
            verdict = re.compile(rf"(confirmed|suspected)  {entry.id} on lab")

            assert verdict.search(output), finding
            assert single_line(fill_text(cause.sentence, {}))[:30] in single_line(output), finding
            assert re.search(r"\n  Fix\n  1\. ", output), finding
            assert re.search(r"\d (ms|s)\b", output), finding


def test_a_screen_of_the_api_has_the_port_of_an_api() -> None:
    for finding, captured in FACTS.proof.transcripts.items():
        for url in re.findall(r"https?://[\w.]+:\d+", captured.broken + captured.healthy):
            assert not url.endswith(":5432"), finding


def test_a_group_of_causes_has_its_page_and_the_entry_keeps_the_addresses_of_its_fixes() -> None:
    grouped = [entry for entry in FACTS.current_entries if entry.groups]

    assert {"tls-certificate", "config-webhook"} <= {entry.id for entry in grouped}
    for entry in grouped:
        hub = shipped_files()[f"errors/{entry.id}.md"].text
        for cause in entry.causes:
            anchor = fix_anchor(cause.finding)
            assert f"]({entry.id}/{cause.group}.md#{anchor}){{ #{anchor} .cp-moved }}" in hub
            assert f"{{ #{anchor} " in shipped_files()[f"errors/{entry.id}/{cause.group}.md"].text


def test_a_table_of_contents_has_words_and_no_internal_ids() -> None:
    findings = {cause.finding for entry in FACTS.current_entries for cause in entry.causes}
    labels = [
        unescape(label)
        for file in shipped_files().values()
        for label in re.findall(r"data-toc-label='([^']+)'", file.text)
    ]

    assert len(labels) >= len(findings)
    assert not findings & set(labels)
    assert max(map(len, labels)) <= TOC_LABEL_MAX + len("…")


def test_a_step_with_ways_has_a_tab_for_each_platform() -> None:
    text = shipped_files()["errors/db-connection-refused.md"].text

    for platform in ("systemd", "Docker", "Kubernetes", "RDS", "Cloud SQL"):
        assert f'=== "{platform}"' in first_screen(text), platform


def test_a_change_of_a_file_shows_its_lines_first_and_the_program_on_demand() -> None:
    edits = 0
    for entry in FACTS.current_entries:
        for part, path in parts_of(entry):
            text = shipped_files()[path].text
            for step in (step for cause in part.causes for step in cause.fix if step.edit):
                edits += 1
                lines, program = edited_lines(step), f'??? example "{PROGRAM}"'
                beginning = text[: text.rindex(program)]

                assert all(line in beginning for line in lines.split("\n")), (path, step.title)
                assert "difflib" not in first_screen(text), path
    assert edits > 10


def parts_of(entry: Entry) -> list[tuple[Entry, str]]:
    """Return each page of an entry with the causes whose fixes it has."""
    groups = [(part_of(entry, group), f"errors/{entry.id}/{group.id}.md") for group in entry.groups]
    return groups or [(entry, f"errors/{entry.id}.md")]


def test_the_example_values_of_a_page_stand_in_one_list() -> None:
    text = shipped_files()["errors/db-connection-refused.md"].text.partition("\n## Verify")[0]
    values = text.partition("### Example values")[2].partition("\n### ")[0]

    assert "- `clearpay-db`: the container of the database server, " in values
    assert text.count("the container of the database server") == 1


def test_llms_txt_lists_every_entry_runbook_and_page() -> None:
    text = shipped_files()["llms.txt"].text
    links = set(re.findall(r"\]\(([^)]+\.md)\)", text))

    assert text.startswith("# clearpay-doctor\n\n> ")
    assert {f"errors/{entry.id}.md" for entry in FACTS.current_entries} <= links
    assert {f"runbooks/{name}.md" for name in FACTS.runbooks} <= links
    assert set(FACTS.pages) <= links
    assert not [link for link in links if link not in shipped_files() and link not in FACTS.pages]


def test_a_command_has_the_option_that_its_probes_need() -> None:
    for entry in FACTS.current_entries:
        text = shipped_files()[f"errors/{entry.id}.md"].text
        active = any(FACTS.probes[name].SAFETY == "active" for name in FACTS.catalogue.probes_of(entry))

        assert (f"check {entry.id} --active" in text) == active
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
        "",
        "3. Stop.",
        "",
        "Never stop twice.",
    ]
    assert markdown("\n".join(manual_step(text))).count("<li>") == 3


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

    entries = [path for path in pages if path.startswith("errors/") and path.count("/") == 1]

    assert len(entries) == size + 1  # and the list of all errors
