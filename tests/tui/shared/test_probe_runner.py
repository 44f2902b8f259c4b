"""Runs of probes for a screen: a hanging probe delays nothing, late messages are ignored."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from textual.message import Message

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Probe
from diagnostics.engine.scheduler import Task
from diagnostics.run.examination import Examination
from diagnostics.targets import target_file
from diagnostics.targets.target import Target, endpoint
from tests.tui.function_probe import FunctionProbe
from tests.tui.screen_text import press, until, until_text
from tui.app import DoctorApp
from tui.shared.messages import EntryChosen, RunEnded, RunProgressed
from tui.shared.probe_runner import ProbeRunner
from tui.shared.state import State
from tui.triage.screen import Triage

TARGET = Target("here", (endpoint("postgresql://app@127.0.0.1:1/db"),))
HUNG = 10
PROBES = 50
PATIENCE_S = 10.0


class Inbox:
    """The messages of a runner."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._ended = threading.Semaphore(0)

    def post(self, message: Message) -> None:
        """Add a message, on any thread."""
        self.messages.append(message)
        if isinstance(message, RunEnded):
            self._ended.release()

    def until_ended(self) -> RunEnded:
        """Wait for the end of a run and return its last message."""
        assert self._ended.acquire(timeout=PATIENCE_S)
        last = self.messages[-1]
        assert isinstance(last, RunEnded)
        return last


def examination(probes: dict[str, Probe]) -> Examination:
    planned = tuple(Task(TARGET, TARGET.endpoints[0], name) for name in probes)
    return Examination(Catalogue({}, probes), (TARGET,), planned)


def hangs(_: Context) -> None:
    threading.Event().wait()


def talks(context: Context) -> None:
    for number in range(4):
        with context.step(f"step {number}"):
            context.evidence("seen", number)


@pytest.fixture
def silent() -> Iterator[str]:
    """Provide the URL of a server that accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql://app@127.0.0.1:{server.getsockname()[1]}/db"


def test_a_hanging_probe_ends_at_once_when_it_is_cancelled() -> None:
    inbox = Inbox()
    runner = ProbeRunner(inbox.post)
    runner.start(examination({f"p{n}": FunctionProbe(hangs) for n in range(HUNG)}))

    runner.cancel()
    assert runner.accept(inbox.until_ended())

    assert runner.current is not None
    assert {result.reason for result in runner.current.report.results} == {"cancelled"}
    assert not runner.busy


def test_messages_of_an_earlier_run_are_ignored() -> None:
    inbox = Inbox()
    runner = ProbeRunner(inbox.post)
    runner.start(examination({"old": FunctionProbe(hangs)}))
    runner.start(examination({"new": FunctionProbe(talks)}))
    inbox.until_ended()
    inbox.until_ended()

    accepted = [
        message
        for message in inbox.messages
        if isinstance(message, RunProgressed | RunEnded) and runner.accept(message)
    ]

    assert {event.key.probe for message in accepted for event in message.events} == {"new"}


def test_of_several_messages_in_the_queue_only_the_last_is_handled() -> None:
    first, second, other = RunProgressed("a", ()), RunProgressed("a", ()), RunProgressed("b", ())

    assert second.can_replace(first)
    assert not other.can_replace(first)


def test_a_run_is_recorded_as_it_happens() -> None:
    @dataclass
    class Recorder:
        events: int = 0
        code: int = -1

        def observe(self, _: object) -> None:
            self.events += 1

        def finish(self, report: "object") -> "object":
            self.code = report.exit_code  # type: ignore[attr-defined]
            return report

    record, inbox = Recorder(), Inbox()
    ProbeRunner(inbox.post).start(examination({"talks": FunctionProbe(talks)}), lambda _: record)  # type: ignore[arg-type,return-value]
    ended = inbox.until_ended()

    assert record.events == len(ended.events)
    assert record.code == 0


def test_x_cancels_a_probe_that_hangs(state: State, silent: str) -> None:
    state.set_target(target_file.target_named(silent, state.config))

    async def story() -> None:
        app = DoctorApp(state)
        async with app.run_test(size=(80, 24)) as pilot:
            app.post_message(EntryChosen("db-connection-refused", run=True))
            await until_text(pilot, "running   connect")
            await press(pilot, "x")
            await until_text(pilot, "cancelled connect")
            triage = app.base_screen
            assert isinstance(triage, Triage)
            await until(pilot, lambda: not triage.runner.busy)

    asyncio.run(story())


def seconds_to_quit(state: State) -> float:
    """Return the time that the application takes to quit while ten probes hang."""

    async def story() -> float:
        app = DoctorApp(state)
        async with app.run_test(size=(80, 24)) as pilot:
            runner = ProbeRunner(app.post_message)
            runner.start(examination({f"p{n}": FunctionProbe(hangs) for n in range(HUNG)}))
            await until(pilot, lambda: runner.current is not None and not runner.current.ended)
            began = time.monotonic()
            app.exit()
        return time.monotonic() - began

    return asyncio.run(story())


def test_quitting_does_not_wait_for_hanging_probes(state: State) -> None:
    assert seconds_to_quit(state) < PATIENCE_S, "these probes never end by themselves"


def test_keys_are_answered_while_fifty_probes_talk(state: State) -> None:
    async def story() -> float:
        app = DoctorApp(state)
        async with app.run_test(size=(80, 24)) as pilot:
            await until_text(pilot, "known errors")
            inbox = Inbox()
            ProbeRunner(inbox.post).start(examination({f"p{n}": FunctionProbe(talks) for n in range(PROBES)}))
            longest, last = 0.0, time.process_time()
            while not any(isinstance(message, RunEnded) for message in inbox.messages):
                await asyncio.sleep(0)
                longest, last = max(longest, time.process_time() - last), time.process_time()
            return longest  # in CPU seconds of all threads: a busy machine makes nobody wait longer

    assert asyncio.run(story()) < 0.5
