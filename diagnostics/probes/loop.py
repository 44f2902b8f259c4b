"""Response times of the service's health URL, idle and under load, and the CPU usage of its threads."""

from diagnostics.clients.event_loop.classification import (
    Classification,
    Measurement,
    classify,
    classify_workers,
)
from diagnostics.clients.event_loop.held_requests import HOLD_S, SETTLE_S, hold_requests
from diagnostics.clients.event_loop.load_generator import TIMEOUT_S
from diagnostics.clients.event_loop.server_kind import Kind, ServerKind, names_server, server_kind
from diagnostics.clients.event_loop.service_load import (
    CONNECTIONS,
    RATIO,
    ConnectionFactory,
    IdleHealth,
    LoadedHealth,
    failure_text,
    measure_idle,
    measure_loaded,
)
from diagnostics.clients.event_loop.thread_usage import ThreadUsage
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.settings import Service
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the service still answer while it works, and if not, what keeps its event loop or workers?"
LAYER = "service"
APPLIES_TO: tuple[EndpointKind, ...] = ("service",)
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "loop.cpu_inline",
    "loop.blocking_io",
    "loop.gil_threads",
    "loop.blocked",
    "loop.workers_computing",
    "loop.workers_waiting",
    "loop.workers_busy",
)
SAFETY: Safety = "active"
BUDGET = 18.0
ALONE = True
SENDS = (
    "Requests to service.health, one every 10 ms over four connections, for 2.6 s; in the last 2 s of them "
    "requests to service.work over four more connections, each as soon as the last is answered. If the "
    "machine is too busy for a result, both are repeated at most twice. If health is late and the server is "
    "not known to have an event loop, four requests to service.health are kept incomplete for 0.6 s."
)

IDLE = "health when idle, p95"
KIND = "kind of server"
BUSY = 2.0
"""Multiple of the permitted time from which a slow idle health means that others load the service."""
MAX_LOADS = 3
"""Periods of load until the machine has a CPU for the service."""
KINDS: dict[str, Kind] = {"event_loop": "event loop", "workers": "workers"}
"""Kinds of a server by the values of service.kind."""
STARVED = (
    "health is slow under load, but the server's thread or this probe waited for a CPU for most of that "
    "time: the machine has none to spare, so the server cannot be judged; repeat the check when it has"
)
SPARE_WORKERS = (
    "health is slow under load although the server has workers for more requests than this probe sends: "
    "the machine has no CPU to spare, or other clients occupy the workers"
)


def run(context: Context, /) -> None:
    """Measure health without load, then under load, with the CPU usage of the service's threads."""
    service = context.target.settings.service
    if service is None:
        raise Skip(f"target {context.target.name} has no [service]")
    idle = measure_idle(context, service)
    busy = _report_idle(context, idle)
    if not service.work:
        raise CannotTell(
            f"target.{context.target.name}.service.work is not set: nothing to put it under load with"
        )
    last = _load_until_judged(context, service, idle)
    _report(context, service, last)
    if not last.load.took_effect:
        reason = failure_text(last.load.first_failure)
        often = f"only {last.load.succeeded} times" if last.load.succeeded else "never"
        raise CannotTell(f"service.work was {often} answered with success: {reason}")
    failure = last.health.first_failure
    if failure and (failure.status or last.measured.loaded_ms <= last.measured.limit_ms):
        context.unknown(f"service.health does not answer with success under load: {failure_text(failure)}")
    found = _judge(context, service, idle, last)
    if busy and not found:
        context.unknown(
            f"service.health takes {idle.p95_ms:.3g} ms without our load, and the network does not: either "
            "other clients load the service, then repeat the check when it is quiet, or health does work "
            "itself, then name a URL that does none"
        )


def _report_idle(context: Context, idle: IdleHealth) -> bool:
    """Report health without load; return True if it is slow and the network is not."""
    busy = idle.p95_ms > max(BUSY * context.thresholds.loop_slow_ms, RATIO * idle.connect_ms)
    note = f"the quietest of {idle.windows} x {context.thresholds.loop_idle_s:g} s"
    context.evidence("connect", round(idle.connect_ms, 1), unit="ms", note="the network alone")
    context.evidence(IDLE, round(idle.p95_ms, 1), unit="ms", ok=False if busy else None, note=note)
    return busy


def _load_until_judged(context: Context, service: Service, idle: IdleHealth) -> LoadedHealth:
    """Load the service, again if the machine had no CPU to spare."""
    results = [measure_loaded(context, service, idle)]
    while classify(results[-1].measured).starved and len(results) < MAX_LOADS and _has_time(context):
        results.append(measure_loaded(context, service, idle))
    return results[-1]


def _has_time(context: Context) -> bool:
    return context.deadline.left > context.thresholds.loop_burst_s + SETTLE_S + HOLD_S + 2 * TIMEOUT_S


def _report(context: Context, service: Service, last: LoadedHealth) -> None:
    measured, load = last.measured, last.load
    seconds = measured.seconds
    late = last.health.late(measured.limit_ms)
    where = f"; late on {late} of {CONNECTIONS} connections" if 0 < late < CONNECTIONS else ""
    context.evidence(
        "health under load, p95",
        round(measured.loaded_ms, 1),
        expected=f"at most {measured.limit_ms:.3g}",
        unit="ms",
        ok=measured.loaded_ms <= measured.limit_ms,
        note=f"{RATIO:g} x idle, at least {context.thresholds.loop_slow_ms:g} ms{where}",
    )
    rate = round(load.succeeded / seconds, 1)
    unfinished = "" if load.succeeded else "; all are still at work"
    note = f"{CONNECTIONS} connections for {seconds:.2g} s{unfinished}"
    context.evidence("work done", rate, unit="/s", note=note)
    if measured.usage:
        _report_usage(context, measured.usage, seconds)
    else:
        missing = "not set" if not service.pid else f"no process {service.pid} on this machine, or no /proc"
        context.evidence("service.pid", missing, note="without it, the cause of late answers is not visible")


def _report_usage(context: Context, usage: ThreadUsage, seconds: float) -> None:
    main, others = usage.main, usage.others
    context.evidence("CPU of the main thread", round(100 * main.used_s / seconds), unit="%")
    context.evidence("CPU of the other threads", round(100 * others.used_s / seconds), unit="%")
    waited = round(100 * main.waited_s / seconds)
    context.evidence("main thread stood in line for a CPU", waited, unit="% of the time")


def _judge(context: Context, service: Service, idle: IdleHealth, last: LoadedHealth) -> bool:
    """Report the kind of the server and what keeps it; return True if there is a finding."""
    measured = last.measured
    kind = _kind(service, idle, last, held=None)
    held = None
    if measured.loaded_ms > measured.limit_ms and kind.kind != "event loop":
        held = _hold_requests(context, service, idle, measured)
        kind = _kind(service, idle, last, held=held)
    context.evidence(KIND, kind.kind, note=kind.reason)
    if kind.kind == "unknown":
        return _judge_unknown(context, measured, kind)
    workers = kind.kind == "workers"
    classification = classify_workers(measured, held=held) if workers else classify(measured)
    return _report_classification(context, service, classification)


def _kind(service: Service, idle: IdleHealth, last: LoadedHealth, *, held: bool | None) -> ServerKind:
    """Return the kind that the target states, otherwise the one that shows.

    A process that used no CPU meanwhile is not the one that answered.
    """
    if service.kind:
        return ServerKind(KINDS[service.kind], "as the target states in service.kind")
    usage = last.measured.usage
    return server_kind(idle.headers, last.traits if usage and usage.used_s else None, held=held)


def _hold_requests(
    context: Context, service: Service, idle: IdleHealth, measured: Measurement
) -> bool | None:
    """Return True if incomplete requests occupy all workers; behind a proxy only that they do is seen."""
    connect = ConnectionFactory(context, service.health, service.health_text)
    with context.step("incomplete requests"):
        held = hold_requests(connect, service.health, CONNECTIONS, measured.limit_ms, context.deadline)
    answer = {True: "waits until they end", False: "is answered meanwhile", None: "could not be measured"}[
        held
    ]
    context.evidence(f"health beside {CONNECTIONS} incomplete requests", answer)
    return held if held or names_server(idle.headers) else None


def _judge_unknown(context: Context, measured: Measurement, kind: ServerKind) -> bool:
    if measured.loaded_ms <= measured.limit_ms:
        return False
    for code in ("loop.blocked", "loop.workers_busy"):
        context.finding(code, "warn")
    context.unknown(
        f"health is slow under load, and it is not visible what kind of server it is ({kind.reason}): set "
        "service.pid, or service.kind to event_loop or workers"
    )
    return True


def _report_classification(context: Context, service: Service, classification: Classification) -> bool:
    if classification.code:
        context.finding(classification.code, classification.level)
    if classification.wrong_process:
        note = "used no CPU while the service answered: another process"
        context.evidence("service.pid", service.pid, ok=False, note=note)
    if classification.starved:
        context.unknown(STARVED)
    if classification.spare_workers:
        context.unknown(SPARE_WORKERS)
    return bool(classification.code)
