"""Fixtures of the screens: a state with the shipped entries, and a lab as its target."""

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
class LocalLab:
    """The lab of the test process as a `LabControl`; the screens use one behind a socket."""

    lab: Lab

    def target(self) -> Target:
        """Return the lab's target."""
        return self.lab.target

    def break_(self, finding: str) -> str:
        """Inject a fault, run the application, and return its output."""
        inject(self.lab, finding)
        done = self.lab.run_before()
        return done.stdout + done.stderr

    def repair(self) -> None:
        """Remove the fault."""
        self.lab.repair()

    def broken(self) -> str:
        """Return the finding of the fault."""
        return self.lab.broken

    def close(self) -> None:
        """Do nothing: the fixture ends the lab."""


def new_state() -> State:
    """Return a state as the verb makes it, without a target, and with short pauses between attempts."""
    return State(catalogue_of(None), index_of(None), Config(), pause_s=0.05)


@pytest.fixture
def state() -> State:
    """Return a state without a target."""
    return new_state()


@pytest.fixture
def lab_state(lab: Lab) -> Iterator[State]:
    """Return a state whose target is the lab, which is healthy before and after the test."""
    state = new_state()
    control = LocalLab(lab)
    state.use_lab(control, control.target(), "")
    yield state
    lab.repair()
