"""Verdicts from text and findings; the function is pure, so the tests write the results by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import check_code, diagnose_code
from diagnostics.diagnosis.scope import Scope
from diagnostics.diagnosis.verdicts import diagnose, fold_consequences
from diagnostics.engine.events import Evidence, Finding, Key, Level, Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.probes import PROBES
from diagnostics.report.model import Diagnosis, Report, Result, by_probe
from diagnostics.targets.command_line.target_command import TargetCommand
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target
from kb.matching.matcher import Match
from kb.records.loader import load_entries

CATALOGUE = Catalogue(load_entries(), PROBES)
VALUES = {"role": "app_user", "restart_application": "kubectl rollout restart deployment/payments"}
COMMAND = TargetCommand(Target("prod", ()))


def result(probe: str, outcome: Outcome, *codes: str, level: Level = "fail", reason: str = "") -> Result:
    findings = tuple(Finding(code=code, level=level) for code in codes)
    evidence = (Evidence(name="login", value="rejected", ok=False),) if codes else ()
    return Result(Key("prod", "db", probe), outcome, reason, findings=findings, evidence=evidence)


def matched(entry: str, *signs: str) -> Match:
    return Match(entry, entry, 0.9, ("sqlstate 28P01",), signs, 1, {}, bool(signs))


def diagnosed(
    results: Sequence[Result], matches: Sequence[Match] = (), *, active: bool = False
) -> tuple[Diagnosis, ...]:
    scope = Scope("prod", tuple(results), VALUES, "https://kb.example/", COMMAND, active)
    return diagnose(matches, [scope], CATALOGUE)


def verdicts(diagnoses: Sequence[Diagnosis]) -> dict[str, str]:
    return {one.entry: one.verdict for one in diagnoses}


HEALTHY = (
    result("connect", "pass"),
    result("login", "pass"),
    result("rotation", "skipped"),
    result("kills", "pass"),
    result("statements", "pass"),
    result("conflicts", "pass"),
)
REJECTED = matched("db-password-rejected", "sqlstate 28P01")
ROTATED = matched("db-credential-rotation", "sqlstate 28P01")


def test_a_finding_confirms_its_entry_with_sentence_fix_and_page() -> None:
    (found,) = diagnosed([result("connect", "pass"), result("login", "fail", "login.stale_credential")])

    assert (found.entry, found.verdict) == ("db-credential-rotation", "confirmed")
    assert found.sentence == CATALOGUE.claims["login.stale_credential"].cause.sentence
    assert "kubectl rollout restart" in " ".join(step.code for step in found.fix)
    assert found.url == "https://kb.example/errors/db-credential-rotation/"
    assert "clearpay-doctor verify db-credential-rotation --target prod --wait 2m" in found.next


def test_what_an_active_probe_found_is_verified_with_the_options_that_let_it_run() -> None:
    forced = Scope(
        "prod",
        (result("loop", "fail", "loop.cpu_inline"),),
        VALUES,
        command=TargetCommand(Target("prod", (), TargetSettings(production=True))),
        active=True,
    )

    (found,) = diagnose([], [forced], CATALOGUE)

    (command,) = found.next
    assert command.endswith("service-blocked-event-loop --active --force-production --target prod --wait 2m")


def test_a_warning_raises_suspicion_and_never_confirms() -> None:
    (found,) = diagnosed(
        [result("connect", "pass"), result("login", "warn", "login.not_current", level="warn")]
    )

    assert found.verdict == "suspected"


def supported(*codes: str, hits: Sequence[str] = ()) -> Result:
    findings = tuple(Finding(code=code, level="warn") for code in codes)
    evidence = tuple(Evidence(name=name, value="app.py:7", ok=False, note="in words") for name in hits)
    return Result(Key("prod", "app", "source"), "warn", findings=findings, evidence=evidence)


def test_a_supporting_finding_raises_suspicion_with_its_places_and_offers_no_fix() -> None:
    source = supported("source.with_getconn_leaks", hits=["with_getconn_leaks", "insert_per_row"])

    (found,) = diagnosed([source])

    assert (found.entry, found.verdict) == ("db-pool-leak", "suspected")
    assert found.finding == "source.with_getconn_leaks"
    assert found.for_ == ("with_getconn_leaks: app.py:7 (in words)",)
    assert (found.sentence, found.fix) == ("", ())
    assert "clearpay-doctor explain db-pool-leak" in found.next


def test_a_supporting_finding_keeps_its_entry_suspected_though_its_probe_passed() -> None:
    results = [supported("source.with_getconn_leaks"), *HEALTHY, result("pool", "pass")]

    assert verdicts(diagnosed(results)) == {"db-pool-leak": "suspected"}


def test_a_supporting_finding_speaks_for_a_confirmed_entry_and_does_not_move_it() -> None:
    source = supported("source.retry_without_rollback", hits=["retry_without_rollback"])
    results = [source, result("connect", "fail", "connect.refused")]
    results += [result("conflicts", "fail", "conflicts.deadlocks")]

    found = diagnosed(results)

    assert [one.entry for one in found] == ["db-connection-refused", "db-deadlock"]
    assert found[1].finding == "conflicts.deadlocks"
    assert "retry_without_rollback: app.py:7 (in words)" in found[1].for_


def test_a_supporting_code_must_be_emitted_and_an_emitted_one_must_be_named() -> None:
    entry = CATALOGUE.entries["db-pool-leak"]
    first, *others = entry.causes
    wrong = replace(entry, causes=(replace(first, supported_by=("source.with_getconn_leak",)), *others))
    broken = Catalogue({**CATALOGUE.entries, entry.id: wrong}, PROBES)

    said = list(broken.problems())

    assert any("no probe emits source.with_getconn_leak; did you mean" in one for one in said)
    assert any("no cause claims source.with_getconn_leaks, and it supports none" in one for one in said)


def test_a_text_with_a_sign_is_past_where_every_probe_looked_and_passed() -> None:
    found = verdicts(diagnosed(HEALTHY, [matched("db-deadlock", "sqlstate 40P01")]))

    assert found == {"db-deadlock": "past"}


def test_a_text_that_only_sounds_like_it_is_ruled_out_by_passing_probes() -> None:
    assert verdicts(diagnosed(HEALTHY, [matched("db-deadlock")])) == {"db-deadlock": "ruled_out"}


@pytest.mark.parametrize("outcome", ["unknown", "error", "blocked"])
def test_a_probe_that_saw_nothing_leaves_the_suspicion(outcome: Outcome) -> None:
    results = [*HEALTHY[:3], result("conflicts", outcome)]

    assert verdicts(diagnosed(results, [matched("db-deadlock", "sqlstate 40P01")])) == {
        "db-deadlock": "suspected"
    }


def test_a_text_without_a_target_only_raises_suspicion() -> None:
    found = diagnose([matched("db-deadlock", "sqlstate 40P01")], [Scope("", (), {})], CATALOGUE)

    assert verdicts(found) == {"db-deadlock": "suspected"}


def test_the_confirmed_entry_explains_the_text_of_its_look_alike() -> None:
    results = [
        result("connect", "pass"),
        result("login", "fail", "login.stale_credential"),
        result("rotation", "skipped"),
    ]

    found = verdicts(diagnosed(results, [REJECTED, ROTATED], active=True))

    assert found["db-credential-rotation"] == "confirmed"
    assert found["db-password-rejected"] == "ruled_out"


def test_an_active_probe_that_would_decide_is_named_with_its_command() -> None:
    results = [
        result("connect", "pass"),
        result("login", "fail", "login.password_rejected"),
        result("rotation", "skipped"),
    ]

    found = {one.entry: one for one in diagnosed(results, [REJECTED, ROTATED])}

    assert found["db-password-rejected"].verdict == "confirmed"
    assert "clearpay-doctor check rotation --active --target prod" in found["db-password-rejected"].next
    assert found["db-credential-rotation"].verdict == "suspected"


def test_an_active_probe_that_does_not_apply_to_the_target_is_not_named() -> None:
    results = (
        result("connect", "pass"),
        result("login", "fail", "login.password_rejected"),
        result("rotation", "skipped", reason="target prod names no AWS secret under [rotation]"),
    )
    scope = Scope("prod", results, VALUES, command=COMMAND, inapplicable=frozenset({"rotation"}))

    found = {one.entry: one for one in diagnose([REJECTED, ROTATED], [scope], CATALOGUE)}

    assert found["db-password-rejected"].next == (
        "clearpay-doctor verify db-password-rejected --target prod --wait 2m",
    )
    assert found["db-credential-rotation"].next == ()


@pytest.mark.parametrize(("active", "options"), [(True, "--active --target prod"), (False, "--target prod")])
def test_verify_keeps_the_options_of_the_run_if_an_active_probe_is_required(
    active: bool, options: str
) -> None:
    results = (
        result("verification", "fail", "verification.off"),
        result("webhook", "pass" if active else "skipped"),
    )

    (found,) = diagnosed(results, active=active)

    assert found.next[-1] == f"clearpay-doctor verify config-webhook {options} --wait 2m"


@pytest.mark.parametrize(("web", "verdict"), [("pass", "past"), ("unknown", "suspected")])
def test_a_probe_of_two_endpoints_counts_for_both(web: Outcome, verdict: str) -> None:
    text = matched("tls-certificate", "verify_code 10")

    found = diagnosed([result("tls", web), result("tls", "skipped")], [text])

    assert verdicts(found) == {"tls-certificate": verdict}


def test_consequences_fold_under_their_root() -> None:
    results = [
        result("connect", "pass"),
        result("login", "fail", "login.password_rejected"),
        result("rotation", "fail", "rotation.unfinished"),
    ]

    (found,) = diagnosed(results, active=True)

    assert found.entry == "db-credential-rotation"
    assert found.folded == ("db-password-rejected",)


def test_folding_ends_on_circles_and_follows_every_step() -> None:
    entries = load_entries()
    every = set(entries)

    folded = fold_consequences(every, entries)

    assert set(folded.values()).isdisjoint(folded)


def test_unrelated_roots_come_in_the_order_in_which_a_request_travels() -> None:
    results = [
        result("connect", "fail", "connect.no_hba_rule"),
        result("conflicts", "fail", "conflicts.deadlocks"),
    ]

    assert [one.entry for one in diagnosed(results)] == ["db-access-rule", "db-deadlock"]


def report(results: Sequence[Result], diagnoses: Sequence[Diagnosis] = ()) -> Report:
    return Report(
        tool_version="0", run_id="r", started="now", results=tuple(results), diagnoses=tuple(diagnoses)
    )


WARNED = result("login", "warn", "login.not_current", level="warn")
FAILED = result("login", "fail", "login.stale_credential")


@pytest.mark.parametrize(
    ("results", "fail_on", "code"),
    [
        (HEALTHY, "fail", ExitCode.OK),
        ([], "fail", ExitCode.UNDETERMINED),
        ([result("connect", "skipped")], "fail", ExitCode.UNDETERMINED),
        ([result("connect", "pass"), result("login", "unknown")], "fail", ExitCode.UNDETERMINED),
        ([result("connect", "error")], "fail", ExitCode.UNDETERMINED),
        ([WARNED], "fail", ExitCode.OK),
        ([WARNED], "warn", ExitCode.FOUND),
        ([FAILED, result("connect", "unknown")], "fail", ExitCode.FOUND),
    ],
)
def test_check_returns_the_exit_code_for_its_results(
    results: Sequence[Result], fail_on: Level, code: ExitCode
) -> None:
    assert check_code(report(results), fail_on) is code


def test_diagnose_returns_the_exit_code_for_its_verdicts() -> None:
    sign = [matched("db-deadlock", "sqlstate 40P01")]
    unknown = [*HEALTHY[:3], result("conflicts", "unknown")]

    assert diagnose_code(report([FAILED], diagnosed([FAILED]))) is ExitCode.FOUND
    assert diagnose_code(report(HEALTHY, diagnosed(HEALTHY, sign))) is ExitCode.FOUND
    assert diagnose_code(report(HEALTHY, diagnosed(HEALTHY, [matched("db-deadlock")]))) is ExitCode.OK
    assert diagnose_code(report(HEALTHY)) is ExitCode.OK
    assert diagnose_code(report(unknown, diagnosed(unknown, sign))) is ExitCode.UNDETERMINED
    assert diagnose_code(report([])) is ExitCode.UNDETERMINED


def test_a_probe_of_several_files_counts_by_the_worst_and_is_skipped_only_where_it_saw_none() -> None:
    def looked(*outcomes: Outcome) -> str:
        return by_probe([result("timeouts", outcome) for outcome in outcomes])["timeouts"]

    assert looked("skipped", "pass", "skipped") == "pass"
    assert looked("fail", "skipped", "pass") == "fail"
    assert looked("pass", "unknown", "warn") == "unknown"
    assert looked("skipped", "skipped") == "skipped"
