"""Probes in the order of runs, reports and root causes, which is the order in which a request uses a system.

A server must answer before a login is judged, and a login must succeed before sessions are. To add a probe,
add its module and a line to the table.
"""

from diagnostics.engine.module_table import ModuleTable
from diagnostics.engine.probe import Probe

PROBES: ModuleTable[Probe] = ModuleTable(
    "diagnostics.probes",
    "source",
    "credentials",
    "timeouts",
    "currency",
    "verification",
    "logs",
    "tls",
    "reach",
    "clock",
    "latency",
    "key",
    "token",
    "scopes",
    "quota",
    "agreement",
    "loop",
    "webhook",
    "connect",
    "login",
    "pooler",
    "rotation",
    "kills",
    "pool",
    "statements",
    "conflicts",
    "batches",
    "report",
)
