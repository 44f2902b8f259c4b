"""Output formats of a report: one module per format, each with `render(report, terminal) -> str`.

The exit code is decided before a report is rendered, so it is the same in every format.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from diagnostics.engine.module_table import ModuleTable
from diagnostics.terminal import Terminal

if TYPE_CHECKING:
    from diagnostics.report.model import Report

Renderer: TypeAlias = Callable[["Report", Terminal], str]

FORMATS: ModuleTable[Renderer] = ModuleTable(
    "diagnostics.report.formats",
    "human",
    "json",
    "markdown",
    "junit",
    "prometheus",
    "nagios",
    "sarif",
    attribute="render",
)
STREAMED = "ndjson"
"""The format that is written event by event during the run, and therefore not a function of the report."""
FORMAT_NAMES = (*FORMATS, STREAMED)
