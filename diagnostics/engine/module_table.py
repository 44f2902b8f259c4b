"""Tables whose items are modules of packages, imported on first access."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar, cast

Item = TypeVar("Item")


class ModuleTable(Mapping[str, Item]):
    """Mapping from the names of a package's modules to the modules, or to one attribute of each.

    A module is imported when its item is accessed, so that a command loads only the modules that it uses. A
    hyphen of a name is an underscore in the name of the module.
    """

    def __init__(self, package: str, *names: str, attribute: str = "") -> None:
        self._package = package
        self._names = names
        self._attribute = attribute

    def __getitem__(self, name: str) -> Item:
        if name not in self._names:
            raise KeyError(name)
        module = import_module(f"{self._package}.{name.replace('-', '_')}")
        return cast("Item", getattr(module, self._attribute) if self._attribute else module)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names  # the mixin method would import the module


class JoinedTable(Mapping[str, Item]):
    """Items of several tables in their order, imported when they are accessed."""

    def __init__(self, *tables: Mapping[str, Item]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> Item:
        for table in self._tables:
            if name in table:
                return table[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys(name for table in self._tables for name in table)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return any(name in table for table in self._tables)
