"""Output formats of a scan: one module per format, each with `render(report, terminal) -> str`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from diagnostics.engine.module_table import ModuleTable
from diagnostics.terminal import Terminal

if TYPE_CHECKING:
    from diagnostics.scan.report import ScanReport

Renderer: TypeAlias = Callable[["ScanReport", Terminal], str]

SCAN_FORMATS: ModuleTable[Renderer] = ModuleTable(
    "diagnostics.scan.formats", "human", "json", "ndjson", "markdown", "html", attribute="render"
)
