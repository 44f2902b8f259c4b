"""Response times of the service's health URL, idle and under load, and the CPU usage of its threads."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from diagnostics.clients.event_loop.classification import Classification, Measurement, classify
from diagnostics.clients.event_loop.load_generator import (
    TIMEOUT_S,
    HealthWindow,
    Load,
    apply_load,
    measure_health,
    open_connections,
)
from diagnostics.clients.event_loop.thread_usage import ThreadUsage, own_waiting_time, read_thread_usage
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
    "requests to service.work over four more connections, each as soon as the last is answered. If the "
    "machine is too busy for a result, both are repeated at most twice."
)

IDLE = "health when idle, p95"
WORKERS = 4
"""Concurrent requests, as of four customers; more would find the limit of the machine, not of the loop."""
RATIO = 5.0
"""Factor by which health may become slower under load."""
MAX_IDLE_WINDOWS = 3
"""Windows without our load, of which the quietest counts: a service may still be finishing earlier work."""
BUSY = 2.0
"""Multiple of the permitted time from which a slow idle health means that others load the service."""
MAX_LOADS = 3
"""Periods of load until the machine has a CPU for the loop."""


def run(context: Context, /) -> None:
    """Measure health without load, then under load, with the CPU usage of the service's threads."""
    service = context.target.settings.service
    if service is None:
        raise Skip(f"target {context.target.name} has no [service]")
    idle = _measure_idle(context, service)
    if not service.work:
        raise CannotTell(
            f"target.{context.target.name}.service.work is not set: nothing to put it under load with"
        )
    results = [_measure_loaded(context, service, idle)]
    while results[-1].classification.starved and len(results) < MAX_LOADS and _has_time(context):
        results.append(_measure_loaded(context, service, idle))
    last = results[-1]
    _report(context, service, last)
    if not last.load.took_effect:
        reason = _failure_text(last.load.first_failure)
        raise CannotTell(f"service.work was never answered with success: {reason}")
    if last.health.first_failure and last.health.first_failure.status:
        context.unknown(f"service.health answered {last.health.first_failure.status} under load")
    _judge(context, service, last.classification)
    if idle.busy and not last.classification.code:
        context.unknown(
            f"service.health takes {idle.p95_ms:.3g} ms without our load, and the network does not: either "
            "other clients load the service, then repeat the check when it is quiet, or health does work "
            "itself, then name a URL that does none"
        )


@dataclass(frozen=True, slots=True)
class Idle:
    """Health without our load."""

    p95_ms: float
    busy: bool
    """True if health is slow and the network is not: other clients load the service, or health does work."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Health under our load."""

    health: HealthWindow
    load: Load
    measured: Measurement

    @property
    def classification(self) -> Classification:
        """Classification of the measurement."""
        return classify(self.measured)


def _measure_idle(context: Context, service: Service) -> Idle:
    """Measure health without our load. Raises CannotTell if a response is not a success."""
    seconds = context.thresholds.loop_idle_s
    slow_ms = context.thresholds.loop_slow_ms
    windows: list[HealthWindow] = []
    connect = _ConnectionFactory(context, service.health)
    with context.step("idle"), open_connections(connect, 1, context.deadline) as (health,):
        while len(windows) < MAX_IDLE_WINDOWS and (not windows or windows[-1].p95_ms > slow_ms):
            windows.append(measure_health(health, seconds, context.deadline))
            if failure := windows[-1].first_failure:
                raise CannotTell(f"service.health does not answer with success: {_failure_text(failure)}")
        connect_ms = health.connect_ms
    quietest = min(windows, key=lambda window: window.p95_ms)
    busy = quietest.p95_ms > max(BUSY * slow_ms, RATIO * connect_ms)
    note = f"the quietest of {len(windows)} x {seconds:g} s"
    context.evidence("connect", round(connect_ms, 1), unit="ms", note="the network alone")
    context.evidence(IDLE, round(quietest.p95_ms, 1), unit="ms", ok=False if busy else None, note=note)
    return Idle(quietest.p95_ms, busy=busy)


def _measure_loaded(context: Context, service: Service, idle: Idle) -> Loaded:
    """Measure health while four connections load the service."""
    connect_health = _ConnectionFactory(context, service.health)
    connect_work = _ConnectionFactory(context, service.work, service.work_body)
    with (
        context.step("under load"),
        open_connections(connect_health, 1, context.deadline) as (health,),
        open_connections(connect_work, WORKERS, context.deadline) as work,
    ):
        before = read_thread_usage(service.pid) if service.pid else None
        own_waited_s = own_waiting_time()
        with apply_load(work) as load:
            window = measure_health(health, context.thresholds.loop_burst_s, context.deadline)
            after = read_thread_usage(service.pid) if service.pid else None
            own_waited_s = own_waiting_time() - own_waited_s
    measured = Measurement(
        idle_ms=idle.p95_ms,
        loaded_ms=window.p95_ms,
        limit_ms=max(RATIO * idle.p95_ms, context.thresholds.loop_slow_ms),
        ratio=RATIO,
        seconds=window.seconds,
        waiting_s=sum(response.ms for response in window.responses) / 1000,
        own_waited_s=own_waited_s,
        usage=after - before if before and after else None,
    )
    return Loaded(window, load, measured)


def _has_time(context: Context) -> bool:
    return context.deadline.left > context.thresholds.loop_burst_s + TIMEOUT_S


def _report(context: Context, service: Service, last: Loaded) -> None:
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
    unfinished = "" if load.succeeded else "; all are still at work"
    note = f"{WORKERS} connections for {seconds:.2g} s{unfinished}"
    context.evidence("work done", rate, unit="/s", note=note)
    if measured.usage:
        _report_usage(context, measured.usage, seconds)
    else:
        missing = "not set" if not service.pid else f"no process {service.pid} on this machine, or no /proc"
        context.evidence("service.pid", missing, note="without it, the cause of a slow loop is not visible")


def _report_usage(context: Context, usage: ThreadUsage, seconds: float) -> None:
    main, others = usage.main, usage.others
    context.evidence("CPU of the main thread", round(100 * main.used_s / seconds), unit="%")
    context.evidence("CPU of the other threads", round(100 * others.used_s / seconds), unit="%")
    waited = round(100 * main.waited_s / seconds)
    context.evidence("main thread stood in line for a CPU", waited, unit="% of the time")


def _judge(context: Context, service: Service, classification: Classification) -> None:
    if classification.code:
        context.finding(classification.code, classification.level)
    if classification.wrong_process:
        note = "used no CPU while the service answered: another process"
        context.evidence("service.pid", service.pid, ok=False, note=note)
    if classification.starved:
        context.unknown(
            "health is slow under load, but the loop's thread or this probe waited for a CPU for most of "
            "that time: the machine has none to spare, so the loop cannot be judged; repeat the check when "
            "it has"
        )


class _ConnectionFactory:
    """Factory of connections to one URL. Raises CannotTell if its TLS files cannot be read."""

    def __init__(self, context: Context, url: str, body: str = "") -> None:
        tls, folder = context.target.settings.tls, context.target.folder
        self._url, self._body, self._server_name = url, body, tls.server_name
        files = [
            str(folder / path) if path else "" for path in (tls.ca_file, tls.client_cert, tls.client_key)
        ]
        encrypted = urlsplit(url).scheme == "https"
        try:
            self._tls: ssl.SSLContext | None = verifying_context(*files) if encrypted else None
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
