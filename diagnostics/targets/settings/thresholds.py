"""Thresholds from which a measured value counts as wrong, and those of the lab, where nothing waits long."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Record):
    """Limits from which a measured value counts as wrong. Evidence names the limit that was applied."""

    deadlock_window_s: float = 11.0
    """Seconds over which deadlocks are counted. An idle backend reports its deadlocks after 10 s."""
    rollback_ratio: float = 0.2
    """Share of transactions rolled back from which conflicts count as frequent."""
    connect_timeout_s: float = 3.0
    """Seconds after which an address that has not answered counts as dropping packets."""
    pool_window_s: float = 2.0
    """Seconds between the two samples of a pool."""
    leak_s: float = 60.0
    """Seconds idle in a transaction after which a session counts as leaked by its pool."""
    pooler_window_s: float = 3.0
    """Seconds over which the queue of a pooler's clients is sampled."""
    pooler_wait_s: float = 1.0
    """Seconds from which a client's wait for a server session of the pooler counts as too long."""
    pooler_hold_s: float = 5.0
    """Seconds from which a transaction counts as holding up the clients that wait at the pooler."""
    pooler_clients: float = 0.9
    """Share of max_client_conn in use from which a pooler counts as nearly full."""
    batch_window_s: float = 1.0
    """Seconds over which statements are sampled to find row-by-row inserts."""
    batch_share: float = 0.6
    """Share of samples with the same one-row INSERT from which inserts count as row by row."""
    batch_change: float = 0.5
    """Share of samples in which that INSERT must be a new one, so that an idle session does not count."""
    statement_window_s: float = 5.0
    """Seconds over which statements and locks are sampled."""
    statement_timeout_least_ms: int = 50
    """Milliseconds below which a statement timeout cancels healthy statements: commits wait for the disk."""
    slow_share: float = 0.5
    """Share of the statement timeout from which a statement without a lock wait counts as slow."""
    stale_share: float = 0.5
    """Share of a table's rows changed since ANALYZE from which its statistics count as stale."""
    lock_wait_s: float = 2.0
    """Seconds after which a lock wait counts as a queue, and an idle lock holder as its cause."""
    kill_window_s: float = 10.0
    """Seconds over which ends of sessions are counted."""
    lost_sessions: int = 2
    """Number of sessions lost in the window that counts as wrong; a single one may be a person's."""
    loop_idle_s: float = 0.6
    """Seconds of health requests to a service before it is put under load."""
    loop_burst_s: float = 2.0
    """Seconds of load on a service."""
    loop_slow_ms: float = 10.0
    """Milliseconds up to which the 95th percentile of health requests under load counts as responsive."""
    api_timeout_s: float = 5.0
    """Seconds in which the API must answer one request completely."""
    api_slow_ms: float = 1000.0
    """Milliseconds from which the fastest of three answers of the API counts as slow."""
    clock_skew_s: float = 30.0
    """Seconds between this machine's clock and the API's from which tokens and signatures fail."""
    key_days: float = 14.0
    """Days before the end of an API key from which a new one is due."""
    quota_left: float = 0.1
    """Remaining share of a rate limit below which it counts as nearly used up."""
    certificate_days: float = 30.0
    """Days before the end of a certificate from which it should have been renewed; 14 is late, 3 urgent."""
    connect_most_s: float = 10.0
    """Seconds beyond which a configured connect timeout only delays the error."""
    proxy_idle_s: float = 60.0
    """Seconds after which load balancers and proxies close an idle connection."""
    call_budget_s: float = 60.0
    """Seconds that one call with all its retries may take: callers do not wait longer."""
    tolerance_most_s: float = 900.0
    """Seconds beyond which a webhook's tolerance makes replaying a stolen delivery easy."""
    webhook_slow_s: float = 5.0
    """Seconds after which a sender of webhooks treats a delivery as failed."""
    checks: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)
    """Thresholds of the checks that entries declare: `checks.db-replica-lag.max_lag_s = 60`."""


LAB_THRESHOLDS = Thresholds(
    deadlock_window_s=1.3,
    connect_timeout_s=1.0,
    statement_window_s=1.3,
    lock_wait_s=0.3,
    kill_window_s=1.3,
    pool_window_s=1.0,
    leak_s=1.0,
    pooler_window_s=1.0,
    pooler_wait_s=0.3,
    pooler_hold_s=0.8,
    batch_window_s=0.6,
    loop_idle_s=0.3,
    loop_burst_s=0.6,
    loop_slow_ms=25.0,
    api_timeout_s=2.0,
    api_slow_ms=250.0,
    webhook_slow_s=1.2,
)
"""Thresholds that the lab writes into its own target."""
