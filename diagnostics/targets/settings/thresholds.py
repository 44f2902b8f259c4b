"""What counts as wrong: in production, and in the lab, where nothing waits for long."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Record):
    """What counts as wrong. They stand in the evidence of the probe that used them."""

    deadlock_window_s: float = 11.0
    """Seconds of watching. A backend that stays connected and idle reports its deadlocks after 10 s."""
    rollback_ratio: float = 0.2
    """Share of transactions rolled back from which conflicts are more than chance."""
    connect_timeout_s: float = 3.0
    """Seconds that one address may take before it counts as dropping packets."""
    pool_window_s: float = 2.0
    """Seconds between the two looks at a pool."""
    leak_s: float = 60.0
    """Seconds for which a session sits idle in a transaction before it counts as never given back."""
    batch_window_s: float = 1.0
    """Seconds over which the samples for row-by-row inserts are spread."""
    batch_share: float = 0.6
    """Share of samples that show one and the same INSERT of one row."""
    batch_change: float = 0.5
    """Share of samples that show a new one of these statements, so that nobody who rests is blamed."""
    statement_window_s: float = 5.0
    """Seconds of watching statements and locks."""
    statement_timeout_least_ms: int = 50
    """A statement timeout below it ends healthy statements: a commit may take as long as a disk's flush."""
    slow_share: float = 0.5
    """Share of the statement timeout from which a statement that waits for nothing counts as slow."""
    stale_share: float = 0.5
    """Share of a table's rows that changed since ANALYZE from which its statistics count as stale."""
    lock_wait_s: float = 2.0
    """Seconds from which waiting for a lock is a queue, and holding one idly is a fault."""
    kill_window_s: float = 10.0
    """Seconds of watching how sessions end."""
    lost_sessions: int = 2
    """Sessions that must be lost in the window: a single one may be a person's."""
    loop_idle_s: float = 0.6
    """Seconds of asking a service for its health before it is put under load."""
    loop_burst_s: float = 2.0
    """Seconds of load."""
    loop_slow_ms: float = 10.0
    """Milliseconds that the 95th percentile of health may take under load, whatever it takes without."""
    api_timeout_s: float = 5.0
    """Seconds in which one request to the API must be answered in whole."""
    api_slow_ms: float = 1000.0
    """Milliseconds from which an answer of the API, the fastest of three, is slow."""
    clock_skew_s: float = 30.0
    """Seconds between our clock and the API's from which tokens and signatures fail."""
    key_days: float = 14.0
    """Days before a key's end from which a new one is due."""
    quota_left: float = 0.1
    """Share of a rate limit that is left from which it is about to be used up."""
    certificate_days: float = 30.0
    """Days before the end of a certificate from which it should have been renewed; 14 is late, 3 is now."""
    connect_most_s: float = 10.0
    """Seconds of a configured connect timeout beyond which it only delays the error."""
    proxy_idle_s: float = 60.0
    """Seconds after which load balancers and proxies cut a silent connection."""
    call_budget_s: float = 60.0
    """Seconds that one call with all its retries may take before the caller has given up."""
    tolerance_most_s: float = 900.0
    """Seconds of a webhook's tolerance beyond which a stolen delivery can be replayed at leisure."""
    webhook_slow_s: float = 5.0
    """Seconds after which a sender of webhooks counts a delivery as failed."""


LAB_THRESHOLDS = Thresholds(
    deadlock_window_s=1.3,
    connect_timeout_s=1.0,
    statement_window_s=1.3,
    lock_wait_s=0.3,
    kill_window_s=1.3,
    pool_window_s=1.0,
    leak_s=1.0,
    batch_window_s=0.6,
    loop_idle_s=0.3,
    loop_burst_s=0.6,
    loop_slow_ms=25.0,
    api_timeout_s=2.0,
    api_slow_ms=250.0,
    webhook_slow_s=1.2,
)
