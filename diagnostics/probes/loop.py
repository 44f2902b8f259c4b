"""Does the service still answer while it works, and if not, what keeps its event loop?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from diagnostics.clients.event_loop.classification import Measured, Verdict, judged
from diagnostics.clients.event_loop.load_generator import (
    TIMEOUT_S,
    HealthWindow,
    Load,
    apply_load,
    measure_health,
    open_connections,
)
from diagnostics.clients.event_loop.thread_usage import thread_use, waited_here
from diagnostics.clients.http.keepalive_connection import (
    KeepAliveConnection,
    TimedResponse,
    verifying_context,
)
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.settings import Service
from diagnostics.targets.target import EndpointKind

if TYPE_CHECKING:
    import ssl

QUESTION = "Does the service still answer while it works, and if not, what keeps its event loop?"
LAYER = "service"
APPLIES_TO: tuple[EndpointKind, ...] = ("service",)
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = ("loop.cpu_inline", "loop.blocking_io", "loop.gil_threads", "loop.blocked")
SAFETY: Safety = "active"
BUDGET = 15.0
ALONE = True
SENDS = (
    "Requests to service.health, one every 10 ms over one connection, for 2.6 s; in the last 2 s of them "
    "requests to service.work over four more connections, each as soon as the last is answered. Where the "
    "machine is too busy to tell, both are repeated at most twice."
)

IDLE = "health when idle, p95"
WORKERS = 4
"""Requests at a time: what four customers do. More would find the limit of the machine, not of the loop."""
RATIO = 5.0
"""How much slower health may become under load."""
QUIET_WINDOWS = 3
"""Windows without our load of which the quietest counts: who has just been under load is still at work."""
BUSY = 2.0
"""How much slower than it may be under load health is when idle, before others are blamed for it."""
BURSTS = 3
"""Bursts until the machine has a CPU for the loop while it is watched."""


def run(context: Context, /) -> None:
    """Ask for health alone, then under load, and look at the threads meanwhile."""
    service = context.target.settings.service
    if service is None:
        raise Skip(f"target {context.target.name} has no [service]")
    idle = _idle(context, service)
    if not service.work:
        raise CannotTell(
            f"target.{context.target.name}.service.work is not set: nothing to put it under load with"
        )
    bursts = [_loaded(context, service, idle)]
    while bursts[-1].verdict.starved and len(bursts) < BURSTS and _has_time(context):
        bursts.append(_loaded(context, service, idle))
    last = bursts[-1]
    _show(context, service, last)
    if not last.load.took_effect:
        raise CannotTell(
            f"service.work was never answered with success: {_failure_text(last.load.first_failure)}"
        )
    if last.health.first_failure and last.health.first_failure.status:
        context.unknown(f"service.health answered {last.health.first_failure.status} under load")
    _say(context, service, last.verdict)
    if idle.busy and not last.verdict.code:
        context.unknown(
            f"service.health takes {idle.p95_ms:.3g} ms without our load, and the network does not: either "
            "others keep the service at work, then ask again when it is quiet, or health does work itself, "
            "then name a URL that does none"
        )


@dataclass(frozen=True, slots=True)
class Idle:
    """Health without our load."""

    p95_ms: float
    busy: bool
    """Slow although the network is quick: others keep the service at work, or its health does work itself."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Health under our load."""

    health: HealthWindow
    load: Load
    measured: Measured

    @property
    def verdict(self) -> Verdict:
        """What it means."""
        return judged(self.measured)


def _idle(context: Context, service: Service) -> Idle:
    """Health without our load. Raises CannotTell where the service does not say that it is well."""
    seconds = context.thresholds.loop_idle_s
    slow_ms = context.thresholds.loop_slow_ms
    windows: list[HealthWindow] = []
    with (
        context.step("idle"),
        open_connections(_ConnectionFactory(context, service.health), 1, context.deadline) as (health,),
    ):
        while len(windows) < QUIET_WINDOWS and (not windows or windows[-1].p95_ms > slow_ms):
            windows.append(measure_health(health, seconds, context.deadline))
            if refused := windows[-1].first_failure:
                raise CannotTell(f"service.health does not answer with success: {_failure_text(refused)}")
        connect_ms = health.connect_ms
    quietest = min(windows, key=lambda window: window.p95_ms)
    busy = quietest.p95_ms > max(BUSY * slow_ms, RATIO * connect_ms)
    note = f"the quietest of {len(windows)} x {seconds:g} s"
    context.evidence("connect", round(connect_ms, 1), unit="ms", note="the network alone")
    context.evidence(IDLE, round(quietest.p95_ms, 1), unit="ms", ok=False if busy else None, note=note)
    return Idle(quietest.p95_ms, busy=busy)


def _loaded(context: Context, service: Service, idle: Idle) -> Loaded:
    """Health while four connections keep the service at work."""
    makers = (
        _ConnectionFactory(context, service.health),
        _ConnectionFactory(context, service.work, service.work_body),
    )
    with (
        context.step("under load"),
        open_connections(makers[0], 1, context.deadline) as (health,),
        open_connections(makers[1], WORKERS, context.deadline) as work,
    ):
        before = thread_use(service.pid) if service.pid else None
        own = waited_here()
        with apply_load(work) as load:
            found = measure_health(health, context.thresholds.loop_burst_s, context.deadline)
            after = thread_use(service.pid) if service.pid else None
            own = waited_here() - own
    used = after - before if before and after else None
    waiting_s = sum(response.ms for response in found.responses) / 1000
    limit_ms = max(RATIO * idle.p95_ms, context.thresholds.loop_slow_ms)
    measured = Measured(idle.p95_ms, found.p95_ms, limit_ms, RATIO, found.seconds, waiting_s, own, used)
    return Loaded(found, load, measured)


def _has_time(context: Context) -> bool:
    return context.deadline.left > context.thresholds.loop_burst_s + TIMEOUT_S


def _show(context: Context, service: Service, last: Loaded) -> None:
    measured, load = last.measured, last.load
    seconds = measured.seconds
    context.evidence(
        "health under load, p95",
        round(measured.loaded_ms, 1),
        expected=f"at most {measured.limit_ms:.3g}",
        unit="ms",
        ok=measured.loaded_ms <= measured.limit_ms,
        note=f"{RATIO:g} x idle, at least {context.thresholds.loop_slow_ms:g} ms",
    )
    rate = round(load.succeeded / seconds, 1)
    note = f"{WORKERS} connections for {seconds:.2g} s" + (
        "" if load.succeeded else "; all are still at work"
    )
    context.evidence("work done", rate, unit="/s", note=note)
    if measured.used:
        main, others = measured.used.main, measured.used.others
        context.evidence("CPU of the main thread", round(100 * main.cpu / seconds), unit="%")
        context.evidence("CPU of the other threads", round(100 * others.cpu / seconds), unit="%")
        waited = round(100 * main.waited / seconds)
        context.evidence("main thread stood in line for a CPU", waited, unit="% of the time")
    else:
        why = "not set" if not service.pid else f"no process {service.pid} on this machine, or no /proc"
        context.evidence("service.pid", why, note="without it, what keeps the loop is not to be seen")


def _say(context: Context, service: Service, verdict: Verdict) -> None:
    if verdict.code:
        context.finding(verdict.code, verdict.level)
    if verdict.wrong_process:
        context.evidence(
            "service.pid",
            service.pid,
            ok=False,
            note="used no CPU while the service answered: another process",
        )
    if verdict.starved:
        context.unknown(
            "health is slow under load, but the loop's thread or this probe stood in line for a CPU for most "
            "of that time: the machine has none to spare, so nothing is said about the loop; try again when "
            "it has"
        )


class _ConnectionFactory:
    """Makes lines to one URL; what they trust is read once. Raises CannotTell where it cannot be read."""

    def __init__(self, context: Context, url: str, body: str = "") -> None:
        tls, folder = context.target.settings.tls, context.target.folder
        self._url, self._body, self._server_name = url, body, tls.server_name
        files = [
            str(folder / path) if path else "" for path in (tls.ca_file, tls.client_cert, tls.client_key)
        ]
        try:
            self._tls: ssl.SSLContext | None = (
                verifying_context(*files) if urlsplit(url).scheme == "https" else None
            )
        except OSError as error:
            raise CannotTell(
                f"[tls]: {Path(error.filename or files[0]).name}: {error.strerror or error}"
            ) from None

    def __call__(self, deadline: SocketDeadline) -> KeepAliveConnection:
        return KeepAliveConnection(
            self._url, self._tls, deadline, server_name=self._server_name, body=self._body
        )


def _failure_text(response: TimedResponse | None) -> str:
    if response is None:
        return "no answer came in time"
    return f"HTTP {response.status}" if response.status else response.error
