"""Faults of installed packs: those that their records declare, and those of their modules `faults`."""

from collections.abc import Mapping
from functools import cache

from diagnostics.lab.errors import LabError
from diagnostics.lab.faults.declared import declared_faults
from diagnostics.lab.faults.fault import Fault
from diagnostics.packs.installed import installed_packs


@cache
def faults_of_packs() -> Mapping[str, Fault]:
    """Return the faults of all installed packs by finding. Raises LabError if a module cannot be imported."""
    if not installed_packs():
        return {}
    from diagnostics.packs.records import pack_records  # noqa: PLC0415  pydantic; for packs only

    faults = declared_faults(record.entry for record in pack_records())
    for pack in installed_packs():
        try:
            faults |= pack.faults() if pack.folder else {}
        except (Exception, SystemExit) as error:
            raise LabError(f"faults of pack {pack.name}: {type(error).__name__}: {error}") from error
    return faults
