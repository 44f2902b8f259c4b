"""Probes of a pack in Python, and what is wrong with them."""

import re
from collections.abc import Iterator
from typing import Final

from diagnostics.engine.module_table import ModuleTable
from diagnostics.engine.probe import Probe
from diagnostics.packs.pack import ENTRIES, PROBES, RUNBOOKS, Pack

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_DECLARED: Final = ("QUESTION", "LAYER", "APPLIES_TO", "NEEDS", "READS", "FINDINGS", "SAFETY", "BUDGET")
"""Constants of a probe that a run cannot do without."""


def probes_of_pack(pack: Pack) -> ModuleTable[Probe]:
    """Return the table of the probes, which are imported when they are used."""
    return ModuleTable(f"{pack.package}.{PROBES}", *pack.probe_names)


def problems_of_pack(pack: Pack) -> Iterator[str]:
    """Yield what is wrong with the package and its probes, which are imported; entries are not read."""
    if not pack.folder:
        yield f"the package {pack.package} cannot be found"
    elif not any((pack.entries.is_dir(), pack.runbooks.is_dir(), pack.probe_names)):
        yield f"{pack.folder} has none of the folders {ENTRIES}, {RUNBOOKS} and {PROBES}"
    else:
        for name in pack.probe_names:
            if problem := _problem_of_probe(name, pack):
                yield f"{pack.probe_file(name)}: {problem}"


def _problem_of_probe(name: str, pack: Pack) -> str:
    if not _NAME.fullmatch(name):
        return "the name of a probe has lower-case letters, digits and underscores"
    try:
        probe = probes_of_pack(pack)[name]
    except (Exception, SystemExit) as error:  # noqa: BLE001  a broken pack takes nothing along
        return f"{type(error).__name__}: {error}".splitlines()[0]
    missing = [constant for constant in (*_DECLARED, "run") if not hasattr(probe, constant)]
    if missing:
        return f"{missing[0]} is missing"
    wrong = [code for code in probe.FINDINGS if not code.startswith(f"{name}.")]
    return f"FINDINGS: {wrong[0]} does not begin with {name}." if wrong else ""
