"""Tests of the package structure: the table on the architecture page, import circles, sizes, docstrings."""

import graphlib
from collections.abc import Mapping

import pytest

from tests.tools.package_table import PAGE as ARCHITECTURE
from tests.tools.package_table import ROOT_PACKAGES, folder, import_graph, packages, table, with_table

GRAPH = import_graph()
PACKAGES = packages(GRAPH)
FILES_MAX = 15
TABLES = {"diagnostics.cli.commands", "diagnostics.probes", "diagnostics.lab.faults", "site_docs.page_types"}
"""Packages of many modules of one form; a reader needs only the one that they look for."""


def test_the_table_on_the_architecture_page_is_current() -> None:
    page = ARCHITECTURE.read_text("utf-8")

    assert page == with_table(page, table(PACKAGES)), "stale: run make schema"


@pytest.mark.parametrize("root", ROOT_PACKAGES)
def test_no_modules_import_each_other(root: str) -> None:
    """Count imports inside functions and under TYPE_CHECKING, too."""
    modules = {name: targets for name, targets in GRAPH.items() if name.partition(".")[0] == root}

    assert first_circle(modules) == []


def first_circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one import circle, or nothing."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_is_detected() -> None:
    assert first_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []


@pytest.mark.parametrize("name", sorted(set(PACKAGES) - TABLES))
def test_a_folder_holds_at_most_fifteen_python_files(name: str) -> None:
    assert len(list(folder(name).glob("*.py"))) <= FILES_MAX


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_has_a_docstring_of_one_line(name: str) -> None:
    purpose = PACKAGES[name].purpose

    assert purpose.endswith("."), f"{name}: the first line of its docstring is its purpose in the table"


def test_no_two_packages_have_the_same_purpose() -> None:
    assert len({package.purpose for package in PACKAGES.values()}) == len(PACKAGES)


def test_no_package_has_a_single_module() -> None:
    with_packages = {name.rpartition(".")[0] for name in PACKAGES}
    single = [
        name for name, package in PACKAGES.items() if len(package.modules) < 2 and name not in with_packages
    ]

    assert single == []


def test_every_root_package_is_in_the_table() -> None:
    assert set(ROOT_PACKAGES) <= set(PACKAGES)


def test_every_folder_with_python_files_is_a_package() -> None:
    folders = {
        path.parent
        for root in ROOT_PACKAGES
        for path in folder(root).rglob("*.py")
        if "entries" not in path.parts and "packages" not in path.parts
    }

    assert folders == {folder(name) for name in PACKAGES}
