"""States of the probes of an entry that is verified; a pure function of results and targets."""

from collections.abc import Sequence

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.engine.events import Finding, Key, Level, Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.probes import PROBES
from diagnostics.report.model import Report, Result, Verification
from diagnostics.report.verification_text import reasons, state_of
from diagnostics.targets.settings import ConfigFiles, Rotation, SecretRef, TargetSettings, Webhook
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import endpoints
from kb.records.loader import load_entries

CATALOGUE = Catalogue(load_entries(), PROBES)
DATABASE = "postgresql://app@127.0.0.1/pay"
HOOK = Webhook(url="http://127.0.0.1:9/hooks", secret=SecretRef(env="HOOK"))
NO_ENDPOINT = "it applies to endpoints of kind {}, and the target has none"
ROTATED = Rotation(secret=SecretRef(aws="pay"))


def target(settings: TargetSettings, name: str = "prod") -> Target:
    return Target(name, endpoints(settings), settings)


PROD = target(TargetSettings(database=DATABASE, rotation=ROTATED))


def result(
    probe: str,
    outcome: Outcome,
    *codes: str,
    on: str = "prod",
    reason: str = "",
    by: str = "",
    level: Level = "fail",
    ms: float = 0.0,
) -> Result:
    findings = tuple(Finding(code=code, level=level) for code in codes)
    return Result(Key(on, "e", probe), outcome, reason, by, findings, ms=ms)


def verified(entry: str, results: Sequence[Result], *targets: Target) -> Verification:
    report = Report(tool_version="0", run_id="r", started="now", results=tuple(results))
    return verification_of(report, CATALOGUE.entries[entry], CATALOGUE, targets or (PROD,))


def lines(verification: Verification) -> list[str]:
    return [" ".join(f"{probe} {state}{reason}".split()) for probe, state, reason in reasons(verification)]


HEALTHY = (result("connect", "pass"), result("login", "pass"), result("rotation", "skipped"))
DOWN = (
    result("connect", "fail", "connect.refused"),
    result("login", "blocked", by="connect"),
    result("rotation", "blocked", by="connect"),
)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        (HEALTHY, ExitCode.OK),
        ((result("login", "fail", "login.stale_credential"),), ExitCode.STILL_FAILING),
        ((result("login", "warn", "login.not_current", level="warn"),), ExitCode.STILL_FAILING),
        (DOWN, ExitCode.UNDETERMINED),
        ((), ExitCode.UNDETERMINED),
    ],
)
def test_it_is_green_only_if_every_probe_of_the_entry_reached_a_conclusion(
    results: Sequence[Result], code: ExitCode
) -> None:
    assert verify_code(verified("db-credential-rotation", results)) is code


def test_each_probe_that_is_not_green_has_one_line_with_the_reason() -> None:
    down = verified("db-credential-rotation", DOWN)
    unknown = verified("db-credential-rotation", [result("login", "unknown", reason="no route")])
    broken = verified("db-deadlock", [result("conflicts", "error", reason="a bug")])
    still = verified(
        "db-credential-rotation", [result("login", "fail", "login.stale_credential"), HEALTHY[2]]
    )

    assert lines(down) == [
        "login blocked: connect ended fail with connect.refused",
        "rotation blocked: connect ended fail with connect.refused",
    ]
    assert lines(unknown) == ["login unknown: no route", "rotation not run: it has not run"]
    assert lines(broken) == ["conflicts error: a bug"]
    assert lines(still) == [
        "login still finds login.stale_credential",
        "rotation not run: it is active; allow it with --active",
    ]
    assert [state_of(item) for item in (down, still, verified("db-credential-rotation", HEALTHY))] == [
        "not_verified",
        "still_failing",
        "verified",
    ]


def test_a_held_back_active_probe_keeps_the_entry_open() -> None:
    both = target(TargetSettings(webhook=HOOK, config=ConfigFiles(webhook="w.toml")))
    held = verified("config-webhook", [result("verification", "pass"), result("webhook", "skipped")], both)
    ran = verified("config-webhook", [result("verification", "pass"), result("webhook", "pass")], both)

    assert verify_code(held) is ExitCode.UNDETERMINED
    assert lines(held) == ["webhook not run: it is active; allow it with --active"]
    assert verify_code(ran) is ExitCode.OK


def test_a_probe_that_applies_to_nothing_in_the_target_does_not_keep_the_entry_open() -> None:
    only_hook = target(TargetSettings(webhook=HOOK))

    verification = verified("config-webhook", [result("webhook", "pass")], only_hook)

    assert verify_code(verification) is ExitCode.OK
    assert [(probe.probe, probe.state) for probe in verification.probes] == [
        ("verification", "not applicable"),
        ("webhook", "green"),
    ]


def test_a_probe_that_could_run_and_has_not_keeps_the_entry_open() -> None:
    both = target(TargetSettings(webhook=HOOK, config=ConfigFiles(webhook="w.toml")))

    assert verify_code(verified("config-webhook", [result("webhook", "pass")], both)) is ExitCode.UNDETERMINED


def test_an_entry_none_of_whose_probes_applies_is_undetermined_with_the_reason() -> None:
    verification = verified("config-webhook", HEALTHY)

    assert verify_code(verification) is ExitCode.UNDETERMINED
    assert lines(verification) == [
        "no probe of config-webhook applies to target prod",
        f"verification does not apply: {NO_ENDPOINT.format('webhook file or path')}",
        f"webhook does not apply: {NO_ENDPOINT.format('webhook')}",
    ]


def test_a_probe_without_its_setting_does_not_apply_and_is_not_required() -> None:
    no_rotation = target(TargetSettings(database=DATABASE))
    results = [result("login", "pass"), result("rotation", "skipped", reason="names no AWS secret")]

    verification = verified("db-credential-rotation", results, no_rotation)

    assert verify_code(verification) is ExitCode.OK
    assert verification.probes[1].state == "not applicable"


def test_only_skipped_probes_are_no_proof() -> None:
    files = target(TargetSettings(config=ConfigFiles(network="n.toml")))

    verification = verified(
        "config-timeouts", [result("timeouts", "skipped", reason="no table", ms=1)], files
    )

    assert verify_code(verification) is ExitCode.UNDETERMINED
    assert lines(verification)[1] == "timeouts skipped, and not needed: no table"


def test_a_fix_of_one_file_is_verified_though_the_probe_passes_over_the_others() -> None:
    files = target(TargetSettings(config=ConfigFiles(network="n.toml")))
    results = [result("timeouts", outcome) for outcome in ("skipped", "pass", "skipped")]

    assert verify_code(verified("config-timeouts", results, files)) is ExitCode.OK


def test_each_of_several_targets_must_be_green() -> None:
    other = target(TargetSettings(database=DATABASE), "other")  # without [rotation], unlike prod
    api = target(TargetSettings(api="https://127.0.0.1/v1"), "api")
    one = [result("login", "pass"), result("rotation", "skipped")]
    both = [*one, result("login", "pass", on="other")]
    failing = [*one, result("login", "unknown", reason="no route", on="other")]

    assert verify_code(verified("db-credential-rotation", both, PROD, other)) is ExitCode.OK
    assert (
        lines(verified("db-credential-rotation", failing, PROD, other))[0]
        == "login on other unknown: no route"
    )
    not_there = verified("db-credential-rotation", one, PROD, api)
    assert verify_code(not_there) is ExitCode.UNDETERMINED
    assert not_there.reason == "no probe of db-credential-rotation applies to target api"
