"""The verbs in the order of the help. Only the one that is called is imported."""

import importlib
from types import ModuleType

VERBS: dict[str, str] = {
    "match": "rank the known errors for a text; no network",
    "diagnose": "match a text, then run the probes that tell the candidates apart",
    "check": "run probes: a probe, a layer, an entry or a finding",
    "verify": "run the probes of one entry again until they pass",
    "explain": "show an entry, a finding or an error name",
    "list": "list entries, probes, findings, targets or runbooks",
    "runbook": "list, draw and run runbooks",
    "lab": "real servers on this machine, to break and repair",
    "demo": "break the lab, fail, diagnose, fix, verify",
    "entry": "write and check records",
    "tui": "the same on a screen: paste an error, watch the probes, verify the fix",
    "completion": "print the completion script of a shell",
}

ELSEWHERE: dict[str, str] = {"tui": "tui.cli"}
"""Verbs of the views. A name and no import: what examines does not know who shows it."""


def load(verb: str) -> ModuleType:
    """The module of a verb: `HELP_EXAMPLE`, `add_arguments(parser)` and `run(options) -> int`."""
    return importlib.import_module(ELSEWHERE.get(verb, f"diagnostics.cli.commands.{verb}"))
