"""Startup without credentials at each address of the database, in libpq's order."""

from dataclasses import dataclass

from diagnostics.clients.dns import HostNotFound
from diagnostics.clients.postgres.credentials import source_of
from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings, connection_settings
from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.route import (
    RESOLVE_S,
    Route,
    addresses_of,
    belongs_to_login,
    demands_client_certificate,
    refused_by_rule,
    start_up,
)
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import StartupAttempt, StartupResult
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Does PostgreSQL answer, and does it accept a connection of the application?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "connect.server_full",
    "connect.client_certificate",
    "connect.pooler_full",
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
"""The most specific first: an attempt that got further tells more than one that failed earlier."""
SAFETY: Safety = "remote"
BUDGET = 8.0
ALONE = False
SENDS = "One connection per address until one answers, a second where TLS must be tried too; no password."

RESERVE_S = 0.5
"""Seconds kept for the result."""
MIN_S = 0.1
SHOWN = ("host", "port", "user", "dbname", "sslmode")
OF_TLS = frozenset({"certificate", "tls_failed"})
"""Problems that the probe `tls` reports."""


@dataclass(frozen=True, slots=True)
class AddressResult:
    """Result of the startup at one address."""

    host: int
    """Index of the host in the settings."""
    address: SocketAddress
    result: StartupResult
    problem: str
    """Name of the finding without `connect.`; empty if the server would accept a login."""


def run(context: Context, /) -> None:
    """Try each address until one answers, and report the most specific problem otherwise."""
    with context.step("settings"):
        settings = connection_settings(context.endpoint.url)
    _show_settings(context, settings)
    with context.step("resolve") as opened:
        addresses, problems = _resolve(context, settings)
        opened.detail = ", ".join(address.shown for _, address in addresses)
    for number, (host, address) in enumerate(addresses):
        attempt = _try(context, settings, host, address, left=len(addresses) - number)
        _show_attempt(context, attempt)
        if not attempt.problem:
            _share_route(context, attempt)
            return
        problems.append(attempt.problem)
    _conclude(context, problems)


def _show_settings(context: Context, settings: ConnectionSettings) -> None:
    for keyword in SHOWN:
        context.evidence(keyword, settings[keyword], note=f"from {settings.source(keyword)}")
    secret = context.target.settings.secrets.database
    context.evidence("password from", source_of(secret, settings))
    timeout = settings["connect_timeout"]
    note = "" if timeout else "the application waits as long as the operating system, about two minutes"
    context.evidence("connect_timeout", timeout or "not set", unit="s" if timeout else "", note=note)


def _resolve(
    context: Context, settings: ConnectionSettings
) -> tuple[list[tuple[int, SocketAddress]], list[str]]:
    """Return all addresses in libpq's order, each with its host's index, and a problem per unknown host."""
    addresses: list[tuple[int, SocketAddress]] = []
    problems: list[str] = []
    for index, host in enumerate(settings.hosts):
        try:
            resolved = addresses_of(host, context.deadline.within(RESOLVE_S))
        except HostNotFound:
            context.evidence(
                f"host {host.shown}", "no address", ok=False, note="the resolver does not know this name"
            )
            problems.append("host_not_found")
        except CannotTell as reason:
            context.unknown(str(reason))
        else:
            addresses += [(index, address) for address in resolved]
    return addresses, problems


def _try(
    context: Context, settings: ConnectionSettings, host: int, address: SocketAddress, *, left: int
) -> AddressResult:
    """Attempt a startup within this address's share of the time; `left` addresses are still to be tried."""
    share = (context.deadline.left - RESERVE_S) / left
    deadline = Deadline(max(MIN_S, min(context.thresholds.connect_timeout_s, share)))
    result = start_up(address, settings, deadline, context.step)
    problem = _problem(result)
    if settings["sslmode"] == "disable" and not address.local and refused_by_rule(result):
        with_tls = StartupAttempt(address, settings, Deadline(deadline.seconds), context.step)("tls")
        excluded = refused_by_rule(with_tls) and not demands_client_certificate(with_tls)
        if not (excluded or with_tls.problem == "tls_refused"):
            problem = "tls_required"
    return AddressResult(host, address, result, problem)


def _problem(result: StartupResult) -> str:
    if result.problem != "server_error" or result.error is None:
        return result.problem
    if belongs_to_login(result.error):
        return ""
    if demands_client_certificate(result):
        return "client_certificate"
    if pooler_reason(result.error) == "full":
        return "pooler_full"
    sqlstate = result.error.sqlstate
    known = {"28000": "no_hba_rule", "53300": "server_full", "57P03": _not_accepting(result.error)}
    return known.get(sqlstate, result.problem)


def _not_accepting(error: ServerError) -> str:
    """Return the reason of 57P03 by its text, since the routine is the same for all."""
    text = f"{error.message} {error.detail}"
    if "shutting down" in text:
        return "shutting_down"
    if "not accepting connections" in text or "Hot standby mode is disabled" in text:
        return "standby_closed"
    return "starting_up"


def _show_attempt(context: Context, attempt: AddressResult) -> None:
    error = attempt.result.error
    note = error.shown if error else attempt.result.detail
    if error and error.detail:
        note += f" ({error.detail})"
    value = attempt.problem or "reachable"
    context.evidence(f"address {attempt.address.shown}", value, ok=not attempt.problem, note=note)


def _share_route(context: Context, attempt: AddressResult) -> None:
    route = Route(attempt.host, attempt.address.address, bool(attempt.result.tls))
    context.share(route)
    value = (route.host, route.address, "TLS" if route.tls else "plain")
    context.evidence("route", value, note="what the probes after this one use")
    context.evidence("authentication", attempt.result.method or "unknown")
    context.evidence("encryption", attempt.result.tls or "none")


def _conclude(context: Context, problems: list[str]) -> None:
    """Emit the most specific finding; a problem without a finding leaves the question open."""
    others = [problem for problem in problems if f"connect.{problem}" not in FINDINGS]
    if others and set(others) <= OF_TLS:
        context.unknown("no TLS connection that the application would accept; the probe `tls` says why")
    elif others:
        context.unknown(f"{', '.join(dict.fromkeys(others))}: no entry describes this yet; see the evidence")
    elif problems:
        context.finding(min((f"connect.{problem}" for problem in problems), key=FINDINGS.index))
