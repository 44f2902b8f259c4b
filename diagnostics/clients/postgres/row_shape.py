"""Shape of rows: the one place where a server's answer to a query is checked before a probe reads it.

What listens at the address of a database may be a pooler, a proxy or another database, which answers a query
in its own way. Rows of another form are not a bug of the probe but an answer that leaves its question open.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Protocol

from diagnostics.errors import CannotTell

MAX_INT: Final = 2**63
"""Bound of bigint, the widest integer of a view."""


class Misshapen(CannotTell):
    """Rows of another form than the statement gives on PostgreSQL."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"a query was answered in an unexpected form: {detail}")


class Rows(Protocol):
    """Session that executes statements."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""


@dataclass(frozen=True, slots=True)
class Column:
    """Type of a column."""

    kind: str
    types: tuple[type, ...]
    items: tuple[type, ...] = ()
    """Types of the items of an array; empty for a column that is none."""
    nullable: bool = False

    @property
    def or_null(self) -> "Column":
        """The same type, with NULL allowed."""
        return replace(self, nullable=True)

    def read(self, value: object) -> Any:
        """Return the value as the type has it. Raises Misshapen."""
        if value is None and self.nullable:
            return None
        if self.items:
            if isinstance(value, list) and all(type(item) in self.items for item in value):
                return tuple(value)
        elif type(value) in self.types and (number := self._bounded(value)) is not None:
            return number
        raise Misshapen(f"{_in_words(value)} instead of {self.kind}")

    def _bounded(self, value: Any) -> Any:
        """Return the value, or None for a number that is not finite or longer than 64 bits."""
        if isinstance(value, str | bool):
            return value
        if not math.isfinite(value) or abs(value) > MAX_INT:
            return None
        return float(value) if float in self.types else value


INT: Final = Column("an integer", (int,))
FLAG: Final = Column("0 or 1", (int, bool))
FLOAT: Final = Column("a number", (float, int, Decimal))
TEXT: Final = Column("a text", (str,))
BOOL: Final = Column("true or false", (bool,))
DOCUMENT: Final = Column("a JSON array", (), (dict,))
INTS: Final = Column("an array of integers", (list,), (int,))
TEXTS: Final = Column("an array of texts", (list,), (str,))


def read_rows(
    session: Rows, statement: str, columns: Sequence[Column], values: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement with columns of these types. Raises CannotTell, also for other rows."""
    return [_read(row, columns) for row in session.rows(statement, values)]


def read_row(
    session: Rows, statement: str, columns: Sequence[Column], values: Sequence[object] = ()
) -> tuple[Any, ...]:
    """Return the one row of a statement. Raises CannotTell, also for none or several."""
    return one_row(session.rows(statement, values), columns)


def one_row(rows: Sequence[Sequence[object]], columns: Sequence[Column]) -> tuple[Any, ...]:
    """Return the one row of an answer with columns of these types. Raises Misshapen."""
    if len(rows) != 1:
        raise Misshapen(f"{len(rows) or 'no'} rows instead of one")
    return _read(rows[0], columns)


def read_named(row: Mapping[str, object], columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return these columns of a row whose columns have names; others are left out. Raises Misshapen.

    A nullable column may be absent.
    """
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if name not in row and not column.nullable:
            raise Misshapen(f"no column {name}")
        try:
            values[name] = column.read(row.get(name))
        except Misshapen as error:
            raise Misshapen(f"column {name}: {str(error).partition(': ')[2]}") from None
    return values


def _read(row: Sequence[object], columns: Sequence[Column]) -> tuple[Any, ...]:
    if len(row) != len(columns):
        raise Misshapen(f"{len(row)} columns instead of {len(columns)}")
    return tuple(column.read(value) for column, value in zip(columns, row, strict=True))


def _in_words(value: object) -> str:
    """Return the type of a value in words, without the value: it may be a secret."""
    if value is None:
        return "NULL"
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return "a number that is not finite"
    names = {str: "a text", int: "an integer", bool: "true or false", list: "an array"}
    return names.get(type(value), f"a {type(value).__name__}")
