"""The probes, in the order in which a request travels: that is the order of runs, reports and root causes.

What is reached first comes first: nothing is said about a login before a server answers, and nothing
about sessions before one can log in. Adding a probe is its file and one line here.
"""

from diagnostics.probe import Probe
from diagnostics.probes import (
    batches,
    conflicts,
    connect,
    kills,
    login,
    pool,
    report,
    rotation,
    statements,
)

PROBES: dict[str, Probe] = {
    "connect": connect,
    "login": login,
    "rotation": rotation,
    "kills": kills,
    "pool": pool,
    "statements": statements,
    "conflicts": conflicts,
    "batches": batches,
    "report": report,
}
