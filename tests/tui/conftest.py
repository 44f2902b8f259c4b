"""What the tests of the screen share: a state over the shipped records, and the lab as the screen uses it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.run.knowledge import catalogue_of, index_of
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import Config
from tui.shared.state import State


@dataclass
class LabHere:
    """The worker's own lab behind the interface of the screen; the real one is behind a socket."""

    lab: Lab

    def target(self) -> Target:
        """The lab's target."""
        return self.lab.target

    def break_(self, finding: str) -> str:
        """Break it, and run what suffers."""
        inject(self.lab, finding)
        done = self.lab.run_before()
        return done.stdout + done.stderr

    def repair(self) -> None:
        """Repair it."""
        self.lab.repair()

    def broken(self) -> str:
        """What is broken."""
        return self.lab.broken

    def close(self) -> None:
        """Nothing: the fixture ends the lab."""


def fresh() -> State:
    """A state as the verb makes it, with no target and no pause between two tries."""
    return State(catalogue_of(None), index_of(None), Config(), pause_s=0.05)


@pytest.fixture
def state() -> State:
    """Nothing is examined yet."""
    return fresh()


@pytest.fixture
def lab_state(lab: Lab) -> Iterator[State]:
    """The lab is what is examined; it is healthy before and after."""
    state = fresh()
    here = LabHere(lab)
    state.use_lab(here, here.target(), "")
    yield state
    lab.repair()
