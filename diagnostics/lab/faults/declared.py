"""Faults that records declare: statements, files and commands, and the statements that undo them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from diagnostics.lab.faults.fault import Fault
from diagnostics.lab.postgres.baseline import DATABASE
from diagnostics.lab.postgres.replica import replica_of
from diagnostics.targets.settings import LAB_THRESHOLDS
from kb.checks.model import DeclaredFault
from kb.records.models import Entry

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def declared_faults(entries: Iterable[Entry]) -> dict[str, Fault]:
    """Return the faults that the causes of entries declare, by finding."""
    return {
        cause.finding: Fault(
            _function(entry.id, cause.fault), cause.fault.prints, warning=cause.fault.warning
        )
        for entry in entries
        for cause in entry.causes
        if cause.fault
    }


def _function(entry: str, fault: DeclaredFault) -> Callable[["Lab"], Iterator[None]]:
    def break_lab(lab: "Lab") -> Iterator[None]:
        settings = dict(fault.settings)
        if fault.thresholds:
            own = {**LAB_THRESHOLDS.checks, entry: fault.thresholds}
            settings["thresholds"] = replace(LAB_THRESHOLDS, checks=own)  # type: ignore[assignment]  # a field
        lab.override_settings(**settings)
        with ExitStack() as stack:
            stack.callback(_undo, lab, fault)
            _break(lab, fault, stack)
            yield

    break_lab.__doc__ = fault.summary
    return break_lab


def _break(lab: "Lab", fault: DeclaredFault, stack: ExitStack) -> None:
    actions: Mapping[str, Callable[[], None]] = {
        "restart database": lab.server.restart,
        "stop database": lab.server.stop,
        "start database": lab.server.start,
    }
    for command in fault.commands:
        actions[command]()
    if fault.replica:
        replica = stack.enter_context(replica_of(lab.server))
        for statement in fault.replica_sql:
            replica.query(statement, database=DATABASE)
    for statement in fault.sql:
        lab.sql(statement)
    for role, text in fault.files.items():
        lab.configs.write(role, text)


def _undo(lab: "Lab", fault: DeclaredFault) -> None:
    """Undo the statements; a server that a fault or a fix has stopped is started first."""
    if fault.undo:
        lab.server.start()
    for statement in fault.undo:
        lab.sql(statement)
