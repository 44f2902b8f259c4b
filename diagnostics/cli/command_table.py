"""Names and summaries of the commands, in the order of the help; a module is imported when it is called."""

import importlib
from types import ModuleType

COMMANDS: dict[str, str] = {
    "match": "rank the known errors for a text; no network",
    "scan": "find known errors in logs of any size: what broke first, when, where, what followed",
    "diagnose": "match a text, then run the probes that tell the candidates apart",
    "check": "run probes: a probe, a layer, an entry or a finding",
    "verify": "run the probes of one entry until they pass",
    "fix": "apply the fix of a confirmed entry with consent, and verify it",
    "explain": "print the page of an entry, a finding, an error name or a sign",
    "list": "list entries, probes, findings, targets, keys, runbooks, runs or packs",
    "runbook": "list, draw and run runbooks",
    "lab": "run real servers on this machine, to break and repair",
    "serve": "serve the results of a target file's targets to Prometheus",
    "demo": "show one entry on the lab: break, fail, diagnose, fix, verify",
    "allow": "let a target file that was found use its secrets and commands",
    "entry": "create and check entries, print schemas",
    "pack": "write a new pack: a package with entries, runbooks and probes",
    "tui": "full-screen interface: paste an error, watch the probes, verify the fix",
    "completion": "print the completion script of a shell",
}

VIEW_COMMANDS: dict[str, str] = {"tui": "tui.cli"}
"""Modules of commands outside this package, by name: `diagnostics` must not import the views."""


def load(command: str) -> ModuleType:
    """Import the module of a command: it has `EXAMPLE`, `add_arguments(parser)` and `run(options) -> int`."""
    return importlib.import_module(VIEW_COMMANDS.get(command, f"diagnostics.cli.commands.{command}"))
