"""One pack: an installed package with folders of entries, runbooks and probes, each of them optional."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

ENTRIES: Final = "entries"
RUNBOOKS: Final = "runbooks"
PROBES: Final = "probes"
FAULTS: Final = "faults"


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
    def probe_names(self) -> tuple[str, ...]:
        """Names of the probes in Python: the module `late_payouts` is the probe `late-payouts`."""
        files = sorted((Path(self.folder) / PROBES).glob("*.py")) if self.folder else []
        return tuple(file.stem.replace("_", "-") for file in files if not file.stem.startswith("_"))

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
