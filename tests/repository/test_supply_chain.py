"""The lock of the development environment: complete, with hashes, without places of one machine."""

import re
import subprocess
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.diagnostics.cli.test_main import ROOT

LOCK = ROOT / "requirements-dev.lock"
PINNED = re.compile(r"([a-z0-9._-]+)(?:\[[a-z0-9,._-]+\])?==([^\s;]+)(?: ; ([^\\]+?))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def requirements(extra: str = "") -> Iterator[Requirement]:
    """Yield the requirements of the project and of an extra, with those that it includes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = project["optional-dependencies"][extra] if extra else project["dependencies"]
    for requirement in map(Requirement, listed):
        if requirement.name == project["name"]:
            for included in sorted(requirement.extras):
                yield from requirements(included)
        else:
            yield requirement


def pinned() -> dict[str, list[Version]]:
    """Return the locked versions by name; a package may have one for each version of Python."""
    versions: dict[str, list[Version]] = {}
    for name, version, _ in PINNED.findall(LOCK.read_text("utf-8")):
        versions.setdefault(canonicalize_name(name), []).append(Version(version))
    return versions


@pytest.mark.parametrize("requirement", [*requirements(), *requirements("dev")], ids=str)
def test_the_lock_has_a_version_that_each_requirement_allows(requirement: Requirement) -> None:
    versions = pinned()[canonicalize_name(requirement.name)]

    assert all(requirement.specifier.contains(version) for version in versions), "run: make lock"


def test_the_lock_has_nothing_but_versions_with_their_hashes() -> None:
    lines = LOCK.read_text("utf-8").splitlines()

    assert [line for line in lines if not PINNED.fullmatch(line) and not HASH.fullmatch(line)] == []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if PINNED.fullmatch(line):
            assert HASH.fullmatch(following), line


def test_the_lock_names_no_place() -> None:
    assert not re.search(r"https?:|file:|git\+|//|--(?:index|extra|find)|(?:^|\s)/", LOCK.read_text("utf-8"))


@pytest.mark.parametrize(
    ("target", "tool"), [("lock", "uv pip compile"), ("sbom", "cyclonedx-py environment")]
)
def test_make_writes_lock_and_bill_of_materials_by_their_tools(target: str, tool: str) -> None:
    plan = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert tool in plan
    assert "requirements-dev.lock" in plan or "build/sbom.cdx.json" in plan
