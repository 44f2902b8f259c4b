"""Verification without a screen: attempts are repeated until the entry is green, and can be stopped."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.history.listing import list_runs, load_run
from diagnostics.history.replay import attempts
from diagnostics.history.writer import RunFile
from diagnostics.run.examination import create_run, new_report
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from tests.tui.function_probe import FunctionProbe
from tui.shared.probe_runner import ProbeRun
from tui.shared.state import State
from tui.triage.session import TriageSession
from tui.triage.verification import Attempt, Verification

if TYPE_CHECKING:
    from tui.shared.history_types import RunRecorder

ENTRY = "db-connection-refused"
CODES = ("connect.refused", "connect.socket_missing")
TARGET = Target("here", (endpoint("postgresql://app@127.0.0.1:1/db"),))
PAUSE_S = 0.01
PATIENCE_S = 10.0


class Service:
    """A service that a probe examines, the session about it, and the runs of the probe."""

    def __init__(self) -> None:
        self.status = "refused"
        self.consents: list[bool] = []
        """The consent to active probes in each run."""
        self._ran = asyncio.Event()
        self.recorder: RunRecorder | None = None
        """Begins the record of the next run; a verification sets it."""
        entry = replace(load_entries()[ENTRY], not_this=(), leads_to=())
        catalogue = Catalogue({ENTRY: entry}, {"connect": FunctionProbe(self._examine, FINDINGS=CODES)})
        state = State(catalogue, compile_index([entry]), Config(), target=TARGET, pause_s=PAUSE_S)
        self.session = TriageSession(state, chosen_entry=ENTRY)

    def _examine(self, context: Context) -> None:
        if self.status == "refused":
            context.finding("connect.refused")
        elif self.status == "unreachable":
            context.unknown("no route")

    def run_entry(self, entry: str, *, active: bool) -> None:
        """Run the probe to its end."""
        self.consents.append(active)
        state = self.session.state
        examination = state.examination(state.catalogue.probes_of(self.session.entry(entry)), active=active)
        self.session.begin(examination, discard_events=True)
        run = ProbeRun(examination, new_report(examination), create_run(examination))
        record = self.recorder(run.empty_report) if self.recorder else None
        run.events, run.ended = tuple(run.run), True
        for event in run.events:
            if record:
                record.observe(event)
        self.session.update(run)
        self._ran.set()

    def verification(self) -> Verification:
        """Return a verification that is scheduled by the running event loop."""
        loop = asyncio.get_running_loop()

        def run_entry(entry: str, *, active: bool) -> None:
            self.recorder = verification.record.begin_try
            self.run_entry(entry, active=active)

        verification = Verification(
            run_entry, lambda pause_s, attempt: loop.call_later(pause_s, attempt).cancel
        )
        return verification

    async def next_run(self) -> None:
        """Wait until the probe has run once more."""
        self._ran.clear()
        await asyncio.wait_for(self._ran.wait(), PATIENCE_S)


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_failing_entry_is_tried_again_until_it_is_green(service: Service) -> None:
    async def story() -> None:
        verification = service.verification()
        verification.start(service.session, ENTRY, active=False)
        assert verification.result(service.session) == Attempt(
            f"not green yet: {ENTRY}; again in 0.01 s, x cancels; connect still finds connect.refused"
        )
        service.status = "up"
        await service.next_run()
        assert verification.result(service.session) == Attempt(f"verified: {ENTRY} is green", verified=True)
        assert verification.entry == ""

    asyncio.run(story())


def test_what_did_not_answer_is_not_green(service: Service) -> None:
    async def story() -> Attempt:
        service.status = "unreachable"
        verification = service.verification()
        verification.start(service.session, ENTRY, active=False)
        return verification.result(service.session)

    attempt = asyncio.run(story())

    assert attempt.text.startswith(f"no answer yet: {ENTRY}")
    assert not attempt.verified


def test_a_stopped_verification_tries_no_more(service: Service) -> None:
    async def story() -> None:
        verification = service.verification()
        verification.start(service.session, ENTRY, active=False)
        verification.result(service.session)
        verification.stop()
        verification.try_now()
        await asyncio.sleep(10 * PAUSE_S)
        assert verification.entry == ""

    asyncio.run(story())

    assert len(service.consents) == 1


def test_an_attempt_made_at_once_replaces_the_scheduled_one(service: Service) -> None:
    async def story() -> None:
        verification = service.verification()
        verification.start(service.session, ENTRY, active=False)
        verification.result(service.session)
        verification.try_now()
        await asyncio.sleep(10 * PAUSE_S)

    asyncio.run(story())

    assert len(service.consents) == 2


def test_the_consent_holds_for_all_attempts(service: Service) -> None:
    async def story() -> None:
        verification = service.verification()
        verification.start(service.session, ENTRY, active=True)
        verification.result(service.session)
        await service.next_run()
        verification.stop()

    asyncio.run(story())

    assert service.consents == [True, True]


def test_the_story_has_the_confirmation_and_each_probe_before_and_after(service: Service) -> None:
    async def story() -> None:
        service.run_entry(ENTRY, active=False)
        assert service.session.verdict(ENTRY) == "confirmed"
        verification = service.verification()
        verification.start(service.session, ENTRY, active=False)
        verification.result(service.session)
        assert service.session.verdict(ENTRY) == "confirmed"
        service.status = "up"
        await service.next_run()
        verification.result(service.session)

    asyncio.run(story())
    told = service.session.story

    assert told
    assert service.session.verdict(ENTRY) == "fixed"
    assert [(try_.number, try_.state) for try_ in told.tries] == [(1, "still_failing"), (2, "verified")]
    assert [(change.probe, change.before, change.after) for change in told.changes] == [
        ("connect", "fail: connect.refused", "pass")
    ]
    assert told.finding == "connect.refused"
    assert told.confirmed_at
    assert told.verified_at >= told.confirmed_at
    assert told.fix


@pytest.fixture
def with_history(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Return the service with a history of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    service.session.state.recorder = RunFile.begin
    return service


def test_all_tries_are_one_run_of_the_history(with_history: Service) -> None:
    async def story() -> None:
        verification = with_history.verification()
        verification.start(with_history.session, ENTRY, active=False)
        for status in ("refused", "refused", "refused", "up"):
            with_history.status = status
            verification.result(with_history.session)
            await with_history.next_run()
        verification.result(with_history.session)

    asyncio.run(story())
    (run,) = list_runs().runs
    recorded = load_run(run.id)

    assert run.state == "finished"
    assert recorded.report.story
    assert recorded.report.story.verified_at
    assert recorded.report.exit_code == 0
    assert len(attempts(recorded.events)) == 5


def test_a_stopped_verification_ends_its_record(with_history: Service) -> None:
    async def story() -> None:
        verification = with_history.verification()
        verification.start(with_history.session, ENTRY, active=False)
        verification.result(with_history.session)
        verification.stop()

    asyncio.run(story())
    (run,) = list_runs().runs
    told = load_run(run.id).report.story

    assert run.state == "finished"
    assert told
    assert not told.verified_at
    assert [try_.state for try_ in told.tries] == ["still_failing"]
