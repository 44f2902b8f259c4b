"""Packs in a folder of packages of a test, as pip installs them."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from diagnostics.lab.faults.packs import faults_of_packs
from diagnostics.packs.installed import installed_packs
from diagnostics.packs.records import pack_records
from diagnostics.run import left_out
from tests.kb.records.test_validate import GOOD

PROBE = """\
QUESTION = "Is it so?"
LAYER = "database"
APPLIES_TO = ("postgresql",)
NEEDS = ()
READS = ()
FINDINGS = ("{name}.so",)
SAFETY = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing."


def run(context):
    context.evidence("seen", 1)
    context.finding("{name}.so")
"""


def record(finding: str, system: str = "ledger bridge") -> str:
    """Return a record with one cause, whose messages name a system."""
    return GOOD.replace("manual.trouble", finding).replace("ledger bridge", system)


def install(packages: Path, name: str, files: Mapping[str, str], package: str = "") -> Path:
    """Write a package with its files and the metadata that pip writes; return the folder of the package."""
    package = package or f"pack_{name}"
    folder = packages / package
    for path, text in {"__init__.py": "", **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    metadata = packages / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
    (metadata / "entry_points.txt").write_text(f"[clearpay_doctor.packs]\n{name} = {package}\n", "utf-8")
    return folder


@contextmanager
def on_the_path(packages: Path) -> Iterator[None]:
    """Search the folder for packages, and forget what was found before and after."""
    loaded = set(sys.modules)
    sys.path.append(str(packages))
    try:
        forget()
        yield
    finally:
        sys.path.remove(str(packages))
        for name in set(sys.modules) - loaded:
            if name.startswith("pack_"):
                del sys.modules[name]
        forget()


def forget() -> None:
    """Forget the packs and the lines that were printed, as a new process does."""
    for function in (installed_packs, pack_records, faults_of_packs):
        function.cache_clear()
    left_out._REPORTED.clear()
