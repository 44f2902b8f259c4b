"""One pack: an installed package with folders of entries, runbooks and probes, each of them optional."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from diagnostics.engine.module_table import ModuleTable

if TYPE_CHECKING:
    from diagnostics.engine.probe import Probe

ENTRIES: Final = "entries"
RUNBOOKS: Final = "runbooks"
PROBES: Final = "probes"
FAULTS: Final = "faults"
_PROBE_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_DECLARED: Final = ("QUESTION", "LAYER", "APPLIES_TO", "NEEDS", "READS", "FINDINGS", "SAFETY", "BUDGET")
"""Constants of a probe that a run cannot do without."""


class Pack(NamedTuple):
    """Installed pack. Its code is imported when a probe or a fault of it is used, not to find it."""

    name: str
    package: str
    version: str
    folder: str
    """Folder of the package; empty if the package cannot be found."""

    @property
    def entries(self) -> Path:
        """Folder of the entries."""
        return Path(self.folder) / ENTRIES

    @property
    def runbooks(self) -> Path:
        """Folder of the runbooks."""
        return Path(self.folder) / RUNBOOKS

    @property
    def probes(self) -> "ModuleTable[Probe]":
        """Table of the probes in Python: the module `late_payouts` is the probe `late-payouts`."""
        files = sorted((Path(self.folder) / PROBES).glob("*.py")) if self.folder else []
        names = [file.stem.replace("_", "-") for file in files if not file.stem.startswith("_")]
        return ModuleTable(f"{self.package}.{PROBES}", *names)

    def probe_file(self, name: str) -> Path:
        """Return the file of a probe."""
        return Path(self.folder) / PROBES / f"{name.replace('-', '_')}.py"

    def faults(self) -> Mapping[str, Any]:
        """Return the table FAULTS of the module `faults`, faults by finding; empty without the module."""
        if find_spec(f"{self.package}.{FAULTS}") is None:
            return {}
        table: Mapping[str, Any] = import_module(f"{self.package}.{FAULTS}").FAULTS
        return table


def folder_of(package: str) -> str:
    """Return the folder of a package, without importing it; empty if it cannot be found."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError, AttributeError):
        return ""
    return next(iter(spec.submodule_search_locations or ()), "") if spec else ""


def problems_of_pack(pack: Pack) -> Iterator[str]:
    """Yield what is wrong with the package and its probes, which are imported; entries are not read."""
    if not pack.folder:
        yield f"the package {pack.package} cannot be found"
    elif not any((pack.entries.is_dir(), pack.runbooks.is_dir(), pack.probes)):
        yield f"{pack.folder} has none of the folders {ENTRIES}, {RUNBOOKS} and {PROBES}"
    else:
        for name in pack.probes:
            if problem := _problem_of_probe(name, pack):
                yield f"{pack.probe_file(name)}: {problem}"


def _problem_of_probe(name: str, pack: Pack) -> str:
    if not _PROBE_NAME.fullmatch(name):
        return "the name of a probe has lower-case letters, digits and underscores"
    try:
        probe = pack.probes[name]
    except (Exception, SystemExit) as error:  # noqa: BLE001  a broken pack takes nothing along
        return f"{type(error).__name__}: {error}".splitlines()[0]
    missing = [constant for constant in (*_DECLARED, "run") if not hasattr(probe, constant)]
    if missing:
        return f"{missing[0]} is missing"
    wrong = [code for code in probe.FINDINGS if not code.startswith(f"{name}.")]
    return f"FINDINGS: {wrong[0]} does not begin with {name}." if wrong else ""
