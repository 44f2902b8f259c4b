"""Resources that probes of one run share, such as an open session: one opens it, the last one closes it."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from diagnostics.engine.deadline import Deadline
from diagnostics.engine.events import Key
from diagnostics.errors import CannotTell


class Closable(Protocol):
    """Resource that has to be released."""

    def close(self) -> None:
        """Release the resource."""


class Place(NamedTuple):
    """Address of a shared resource."""

    target: str
    endpoint: str
    name: str


@dataclass(slots=True)
class Slot:
    """One shared resource. Only the holder of its lock may touch it."""

    users: set[Key] = field(default_factory=set)
    """Tasks of the run that may still use the resource."""
    value: Any = None
    failure: str = ""
    """Reason why it cannot be opened: no other task tries again."""
    opened: int = 0
    """Number of times that a task has opened it."""
    closed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def drop(self) -> None:
        """Close the resource, which a later task may open again."""
        value, self.value = self.value, None
        if value is not None:
            with suppress(Exception):  # whatever the driver says: the resource is gone
                value.close()


class SharedResources:
    """Shared resources of one run, by their places."""

    def __init__(self, users: Mapping[Place, Iterable[Key]] | None = None) -> None:
        self._slots = {place: Slot(set(keys)) for place, keys in (users or {}).items()}
        self._permits: dict[Place, threading.BoundedSemaphore] = {}

    def lend(self, place: Place, resource: Closable) -> bool:
        """Keep a resource for the tasks that wait for it; False if none does, and the caller closes it."""
        slot = self._slots.get(place)
        if slot is None or not slot.lock.acquire(blocking=False):
            return False
        try:
            if slot.closed or slot.value is not None or not slot.users:
                return False
            slot.value = resource
            slot.opened += 1
            return True
        finally:
            slot.lock.release()

    @contextmanager
    def slot(self, place: Place, deadline: Deadline) -> Iterator[Slot]:
        """Hold a slot alone. Raises CannotTell if another task holds it until the deadline."""
        slot = self._slots.setdefault(place, Slot())
        if not slot.lock.acquire(timeout=deadline.left):
            raise CannotTell(f"the shared {place.name} was in use until the deadline")
        try:
            if slot.closed:
                raise CannotTell("the run has ended")
            yield slot
        finally:
            slot.lock.release()

    @contextmanager
    def permit(self, place: Place, limit: int, deadline: Deadline) -> Iterator[None]:
        """Hold one of `limit` permits. Raises CannotTell if none is free until the deadline."""
        permits = self._permits.setdefault(place, threading.BoundedSemaphore(limit))
        if not permits.acquire(timeout=deadline.left):
            raise CannotTell(f"all {limit} {place.name} of this run were in use until the deadline")
        try:
            yield
        finally:
            permits.release()

    def ended(self, key: Key) -> None:
        """Record the end of a task; a resource without further users is closed."""
        for slot in self._slots.values():
            if key in slot.users:
                slot.users.discard(key)
                if not slot.users:
                    self._close(slot)

    def close(self) -> None:
        """Close every resource at the end of a run."""
        for slot in list(self._slots.values()):
            self._close(slot)

    @staticmethod
    def _close(slot: Slot) -> None:
        """Close a slot for good, also if an abandoned task still holds it: its statement then ends."""
        slot.closed = True
        slot.drop()
