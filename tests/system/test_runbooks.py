"""Every shipped runbook, executed on the lab through every branch."""

from collections.abc import Iterator

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.runbooks.lookup import read_checked
from kb.runbook_model.loader import RUNBOOKS, load_runbooks
from tests.support.proof import CATALOGUE
from tests.support.runbook_cases import Case, LabState, edge_of, edges, run_case

BOOKS = load_runbooks()
YES, NO = ["yes"], ["no"]
SLOW = ("door", "sessions", "statements", "batches", "api", "service")
ALL_LAYERS = ("reach", "logins", "inside", "files", "service")
REFUSED = ("reach", "clock", "key", "token", "scopes", "quota")
READY = ("files", "certificates", "key", "keys", "capacity")
CASES: dict[str, tuple[Case, ...]] = {
    "database-unreachable": (
        Case(("door", "login", "well")),
        Case(("door", "blind"), blind=("door",)),
        Case(("door", "login", "blind"), blind=("login",)),
        Case(("door", "door-fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Case(("door", "login", "login-fix"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Case(("door", "network", "ours"), ("connect.silent",), {"network": YES}, fixes=("db-unreachable",)),
        Case(("door", "network", "network-team"), ("connect.silent",), {"network": NO}),
        Case(
            ("door", "starting", "wait", "again", "still", "again", "well"),
            ("connect.starting_up",), {"starting": YES, "still": ["again"]}, after={"still": ()},
        ),
        Case(
            ("door", "starting", "wait", "again", "still", "owners"),
            ("connect.starting_up",), {"starting": YES, "still": ["stop"]},
        ),
        Case(("door", "starting", "owners"), ("connect.starting_up",), {"starting": NO}),
    ),
    "after-credential-rotation": (
        Case(("login", "others", "settled"), answers={"others": NO}),
        Case(
            ("login", "others", "restart-others", "still", "settled"),
            answers={"others": YES, "restart-others": YES},
        ),
        Case(
            ("login", "others", "restart-others", "still", "blind"),
            answers={"others": YES, "restart-others": YES}, blind=("still",),
        ),
        Case(("login", "others", "restart-others", "holding"), answers={"others": YES, "restart-others": NO}),
        Case(("login", "old-copy"), ("login.not_current",), fixes=("db-credential-rotation",)),
        Case(("login", "rejected"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Case(("login", "rejected"), ("rotation.unfinished",), fixes=("db-credential-rotation",)),
        Case(
            ("login", "others", "restart-others", "still", "old-copy"),
            answers={"others": YES, "restart-others": YES}, after={"restart-others": ("login.not_current",)},
            fixes=("db-credential-rotation",),
        ),
        Case(("login", "blind"), absent=("login",)),
    ),
    "payments-slow": (
        Case((*SLOW, "none-known", "over"), answers={"none-known": NO}),
        Case((*SLOW, "none-known", "escalate"), answers={"none-known": YES}),
        Case(
            ("door", "api", "service", "none-known", "over"),
            answers={"none-known": NO}, absent=("door", "api", "service"),
        ),
        Case(("door", "fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Case(("door", "sessions", "fix"), after={"door": ("pool.leaked",)}, fixes=("db-pool-leak",)),
        Case(
            ("door", "sessions", "statements", "fix"),
            after={"sessions": ("statements.lock_queue",)}, fixes=("db-lock-queue",),
        ),
        Case((*SLOW[:4], "fix"), after={"statements": ("report.memory",)}, fixes=("db-report-memory",)),
        Case((*SLOW[:5], "fix"), after={"batches": ("reach.refused",)}, fixes=("api-unavailable",)),
        Case((*SLOW, "fix"), after={"api": ("loop.cpu_inline",)}, fixes=("service-blocked-event-loop",)),
    ),
    "payments-failing": (
        Case((*ALL_LAYERS, "now", "over"), answers={"now": NO}),
        Case(
            (*ALL_LAYERS, "now", "changed", "escalate"),
            answers={"now": YES, "changed": ["nothing"]},
        ),
        Case(
            (*ALL_LAYERS, "now", "changed", "roll-back"),
            answers={"now": YES, "changed": ["deployment"]},
        ),
        Case(
            (*ALL_LAYERS, "now", "changed", "rotation"),
            answers={"now": YES, "changed": ["rotation"]}, fixes=("db-credential-rotation",),
        ),
        Case(("reach", "fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Case(("reach", "fix"), ("tls.expired",), fixes=("tls-certificate",)),
        Case(("reach", "logins", "fix"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Case(("reach", "logins", "fix"), ("key.expired",), fixes=("api-key-expired",)),
        Case(
            ("reach", "logins", "inside", "fix"),
            after={"logins": ("statements.lock_queue",)}, fixes=("db-lock-queue",),
        ),
        Case((*ALL_LAYERS[:4], "fix"), after={"inside": ("currency.unknown",)}, fixes=("config-currency",)),
        Case(
            (*ALL_LAYERS, "fix"),
            after={"files": ("loop.cpu_inline",)}, fixes=("service-blocked-event-loop",),
        ),
    ),
    "authentication-failing": (
        Case((*REFUSED, "same", "now", "well"), answers={"same": YES, "now": NO}),
        Case((*REFUSED, "same", "now", "escalate"), answers={"same": YES, "now": YES}),
        Case((*REFUSED, "same", "other", "now", "well"), answers={"same": NO, "now": NO}),
        Case((*REFUSED, "same", "other", "now", "well"), answers={"same": ["unknown"], "now": NO}),
        Case(("reach", "fix"), ("reach.refused",), fixes=("api-unavailable",)),
        Case(("reach", "blind"), blind=("reach",)),
        Case(("reach", "clock", "fix"), ("clock.skew",), fixes=("api-clock-skew",)),
        Case((*REFUSED[:3], "fix"), ("key.expired",), fixes=("api-key-expired",)),
        Case((*REFUSED[:4], "fix"), ("token.malformed",), fixes=("api-invalid-token",)),
        Case((*REFUSED[:5], "fix"), ("scopes.missing",), fixes=("api-permission-denied",)),
        Case((*REFUSED, "fix"), ("quota.exhausted",), fixes=("api-rate-limit",)),
        Case((*REFUSED, "low"), ("quota.low",), fixes=("api-rate-limit",)),
    ),
    "deploy-preflight": (
        Case((*READY, "ready")),
        Case(("files", "fix"), ("currency.unknown",), fixes=("config-currency",)),
        Case(("files", "blind"), blind=("files",)),
        Case(("files", "certificates", "fix"), ("tls.expired",), fixes=("tls-certificate",)),
        Case(("files", "certificates", "blind"), blind=("certificates",)),
        Case(
            (*READY[:2], "renew", *READY[2:], "ready"),
            after={"files": ("tls.expires_soon",)},
        ),
        Case(
            (*READY[:3], "replace", *READY[3:], "ready"),
            after={"certificates": ("key.expires_soon",), "replace": ()},
        ),
        Case(
            (*READY[:3], "replace", "keys", "fix"),
            after={"certificates": ("key.expires_soon", "token.malformed")}, fixes=("api-invalid-token",),
        ),
        Case((*READY[:3], "fix"), after={"certificates": ("key.expired",)}, fixes=("api-key-expired",)),
        Case((*READY[:3], "blind"), blind=("key",)),
        Case((*READY[:4], "stale"), after={"certificates": ("login.not_current",)},
            fixes=("db-credential-rotation",)),
        Case((*READY[:4], "fix"), after={"key": ("token.malformed",)}, fixes=("api-invalid-token",)),
        Case((*READY[:4], "blind"), blind=("keys",)),
        Case((*READY, "too-many"), after={"keys": ("pool.oversubscribed",)}, fixes=("db-server-full",)),
        Case((*READY, "little-left"), after={"keys": ("quota.low",)}, fixes=("api-rate-limit",)),
        Case((*READY, "fix"), after={"keys": ("pool.leaked",)}, fixes=("db-pool-leak",)),
        Case((*READY, "blind"), blind=("capacity",)),
    ),
    "webhooks-not-arriving": (
        Case(("settings", "fix"), ("verification.no_secret",), fixes=("config-webhook",)),
        Case(("settings", "sent", "not-sent"), answers={"sent": ["nothing sent"]}, fixes=("config-webhook",)),
        Case(
            ("settings", "sent", "receiver", "path", "support"),
            answers={"sent": ["failed"], "path": YES},
        ),
        Case(
            ("settings", "sent", "receiver", "path", "network"),
            answers={"sent": ["failed"], "path": NO},
        ),
        Case(("settings", "sent", "receiver", "fix"), (), {"sent": ["failed"]},
            after={"sent": ("webhook.unverified",)}, fixes=("config-webhook",)),
        Case(
            ("settings", "sent", "receiver", "untested"), (), {"sent": ["failed"]}, absent=("receiver",)
        ),
        Case(("settings", "sent", "behind", "arrive"), answers={"sent": ["succeeded"], "behind": YES}),
        Case(("settings", "sent", "behind", "lost"), answers={"sent": ["succeeded"], "behind": NO}),
    ),
}  # fmt: skip
ALL = [(name, case) for name, cases in CASES.items() for case in cases]


@pytest.fixture(scope="module")
def state(lab: Lab) -> Iterator[LabState]:
    state = LabState(lab)
    yield state
    state.set_faults(())


@pytest.mark.lab
@pytest.mark.parametrize(("name", "case"), ALL, ids=lambda value: value if isinstance(value, str) else "")
def test_an_execution_takes_the_steps_of_the_runbook(name: str, case: Case, state: LabState) -> None:
    steps, records, end = run_case(state, BOOKS[name], case)

    taken = [(record.step, record.outcome, record.findings) for record in records]
    assert tuple(steps) == case.steps, taken
    assert tuple(dict.fromkeys(fix.entry for fix in end.fixes)) == case.fixes


@pytest.mark.lab
@pytest.mark.parametrize("name", BOOKS)
def test_every_branch_is_taken_by_some_case(name: str, state: LabState) -> None:
    book = BOOKS[name]
    records = [(record, book) for case in CASES[name] for record in run_case(state, book, case)[1]]

    assert edges(book) == {edge_of(book.step(record.step), record) for record, book in records}


def test_every_shipped_runbook_has_cases() -> None:
    assert set(read_checked(RUNBOOKS, CATALOGUE)) == set(BOOKS) == set(CASES)
    assert all(book.since for book in BOOKS.values())
