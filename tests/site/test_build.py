"""Tests of the built site: links, external resources, page sizes, addresses."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from diagnostics.probes import PROBES
from kb.records.loader import load_entries
from kb.runbook_model.loader import load_runbooks
from tests.site.conftest import PATIENCE, build

pytestmark = pytest.mark.site

RELEASED = Path(__file__).with_name("released.txt")
PAGE_MAX = 60 * 1024
"""Maximum size of the HTML of a page in bytes."""
COMPRESSED_MAX = 20 * 1024
"""Maximum size of the same, compressed as servers send it."""
LISTS = {"symptoms", "told", "changes", "matrix", "target-file"}
"""Pages with texts of every record, release, fault or key, which grow with them."""
LIST_MAX = 32 * 1024
"""Maximum size of such a page in bytes, compressed."""
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^( *)(`{3,}).*?^\1\2$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


class Links(HTMLParser):
    """Links, loaded resources and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.loads: list[str] = []
        self.copies: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links, resources and anchors of one element."""
        attributes = {name: value or "" for name, value in attrs}
        self.anchors |= {attributes[name] for name in ("id", "name") if name in attributes}
        if tag == "a" and "href" in attributes:
            self.to.append(attributes["href"])
        if tag in {"script", "img", "iframe"} and "src" in attributes:
            self.loads.append(attributes["src"])
        if tag == "link" and attributes.get("rel") == "alternate":
            self.copies.append(attributes["href"])
        elif tag == "link" and attributes.get("rel") not in {"canonical", "edit"}:
            self.loads.append(attributes["href"])


def pages(folder: Path) -> dict[Path, Links]:
    return {path: Links(path.read_text("utf-8")) for path in folder.rglob("*.html")}


def place(folder: Path, page: Path, path: str) -> Path:
    """Return the file of an address within the site."""
    found = (folder / path.lstrip("/") if path.startswith("/") else page.parent / unquote(path)).resolve()
    return found / "index.html" if found.is_dir() else found


@pytest.mark.parametrize("kind", ["site", "offline_site"])
def test_every_link_and_anchor_leads_somewhere(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    by_path = pages(folder)
    broken = []
    for page, links in by_path.items():
        for link in links.to:
            parts = urlsplit(link)
            if parts.scheme or page.name == "404.html":
                continue
            there = place(folder, page, parts.path) if parts.path else page
            missing = parts.fragment and there in by_path and parts.fragment not in by_path[there].anchors
            if not there.exists() or missing:
                broken.append(f"{page.relative_to(folder)}: {link}")

    assert not broken


@pytest.mark.parametrize("kind", ["site", "offline_site"])
def test_no_page_loads_anything_from_elsewhere(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)

    assert not [load for links in pages(folder).values() for load in links.loads if urlsplit(load).scheme]


def test_every_page_weighs_little(site: Path) -> None:
    texts = {str(path.parent.relative_to(site)): path.read_bytes() for path in site.rglob("index.html")}
    sizes = {name: (len(text), len(gzip.compress(text))) for name, text in texts.items()}

    assert len(sizes) > len(load_entries()) + len(PROBES)
    others = {name: size for name, size in sizes.items() if name not in LISTS}
    assert {name: size for name, size in others.items() if size > (PAGE_MAX, 0)} == {}
    assert {name: small for name, (_, small) in others.items() if small > COMPRESSED_MAX} == {}
    assert {name: sizes[name] for name in LISTS if sizes[name][1] > LIST_MAX} == {}


def test_the_search_reads_the_cells_of_a_table_apart(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    found = " ".join(doc["text"] for doc in index["docs"] if doc["location"].startswith("glossary/"))
    cells = re.findall(r"\*\*([\w-]+)\*\* \| (\w+)", (site / "glossary.md").read_text("utf-8"))
    words = re.sub(r"<[^>]+>", "", found)

    assert cells
    assert all(term in words for term, _ in cells)
    assert not [cell for cell in cells if "".join(cell) in words]


def test_every_entry_probe_and_runbook_has_its_page_and_its_markdown_copy(site: Path) -> None:
    for address in [
        *(f"errors/{name}" for name in load_entries()),
        *(f"probes/{name}" for name in PROBES),
        *(f"runbooks/{name}" for name in load_runbooks()),
    ]:
        assert (site / address / "index.html").exists(), address
        assert (site / f"{address}.md").read_text("utf-8").startswith("# "), address


@pytest.mark.parametrize("kind", ["site", "offline_site"])
def test_every_page_links_to_its_markdown_copy_whose_links_lead_somewhere(
    kind: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    for path, links in pages(folder).items():
        if path.name != "404.html":
            assert [place(folder, path, link).exists() for link in links.copies] == [True], path
    copies = list(folder.rglob("*.md"))
    broken = []
    for copy in copies:
        for link in LINK.findall(FENCED.sub("", copy.read_text("utf-8"))):
            target = copy.parent / urlsplit(link).path
            if not urlsplit(link).scheme and urlsplit(link).path and not target.exists():
                broken.append(f"{copy.relative_to(folder)}: {link}")

    assert len(copies) > len(load_entries()) + len(PROBES)
    assert broken == []


def test_llms_txt_and_errors_json_name_copies_that_exist(site: Path) -> None:
    links = LINK.findall((site / "llms.txt").read_text("utf-8"))

    assert len(links) > len(load_entries()) + len(PROBES)
    assert [link for link in links if not (site / link).exists()] == []


def test_a_published_site_has_its_addresses_edit_links_and_a_way_to_report(tmp_path: Path) -> None:
    published = {"SITE_URL": "https://kb.example/doctor/", "REPO_URL": "https://git.example/team/doctor"}
    building = build(tmp_path, "mkdocs.yml", {**published, "EDIT_URI": "edit/main/"})
    _, log = building.communicate(timeout=PATIENCE)
    assert building.returncode == 0, log
    text = (tmp_path / "errors" / "db-deadlock" / "index.html").read_text("utf-8")
    sitemap = (tmp_path / "sitemap.xml").read_text("utf-8")

    assert '<link rel="canonical" href="https://kb.example/doctor/errors/db-deadlock/">' in text
    assert "https://git.example/team/doctor/edit/main/kb/entries/database/db-deadlock/entry.yaml" in text
    assert 'href="https://git.example/team/doctor/issues/new?title=' in text
    for name in load_entries():
        assert f"<loc>https://kb.example/doctor/errors/{name}/</loc>" in sitemap
    assert 'data-md-component="source"' not in text


def test_a_site_without_a_repository_has_no_link_to_one(site: Path) -> None:
    text = (site / "errors" / "db-deadlock" / "index.html").read_text("utf-8")

    assert "issues/new" not in text
    assert 'rel="edit"' not in text


def test_errors_json_holds_every_entry_and_its_addresses(site: Path) -> None:
    errors = json.loads((site / "errors.json").read_text("utf-8"))["errors"]

    assert {error["id"] for error in errors} == set(load_entries())
    for error in errors:
        assert (site / error["page"] / "index.html").exists()
        assert (site / error["markdown"]).exists()


def test_the_published_schemas_are_schemas(site: Path) -> None:
    for name in ("incident", "record", "report", "runbook", "scan"):
        Draft202012Validator.check_schema(json.loads((site / f"{name}.schema.json").read_text("utf-8")))


def test_every_id_that_was_ever_released_has_a_page(site: Path) -> None:
    released = RELEASED.read_text("utf-8").split()

    assert released == sorted(set(released))
    assert [name for name in released if not (site / "errors" / name / "index.html").exists()] == []


def test_entries_stay_out_of_the_navigation_of_every_page(site: Path) -> None:
    text = (site / "exit-codes" / "index.html").read_text("utf-8")

    assert not [name for name in load_entries() if f"errors/{name}/" in text]
