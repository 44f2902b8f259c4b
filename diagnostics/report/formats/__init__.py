"""From a report to text, one function a format. The exit code is decided before and stays the same."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from diagnostics.terminal import Terminal

if TYPE_CHECKING:
    from diagnostics.report.model import Report

Writer: TypeAlias = Callable[["Report", Terminal], str]


class Table(Mapping[str, Writer]):
    """Writers by format. Each stands in the module of its name, which is imported when it is asked for."""

    def __init__(self, **functions: str) -> None:
        self._functions = functions

    def __getitem__(self, name: str) -> Writer:
        function = self._functions[name]
        return cast("Writer", getattr(import_module(f"diagnostics.report.formats.{name}"), function))

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __contains__(self, name: object) -> bool:
        return name in self._functions


FORMATS = Table(
    human="human",
    json="document_text",
    markdown="markdown",
    junit="junit",
    prometheus="prometheus",
    nagios="nagios",
)
STREAMED = "ndjson"
"""Written while the run goes on, therefore not a function of the report."""
FORMAT_NAMES = (*FORMATS, STREAMED)
