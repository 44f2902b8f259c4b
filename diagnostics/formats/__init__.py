"""From a report to text, one function a format. The exit code is decided before and stays the same."""

from collections.abc import Callable

from diagnostics.formats.human import human
from diagnostics.formats.json import document_text
from diagnostics.formats.junit import junit
from diagnostics.formats.markdown import markdown
from diagnostics.formats.nagios import nagios
from diagnostics.formats.prometheus import prometheus
from diagnostics.report import Report
from diagnostics.terminal import Terminal

FORMATS: dict[str, Callable[[Report, Terminal], str]] = {
    "human": human,
    "json": document_text,
    "markdown": markdown,
    "junit": junit,
    "prometheus": prometheus,
    "nagios": nagios,
}
STREAMED = "ndjson"
"""Written while the run goes on, therefore not a function of the report."""
