"""Scheduler: order, isolation, deadlines, cancellation."""

import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from diagnostics.engine.context import Context
from diagnostics.engine.events import Event
from diagnostics.engine.probe import Probe, Safety, budget_of
from diagnostics.engine.scheduler import MAX_PARALLEL, Run, Task
from diagnostics.errors import CannotTell, Skip
from diagnostics.redaction import Redactor
from diagnostics.report.model import Result, fold, roll_up
from diagnostics.targets.target import EndpointKind, Target, endpoint

TARGET = Target("here", (endpoint("postgresql://app@127.0.0.1:1/db"),))


@dataclass
class FunctionProbe:
    """A probe made of a function."""

    run: Callable[[Context], None]
    NEEDS: Sequence[str] = ()
    READS: Sequence[str] = ()
    FINDINGS: Sequence[str] = ("a.wrong", "a.odd")
    BUDGET: float = 5.0
    ALONE: bool = False
    QUESTION: str = "Is it so?"
    LAYER: str = "database"
    APPLIES_TO: Sequence[EndpointKind] = ("postgresql",)
    SAFETY: Safety = "remote"
    SENDS: str = "nothing"
    seen: list[Context] = field(default_factory=list)


def nothing(_: Context) -> None:
    return


def finds(code: str) -> Callable[[Context], None]:
    return lambda context: context.finding(code)


def waits(for_: threading.Event) -> Callable[[Context], None]:
    def run(_: Context) -> None:
        for_.wait()

    return run


def raises(error: Exception) -> Callable[[Context], None]:
    def run(_: Context) -> None:
        raise error

    return run


def results(probes: dict[str, Probe], deadline_s: float = 20.0, skip: str = "") -> dict[str, Result]:
    found = fold(events(probes, deadline_s, skip))
    return {result.key.probe: result for result in found}


def events(probes: dict[str, Probe], deadline_s: float = 20.0, skip: str = "") -> list[Event]:
    tasks = [Task(TARGET, TARGET.endpoints[0], name, skip) for name in probes]
    return list(Run(tasks, probes, redactor=Redactor(), deadline_s=deadline_s))


def test_a_probe_that_says_nothing_passes() -> None:
    assert results({"a": FunctionProbe(nothing)})["a"].outcome == "pass"


def test_a_finding_makes_the_outcome() -> None:
    assert results({"a": FunctionProbe(finds("a.wrong"))})["a"].outcome == "fail"


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_json_has_no_word_for_becomes_a_word(value: float) -> None:
    def run(context: Context) -> None:
        context.evidence("rate", value)
        context.evidence("rates", (1.5, value))

    one, two = results({"a": FunctionProbe(run)})["a"].evidence

    assert one.value == str(value)
    assert two.value == (1.5, str(value))


def test_a_probe_that_breaks_is_a_result_and_the_others_go_on() -> None:
    found = results({"a": FunctionProbe(raises(RuntimeError("boom"))), "b": FunctionProbe(nothing)})

    assert found["a"].outcome == "error"
    assert "RuntimeError: boom" in found["a"].reason
    assert found["b"].outcome == "pass"


def test_a_probe_that_breaks_says_where() -> None:
    (place,) = [
        item.value for item in results({"a": FunctionProbe(raises(RuntimeError("boom")))})["a"].evidence
    ]

    assert isinstance(place, tuple)
    assert re.fullmatch(r"tests/diagnostics/engine/test_scheduler\.py:\d+ in run", str(place[-1]))


def test_evidence_given_before_the_break_is_kept() -> None:
    def run(context: Context) -> None:
        context.evidence("port", 5432)
        raise RuntimeError

    assert results({"a": FunctionProbe(run)})["a"].evidence[0].value == 5432


def test_a_code_that_the_probe_does_not_declare_is_a_bug_of_the_probe() -> None:
    found = results({"a": FunctionProbe(finds("a.invented"))})["a"]

    assert found.outcome == "error"
    assert "a.invented" in found.reason


def test_what_cannot_be_told_is_unknown_and_says_why() -> None:
    found = results({"a": FunctionProbe(raises(CannotTell("no privilege")))})["a"]

    assert (found.outcome, found.reason) == ("unknown", "no privilege")


def test_a_part_that_stays_open_keeps_the_rest_from_being_green() -> None:
    assert results({"a": FunctionProbe(lambda context: context.unknown("half"))})["a"].outcome == "unknown"


def test_a_question_that_does_not_apply_is_skipped_with_its_reason() -> None:
    found = results({"a": FunctionProbe(raises(Skip("no rotation")))})["a"]

    assert (found.outcome, found.reason) == ("skipped", "no rotation")


def test_a_failed_need_blocks_by_name_and_blocks_what_needs_the_blocked() -> None:
    found = results(
        {
            "a": FunctionProbe(finds("a.wrong")),
            "b": FunctionProbe(nothing, NEEDS=("a",)),
            "c": FunctionProbe(nothing, NEEDS=("b",)),
        }
    )

    assert (found["b"].outcome, found["b"].blocked_by) == ("blocked", "a")
    assert (found["c"].outcome, found["c"].blocked_by) == ("blocked", "b")


def test_an_unknown_need_does_not_block() -> None:
    found = results({"a": FunctionProbe(raises(CannotTell("?"))), "b": FunctionProbe(nothing, NEEDS=("a",))})

    assert found["b"].outcome == "pass"


def test_a_probe_reads_what_an_earlier_one_found_however_it_ended() -> None:
    seen: dict[str, object] = {}

    def look(context: Context) -> None:
        seen.update(outcome=context.earlier["a"].outcome, codes=context.earlier["a"].codes)

    def find(context: Context) -> None:
        context.evidence("which", "old")
        context.finding("a.wrong")

    results({"a": FunctionProbe(find), "b": FunctionProbe(look, READS=("a",))})

    assert seen == {"outcome": "fail", "codes": frozenset({"a.wrong"})}


@dataclass(frozen=True)
class ServerVersion:
    """A fact that one probe of these tests shares and another reads."""

    number: int


def test_a_probe_reads_the_typed_facts_of_an_earlier_one() -> None:
    read: list[object] = []

    def share(context: Context) -> None:
        context.share(ServerVersion(15))
        context.share(ServerVersion(16))

    def look(context: Context) -> None:
        read.append(context.earlier["a"].facts_of(ServerVersion))
        read.append(context.fact_of("a", ServerVersion))
        read.append(context.fact_of("a", Skip))
        read.append(context.fact_of("absent", ServerVersion))

    results({"a": FunctionProbe(share), "b": FunctionProbe(look, NEEDS=("a",))})

    assert read == [(ServerVersion(15), ServerVersion(16)), ServerVersion(16), None, None]


def test_facts_are_not_emitted() -> None:
    emitted = events({"a": FunctionProbe(lambda context: context.share(ServerVersion(15)))})

    assert [type(event.body).__name__ for event in emitted] == ["Started", "Finished"]


@pytest.mark.parametrize("value", ["text", FunctionProbe(nothing)])
def test_a_fact_that_could_change_is_refused(value: object) -> None:
    result = results({"a": FunctionProbe(lambda context: context.share(value))})["a"]

    assert result.outcome == "error"
    assert "frozen dataclass" in result.reason


def test_a_hung_probe_ends_at_its_deadline_and_names_the_step() -> None:
    forever = threading.Event()

    def hang(context: Context) -> None:
        with context.step("handshake"):
            forever.wait()

    found = results({"a": FunctionProbe(hang, BUDGET=0.1)})["a"]
    forever.set()

    assert found.outcome == "unknown"
    assert "0.1 s" in found.reason
    assert "handshake" in found.reason


def test_a_probe_that_needs_quiet_shares_its_target_with_nobody() -> None:
    running, met = set[str](), list[set[str]]()

    def note(name: str) -> Callable[[Context], None]:
        def run(_: Context) -> None:
            running.add(name)
            threading.Event().wait(0.02)  # long enough for another to begin, if it were let
            met.append(set(running))
            running.discard(name)

        return run

    probes: dict[str, Probe] = {
        "a": FunctionProbe(note("a")),
        "quiet": FunctionProbe(note("quiet"), ALONE=True),
        "b": FunctionProbe(note("b"), NEEDS=("quiet",)),
        "c": FunctionProbe(note("c")),
        "silent": FunctionProbe(note("silent"), ALONE=True),
    }

    found = results(probes)

    assert {result.outcome for result in found.values()} == {"pass"}
    assert [meeting for meeting in met if meeting & {"quiet", "silent"}] == [{"quiet"}, {"silent"}]


def test_work_grows_with_the_targets_and_not_with_their_square() -> None:
    looked = 0

    class Counted(list[str]):
        def __iter__(self) -> Iterator[str]:
            nonlocal looked
            looked += 1
            return super().__iter__()

    def talks(context: Context) -> None:
        for number in range(20):
            context.evidence("number", number)

    probes = {"a": FunctionProbe(talks, NEEDS=Counted()), "b": FunctionProbe(talks, NEEDS=Counted("a"))}
    targets = [replace(TARGET, name=f"target {number}") for number in range(100)]
    tasks = [Task(target, target.endpoints[0], name) for target in targets for name in probes]

    found = list(Run(tasks, probes, redactor=Redactor(), deadline_s=60))

    assert len(fold(found)) == len(tasks)
    assert looked < 2 * MAX_PARALLEL * len(tasks)


def test_quiet_is_a_matter_of_one_target() -> None:
    other = Target("there", (endpoint("postgresql://app@127.0.0.1:2/db"),))
    both = threading.Barrier(2, timeout=5)

    def meet(_: Context) -> None:
        both.wait()

    probes: dict[str, Probe] = {"a": FunctionProbe(meet, ALONE=True)}
    tasks = [Task(target, target.endpoints[0], "a") for target in (TARGET, other)]
    found = fold(Run(tasks, probes, redactor=Redactor(), deadline_s=9))

    assert [result.outcome for result in found] == ["pass", "pass"]


def test_a_hung_probe_keeps_one_that_needs_quiet_waiting_no_longer_than_its_deadline() -> None:
    forever = threading.Event()

    found = results(
        {"a": FunctionProbe(waits(forever), BUDGET=0.05), "b": FunctionProbe(nothing, ALONE=True)}
    )
    forever.set()

    assert (found["a"].outcome, found["b"].outcome) == ("unknown", "pass")


def test_what_an_abandoned_probe_records_later_is_dropped() -> None:
    given_up, spoken = threading.Event(), threading.Event()

    def late(context: Context) -> None:
        given_up.wait()
        context.finding("a.wrong")
        spoken.set()

    def outlives(_: Context) -> None:
        given_up.set()
        spoken.wait()

    found = results({"a": FunctionProbe(late, BUDGET=0.05), "b": FunctionProbe(outlives, READS=("a",))})

    assert found["a"].outcome == "unknown"
    assert found["a"].findings == ()


def test_a_run_ends_at_its_deadline_with_every_probe_named() -> None:
    forever = threading.Event()
    probes: dict[str, Probe] = {f"hung{n}": FunctionProbe(waits(forever)) for n in range(40)}

    found = results(probes, deadline_s=0.2)
    forever.set()

    assert set(found) == set(probes)
    assert {result.outcome for result in found.values()} == {"unknown"}


def test_stopping_a_run_ends_every_task() -> None:
    forever = threading.Event()
    probes: dict[str, Probe] = {
        "a": FunctionProbe(waits(forever)),
        "b": FunctionProbe(nothing, NEEDS=("a",)),
    }
    run = Run(
        [Task(TARGET, TARGET.endpoints[0], n) for n in probes], probes, redactor=Redactor(), deadline_s=9
    )
    first = next(iter(run))

    found = fold([first, *run.stop("interrupted")])
    forever.set()

    assert {(result.key.probe, result.reason) for result in found} == {
        ("a", "interrupted"),
        ("b", "interrupted"),
    }


def test_a_task_that_is_not_to_run_says_why() -> None:
    found = results({"a": FunctionProbe(nothing)}, skip="not run: it logs in")["a"]

    assert (found.outcome, found.reason) == ("skipped", "not run: it logs in")


def test_secrets_and_escapes_do_not_come_through_evidence_steps_or_reasons() -> None:
    def leak(context: Context) -> None:
        context.redactor.learn("hunter2-canary", "password")
        with context.step("login") as step:
            step.detail = "with hunter2-canary"
        context.evidence("said", "\x1b[31mhunter2-canary\x1b[0m\nsecond", note="hunter2-canary")
        raise CannotTell("refused hunter2-canary")

    said = repr(events({"a": FunctionProbe(leak)}))

    assert "hunter2" not in said
    assert "\\x1b" not in said
    assert "<password:1>" in said


def test_nothing_that_ran_is_never_green() -> None:
    assert roll_up([]) == "unknown"
    assert roll_up(fold(events({"a": FunctionProbe(nothing)}, skip="by the user"))) == "unknown"


def test_the_roll_up_takes_the_worst() -> None:
    found = fold(
        events(
            {
                "a": FunctionProbe(nothing),
                "b": FunctionProbe(raises(CannotTell("?"))),
                "c": FunctionProbe(finds("a.wrong")),
            }
        )
    )

    assert roll_up(found) == "fail"
    assert roll_up(found[:2]) == "unknown"


def test_a_cancelled_probe_ends_at_once_and_the_others_go_on() -> None:
    never, hung, quick = threading.Event(), "hung", "quick"
    planned = [Task(TARGET, TARGET.endpoints[0], name) for name in (hung, quick)]
    run = Run(
        planned,
        {hung: FunctionProbe(waits(never)), quick: FunctionProbe(nothing)},
        redactor=Redactor(),
        deadline_s=20.0,
    )

    run.cancel([planned[0].key])

    found = {result.key.probe: result for result in fold(run)}
    assert (found[hung].outcome, found[hung].reason) == ("unknown", "cancelled")
    assert found[quick].outcome == "pass"


def test_what_waits_can_be_cancelled_too() -> None:
    never = threading.Event()
    planned = [Task(TARGET, TARGET.endpoints[0], name) for name in ("first", "second")]
    probes = {"first": FunctionProbe(waits(never)), "second": FunctionProbe(nothing, NEEDS=("first",))}
    run = Run(planned, probes, redactor=Redactor(), deadline_s=20.0)

    run.cancel(task.key for task in planned)

    assert {result.reason for result in fold(run)} == {"cancelled"}


@pytest.mark.parametrize(
    ("safety", "deadline_s", "budget_s"),
    [("local", 60.0, 5.0), ("local", 300.0, 300.0), ("local", 2.0, 2.0), ("remote", 300.0, 5.0)],
)
def test_work_on_files_may_use_a_long_deadline_and_waits_on_servers_keep_their_budget(
    safety: Safety, deadline_s: float, budget_s: float
) -> None:
    probe = FunctionProbe(nothing, SAFETY=safety)

    def run(context: Context) -> None:
        probe.seen.append(context)

    probe.run = run
    results({"a": probe}, deadline_s)

    assert probe.seen[0].deadline.seconds == pytest.approx(budget_s, abs=0.5)
    assert budget_of(probe, TARGET, deadline_s) == budget_s
