"""Every shipped runbook is walked on the lab, through every branch."""

from collections.abc import Iterator

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.runbooks.lookup import read_checked
from kb.runbook_model.loader import RUNBOOKS, load_runbooks
from tests.support.proof import CATALOGUE
from tests.support.runbook_walks import Way, World, edge_of, edges, walked

BOOKS = load_runbooks()
YES, NO = ["yes"], ["no"]
SLOW = ("door", "sessions", "statements", "batches", "api", "service")
ALL_LAYERS = ("reach", "logins", "inside", "files", "service")
REFUSED = ("reach", "clock", "key", "token", "scopes", "quota")
READY = ("files", "certificates", "key", "keys", "capacity")
WAYS: dict[str, tuple[Way, ...]] = {
    "database-unreachable": (
        Way(("door", "login", "well")),
        Way(("door", "blind"), blind=("door",)),
        Way(("door", "login", "blind"), blind=("login",)),
        Way(("door", "door-fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Way(("door", "login", "login-fix"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Way(("door", "network", "ours"), ("connect.silent",), {"network": YES}, fixes=("db-unreachable",)),
        Way(("door", "network", "network-team"), ("connect.silent",), {"network": NO}),
        Way(
            ("door", "starting", "wait", "again", "still", "again", "well"),
            ("connect.starting_up",), {"starting": YES, "still": ["again"]}, after={"still": ()},
        ),
        Way(
            ("door", "starting", "wait", "again", "still", "owners"),
            ("connect.starting_up",), {"starting": YES, "still": ["stop"]},
        ),
        Way(("door", "starting", "owners"), ("connect.starting_up",), {"starting": NO}),
    ),
    "after-credential-rotation": (
        Way(("login", "others", "settled"), answers={"others": NO}),
        Way(
            ("login", "others", "restart-others", "still", "settled"),
            answers={"others": YES, "restart-others": YES},
        ),
        Way(
            ("login", "others", "restart-others", "still", "blind"),
            answers={"others": YES, "restart-others": YES}, blind=("still",),
        ),
        Way(("login", "others", "restart-others", "holding"), answers={"others": YES, "restart-others": NO}),
        Way(("login", "old-copy"), ("login.not_current",), fixes=("db-credential-rotation",)),
        Way(("login", "rejected"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Way(("login", "rejected"), ("rotation.unfinished",), fixes=("db-credential-rotation",)),
        Way(
            ("login", "others", "restart-others", "still", "old-copy"),
            answers={"others": YES, "restart-others": YES}, after={"restart-others": ("login.not_current",)},
            fixes=("db-credential-rotation",),
        ),
        Way(("login", "blind"), absent=("login",)),
    ),
    "payments-slow": (
        Way((*SLOW, "none-known", "over"), answers={"none-known": NO}),
        Way((*SLOW, "none-known", "escalate"), answers={"none-known": YES}),
        Way(
            ("door", "api", "service", "none-known", "over"),
            answers={"none-known": NO}, absent=("door", "api", "service"),
        ),
        Way(("door", "fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Way(("door", "sessions", "fix"), after={"door": ("pool.leaked",)}, fixes=("db-pool-leak",)),
        Way(
            ("door", "sessions", "statements", "fix"),
            after={"sessions": ("statements.lock_queue",)}, fixes=("db-lock-queue",),
        ),
        Way((*SLOW[:4], "fix"), after={"statements": ("report.memory",)}, fixes=("db-report-memory",)),
        Way((*SLOW[:5], "fix"), after={"batches": ("reach.refused",)}, fixes=("api-unavailable",)),
        Way((*SLOW, "fix"), after={"api": ("loop.cpu_inline",)}, fixes=("service-blocked-event-loop",)),
    ),
    "payments-failing": (
        Way((*ALL_LAYERS, "now", "over"), answers={"now": NO}),
        Way(
            (*ALL_LAYERS, "now", "changed", "escalate"),
            answers={"now": YES, "changed": ["nothing"]},
        ),
        Way(
            (*ALL_LAYERS, "now", "changed", "roll-back"),
            answers={"now": YES, "changed": ["deployment"]},
        ),
        Way(
            (*ALL_LAYERS, "now", "changed", "rotation"),
            answers={"now": YES, "changed": ["rotation"]}, fixes=("db-credential-rotation",),
        ),
        Way(("reach", "fix"), ("connect.refused",), fixes=("db-connection-refused",)),
        Way(("reach", "fix"), ("tls.expired",), fixes=("tls-certificate",)),
        Way(("reach", "logins", "fix"), ("login.stale_credential",), fixes=("db-credential-rotation",)),
        Way(("reach", "logins", "fix"), ("key.expired",), fixes=("api-key-expired",)),
        Way(
            ("reach", "logins", "inside", "fix"),
            after={"logins": ("statements.lock_queue",)}, fixes=("db-lock-queue",),
        ),
        Way((*ALL_LAYERS[:4], "fix"), after={"inside": ("currency.unknown",)}, fixes=("config-currency",)),
        Way(
            (*ALL_LAYERS, "fix"),
            after={"files": ("loop.cpu_inline",)}, fixes=("service-blocked-event-loop",),
        ),
    ),
    "authentication-failing": (
        Way((*REFUSED, "same", "now", "well"), answers={"same": YES, "now": NO}),
        Way((*REFUSED, "same", "now", "escalate"), answers={"same": YES, "now": YES}),
        Way((*REFUSED, "same", "other", "now", "well"), answers={"same": NO, "now": NO}),
        Way((*REFUSED, "same", "other", "now", "well"), answers={"same": ["unknown"], "now": NO}),
        Way(("reach", "fix"), ("reach.refused",), fixes=("api-unavailable",)),
        Way(("reach", "blind"), blind=("reach",)),
        Way(("reach", "clock", "fix"), ("clock.skew",), fixes=("api-clock-skew",)),
        Way((*REFUSED[:3], "fix"), ("key.expired",), fixes=("api-key-expired",)),
        Way((*REFUSED[:4], "fix"), ("token.malformed",), fixes=("api-invalid-token",)),
        Way((*REFUSED[:5], "fix"), ("scopes.missing",), fixes=("api-permission-denied",)),
        Way((*REFUSED, "fix"), ("quota.exhausted",), fixes=("api-rate-limit",)),
        Way((*REFUSED, "low"), ("quota.low",), fixes=("api-rate-limit",)),
    ),
    "deploy-preflight": (
        Way((*READY, "ready")),
        Way(("files", "fix"), ("currency.unknown",), fixes=("config-currency",)),
        Way(("files", "blind"), blind=("files",)),
        Way(("files", "certificates", "fix"), ("tls.expired",), fixes=("tls-certificate",)),
        Way(("files", "certificates", "blind"), blind=("certificates",)),
        Way(
            (*READY[:2], "renew", *READY[2:], "ready"),
            after={"files": ("tls.expires_soon",)},
        ),
        Way(
            (*READY[:3], "replace", *READY[3:], "ready"),
            after={"certificates": ("key.expires_soon",), "replace": ()},
        ),
        Way(
            (*READY[:3], "replace", "keys", "fix"),
            after={"certificates": ("key.expires_soon", "token.malformed")}, fixes=("api-invalid-token",),
        ),
        Way((*READY[:3], "fix"), after={"certificates": ("key.expired",)}, fixes=("api-key-expired",)),
        Way((*READY[:3], "blind"), blind=("key",)),
        Way((*READY[:4], "stale"), after={"certificates": ("login.not_current",)},
            fixes=("db-credential-rotation",)),
        Way((*READY[:4], "fix"), after={"key": ("token.malformed",)}, fixes=("api-invalid-token",)),
        Way((*READY[:4], "blind"), blind=("keys",)),
        Way((*READY, "too-many"), after={"keys": ("pool.oversubscribed",)}, fixes=("db-server-full",)),
        Way((*READY, "little-left"), after={"keys": ("quota.low",)}, fixes=("api-rate-limit",)),
        Way((*READY, "fix"), after={"keys": ("pool.leaked",)}, fixes=("db-pool-leak",)),
        Way((*READY, "blind"), blind=("capacity",)),
    ),
    "webhooks-not-arriving": (
        Way(("settings", "fix"), ("verification.no_secret",), fixes=("config-webhook",)),
        Way(("settings", "sent", "not-sent"), answers={"sent": ["nothing sent"]}, fixes=("config-webhook",)),
        Way(
            ("settings", "sent", "receiver", "path", "support"),
            answers={"sent": ["failed"], "path": YES},
        ),
        Way(
            ("settings", "sent", "receiver", "path", "network"),
            answers={"sent": ["failed"], "path": NO},
        ),
        Way(("settings", "sent", "receiver", "fix"), (), {"sent": ["failed"]},
            after={"sent": ("webhook.unverified",)}, fixes=("config-webhook",)),
        Way(
            ("settings", "sent", "receiver", "untested"), (), {"sent": ["failed"]}, absent=("receiver",)
        ),
        Way(("settings", "sent", "behind", "arrive"), answers={"sent": ["succeeded"], "behind": YES}),
        Way(("settings", "sent", "behind", "lost"), answers={"sent": ["succeeded"], "behind": NO}),
    ),
}  # fmt: skip
ALL = [(name, way) for name, ways in WAYS.items() for way in ways]


@pytest.fixture(scope="module")
def world(lab: Lab) -> Iterator[World]:
    made = World(lab)
    yield made
    made.be(())


@pytest.mark.lab
@pytest.mark.parametrize(("name", "way"), ALL, ids=lambda value: value if isinstance(value, str) else "")
def test_a_walk_goes_where_the_record_says(name: str, way: Way, world: World) -> None:
    steps, visits, end = walked(world, BOOKS[name], way)

    came = [(visit.step, visit.outcome, visit.findings) for visit in visits]
    assert tuple(steps) == way.steps, came
    assert tuple(dict.fromkeys(fix.entry for fix in end.fixes)) == way.fixes


@pytest.mark.lab
@pytest.mark.parametrize("name", BOOKS)
def test_every_branch_is_taken_by_some_walk(name: str, world: World) -> None:
    book = BOOKS[name]
    visits = [(visit, book) for way in WAYS[name] for visit in walked(world, book, way)[1]]

    assert edges(book) == {edge_of(book.step(visit.step), visit) for visit, book in visits}


def test_every_shipped_runbook_can_be_walked() -> None:
    assert set(read_checked(RUNBOOKS, CATALOGUE)) == set(BOOKS) == set(WAYS)
    assert all(book.since for book in BOOKS.values())
