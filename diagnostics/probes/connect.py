"""Does PostgreSQL answer, and would it let the application ask for a login?"""

from dataclasses import dataclass

from diagnostics.clients.dns import HostNotFound
from diagnostics.clients.postgres.credentials import source_of
from diagnostics.clients.postgres.parameters import ConnectionSettings, connection_settings
from diagnostics.clients.postgres.route import RESOLVE_S, Route, doors, not_allowed, reach
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import Answer, StartupAttempt
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Does PostgreSQL answer, and would it let the application ask for a login?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "connect.server_full",
    "connect.no_hba_rule",
    "connect.tls_required",
    "connect.shutting_down",
    "connect.standby_closed",
    "connect.starting_up",
    "connect.tls_refused",
    "connect.not_postgres",
    "connect.closed",
    "connect.silent",
    "connect.timeout",
    "connect.no_route",
    "connect.refused",
    "connect.socket_missing",
    "connect.host_not_found",
)
"""The most specific first: what came furthest at one address says more than what failed before it."""
SAFETY: Safety = "remote"
BUDGET = 8.0
ALONE = False
SENDS = "One connection per address until one answers, a second where TLS must be tried too; no password."

RESERVE_S = 0.5
"""Seconds kept for the answer itself."""
LEAST_S = 0.1
SHOWN = ("host", "port", "user", "dbname", "sslmode")
LATER = frozenset({"3D000", "28P01", "42501"})
"""Refusals that poolers give before a login and PostgreSQL after it: the login's question, not this one's."""
OF_TLS = frozenset({"certificate", "tls_failed"})
"""Problems that another probe names."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One address and what it came to: the name of a fact, empty where the server would take a login."""

    host: int
    door: SocketAddress
    answer: Answer
    fact: str


def run(context: Context, /) -> None:
    """Take the stages one after the other, at every address until one answers."""
    with context.step("settings"):
        settings = connection_settings(context.endpoint.url)
    _show_settings(context, settings)
    with context.step("resolve") as opened:
        places, missing = _resolve(context, settings)
        opened.detail = ", ".join(door.shown for _, door in places)
    facts = list(missing)
    for number, (host, door) in enumerate(places):
        tried = _try(context, settings, host, door, left=len(places) - number)
        _show_attempt(context, tried)
        if not tried.fact:
            _show_route(context, tried)
            return
        facts.append(tried.fact)
    _conclude(context, facts)


def _show_settings(context: Context, settings: ConnectionSettings) -> None:
    for keyword in SHOWN:
        context.evidence(keyword, settings[keyword], note=f"from {settings.source(keyword)}")
    secret = context.target.settings.secrets.database
    context.evidence("password from", source_of(secret, settings))
    timeout = settings["connect_timeout"]
    note = "" if timeout else "the application waits as long as the system does, about two minutes"
    context.evidence("connect_timeout", timeout or "not set", unit="s" if timeout else "", note=note)


def _resolve(
    context: Context, settings: ConnectionSettings
) -> tuple[list[tuple[int, SocketAddress]], list[str]]:
    """Every address in libpq's order, and the facts about hosts that have none."""
    places: list[tuple[int, SocketAddress]] = []
    missing: list[str] = []
    for index, host in enumerate(settings.hosts):
        try:
            found = doors(host, context.deadline.within(RESOLVE_S))
        except HostNotFound:
            context.evidence(
                f"host {host.shown}", "no address", ok=False, note="the resolver knows no such name"
            )
            missing.append("host_not_found")
        except CannotTell as reason:
            context.unknown(str(reason))
        else:
            places += [(index, door) for door in found]
    return places, missing


def _try(
    context: Context, settings: ConnectionSettings, host: int, door: SocketAddress, *, left: int
) -> Tried:
    share = (context.deadline.left - RESERVE_S) / left
    patience = Deadline(max(LEAST_S, min(context.thresholds.connect_timeout_s, share)))
    answer = reach(door, settings, patience, context.step)
    fact = _fact(answer)
    if settings["sslmode"] == "disable" and not door.local and not_allowed(answer):
        with_tls = StartupAttempt(door, settings, Deadline(patience.seconds), context.step)("tls")
        if not with_tls.problem or not (not_allowed(with_tls) or with_tls.problem == "tls_refused"):
            fact = "tls_required"
    return Tried(host, door, answer, fact)


def _fact(answer: Answer) -> str:
    if answer.problem != "server_error" or answer.error is None:
        return answer.problem
    sqlstate = answer.error.sqlstate
    if sqlstate in LATER:
        return ""
    known = {"28000": "no_hba_rule", "53300": "server_full", "57P03": _not_yet(answer.error)}
    return known.get(sqlstate, answer.problem)


def _not_yet(error: ServerError) -> str:
    """Tell the reasons of 57P03 apart. They share a routine, so a text in another language is `starting`."""
    text = f"{error.message} {error.detail}"
    if "shutting down" in text:
        return "shutting_down"
    if "not accepting connections" in text or "Hot standby mode is disabled" in text:
        return "standby_closed"
    return "starting_up"


def _show_attempt(context: Context, tried: Tried) -> None:
    answer = tried.answer
    note = answer.error.shown if answer.error else answer.detail
    if answer.error and answer.error.detail:
        note += f" ({answer.error.detail})"
    context.evidence(f"address {tried.door.shown}", tried.fact or "reachable", ok=not tried.fact, note=note)


def _show_route(context: Context, tried: Tried) -> None:
    route = Route(tried.host, tried.door.address, bool(tried.answer.tls))
    context.share(route)
    value = (route.host, route.address, "TLS" if route.tls else "plain")
    context.evidence("route", value, note="what the probes after this one use")
    context.evidence("authentication", tried.answer.method or "unknown")
    context.evidence("encryption", tried.answer.tls or "none")


def _conclude(context: Context, facts: list[str]) -> None:
    """Say the most specific fact of all addresses; one without a finding leaves the question open."""
    without = [fact for fact in facts if f"connect.{fact}" not in FINDINGS]
    if without and set(without) <= OF_TLS:
        context.unknown("no TLS that the application would take; the probe `tls` says why")
    elif without:
        context.unknown(f"{', '.join(dict.fromkeys(without))}: no entry knows this yet; see the evidence")
    elif facts:
        context.finding(min((f"connect.{fact}" for fact in facts), key=FINDINGS.index))
