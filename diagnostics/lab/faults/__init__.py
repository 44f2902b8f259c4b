"""The faults of the lab by finding. A generator breaks the lab before its `yield`; `Lab.repair` ends it."""

import sys

from diagnostics.lab.errors import UnknownFault
from diagnostics.lab.faults import (
    access,
    api_key,
    api_reach,
    api_token,
    batches,
    capacity,
    config_credentials,
    config_currency,
    config_timeouts,
    config_webhook,
    conflicts,
    credentials,
    disk,
    kills,
    locks,
    logs,
    loop,
    network,
    pool,
    pooler,
    pooler_queue,
    pooler_state,
    read_only,
    reports,
    rotation,
    server,
    timeouts,
    trust,
    webhooks,
)
from diagnostics.lab.faults.declared import declared_faults
from diagnostics.lab.faults.fault import Fault
from diagnostics.lab.faults.packs import faults_of_packs
from kb.records.loader import load_entries
from kb.text.suggestions import did_you_mean

REJECTED = 'FATAL:  password authentication failed for user "app_user"'
CLOSED = "server closed the connection unexpectedly"
PREPARED = 'prepared statement "pay" does not exist'
STRICT = trust.present("without_authority_key")
FAULTS: dict[str, Fault] = {
    "connect.refused": Fault(server.refused, "Connection refused"),
    "connect.socket_missing": Fault(server.socket_missing, "No such file or directory"),
    "connect.starting_up": Fault(server.starting_up, "the database system is starting up"),
    "connect.standby_closed": Fault(server.standby_closed, "system is not accepting connections"),
    "connect.shutting_down": Fault(server.shutting_down, "the database system is shutting down"),
    "connect.host_not_found": Fault(network.host_not_found, "could not translate host name"),
    "connect.timeout": Fault(network.timeout, "timeout expired"),
    "connect.no_route": Fault(network.no_route, "Network is unreachable"),
    "connect.silent": Fault(network.silent, "timeout expired"),
    "connect.closed": Fault(network.closed, "server closed the connection unexpectedly"),
    "connect.not_postgres": Fault(network.not_postgres, "received invalid response to SSL negotiation: H"),
    "connect.no_hba_rule": Fault(access.no_hba_rule, "no pg_hba.conf entry for host"),
    "connect.client_certificate": Fault(access.client_certificate, "requires a valid client certificate"),
    "connect.tls_required": Fault(access.tls_required, 'database "transactions", no encryption'),
    "connect.tls_refused": Fault(access.tls_refused, "server does not support SSL, but SSL was required"),
    "connect.server_full": Fault(capacity.server_full, "sorry, too many clients already"),
    "login.not_permitted": Fault(access.not_permitted, 'role "app_user" is not permitted to log in'),
    "login.no_connect_privilege": Fault(access.no_connect_privilege, "permission denied for database"),
    "login.slots_reserved": Fault(capacity.slots_reserved, "remaining connection slots are reserved for"),
    "login.role_limit": Fault(capacity.role_limit, 'too many connections for role "app_user"'),
    "login.database_limit": Fault(capacity.database_limit, "too many connections for database"),
    "login.password_rejected": Fault(credentials.password_rejected, REJECTED),
    "login.role_expired": Fault(credentials.role_expired, REJECTED),
    "login.unknown_role": Fault(credentials.unknown_role, REJECTED),
    "login.no_password": Fault(credentials.no_password, "fe_sendauth: no password supplied"),
    "login.unknown_database": Fault(credentials.unknown_database, 'database "transactionz" does not exist'),
    "login.stale_credential": Fault(rotation.stale_credential, REJECTED),
    "login.not_current": Fault(rotation.not_current, warning="the application and the database agree"),
    "connect.pooler_full": Fault(pooler.full, "no more connections allowed", program="pgbouncer"),
    "login.pooler_password": Fault(
        pooler.password_rejected, "SASL authentication failed", program="pgbouncer"
    ),
    "login.pooler_no_database": Fault(pooler.no_database, "no such database", program="pgbouncer"),
    "login.pooler_parameter": Fault(
        pooler.parameter, "unsupported startup parameter: options", program="pgbouncer"
    ),
    "login.pooler_disabled": Fault(pooler.disabled, "is disabled", program="pgbouncer"),
    "login.pooler_server_failing": Fault(
        pooler.server_failing, REJECTED, text_of="db-password-rejected", program="pgbouncer"
    ),
    "login.server_behind_pooler": Fault(
        pooler.server_behind, "query_wait_timeout", text_of="db-pooler-exhausted", program="pgbouncer"
    ),
    "login.standby": Fault(read_only.standby, "in a read-only transaction"),
    "login.read_only": Fault(read_only.read_only, "in a read-only transaction"),
    "pooler.disabled": Fault(pooler.database_disabled, "is disabled", program="pgbouncer"),
    "pooler.paused": Fault(pooler.paused, CLOSED, text_of="db-session-killed", program="pgbouncer"),
    "pooler.server_unreachable": Fault(
        pooler.server_unreachable, "client_login_timeout (server down)", program="pgbouncer"
    ),
    "pooler.no_server_session": Fault(
        pooler.no_server_session, "client_login_timeout (server down)", program="pgbouncer"
    ),
    "pooler.idle_in_transaction": Fault(
        pooler_queue.idle_in_transaction, CLOSED, text_of="db-session-killed", program="pgbouncer"
    ),
    "pooler.long_transactions": Fault(
        pooler_queue.long_transactions, CLOSED, text_of="db-session-killed", program="pgbouncer"
    ),
    "pooler.session_mode": Fault(
        pooler_queue.session_mode, CLOSED, text_of="db-session-killed", program="pgbouncer"
    ),
    "pooler.too_small": Fault(
        pooler_queue.too_small, CLOSED, text_of="db-session-killed", program="pgbouncer"
    ),
    "pooler.clients_full": Fault(pooler.clients_full, "no more connections allowed", program="pgbouncer"),
    "pooler.clients_nearly_full": Fault(
        pooler.clients_nearly_full, warning="a few clients are still accepted", program="pgbouncer"
    ),
    "pooler.advisory_locks": Fault(pooler_state.advisory_locks, PREPARED, program="pgbouncer"),
    "pooler.temp_tables": Fault(pooler_state.temp_tables, PREPARED, program="pgbouncer"),
    "pooler.listeners": Fault(pooler_state.listeners, PREPARED, program="pgbouncer"),
    "pooler.session_settings": Fault(pooler_state.session_settings, PREPARED, program="pgbouncer"),
    "pooler.prepared_statements": Fault(pooler_state.prepared_statements, PREPARED, program="pgbouncer"),
    "rotation.unfinished": Fault(rotation.unfinished, REJECTED),
    "rotation.label_moved": Fault(rotation.label_moved, REJECTED),
    "manual.disk_full": Fault(disk.full, "No space left on device", program="mount"),
    "kills.idle_in_transaction": Fault(kills.idle_in_transaction, "connection already closed"),
    "kills.idle_session": Fault(kills.idle_session, "connection already closed"),
    "kills.terminated": Fault(kills.terminated, "connection already closed"),
    "kills.cut": Fault(kills.cut, "connection already closed"),
    "statements.lock_queue": Fault(locks.lock_queue, "due to lock timeout"),
    "statements.ddl_queue": Fault(locks.ddl_queue, "due to lock timeout"),
    "statements.busy_holder": Fault(locks.busy_holder, "due to lock timeout"),
    "statements.timeout_tiny": Fault(timeouts.timeout_tiny, "due to statement timeout"),
    "statements.url_timeout": Fault(timeouts.url_timeout, "due to statement timeout"),
    "statements.stale_statistics": Fault(timeouts.stale_statistics, "due to statement timeout"),
    "statements.slow": Fault(timeouts.slow, "due to statement timeout"),
    "conflicts.deadlocks": Fault(conflicts.deadlocks, "deadlock detected"),
    "conflicts.serialization": Fault(conflicts.serialization, "could not serialize access"),
    "pool.exhausted": Fault(pool.exhausted, "ConnectionPoolExhaustedError"),
    "pool.leaked": Fault(pool.leaked, "PoolError: connection pool exhausted"),
    "pool.unpooled": Fault(pool.unpooled, warning="the server still has free connection slots"),
    "pool.oversubscribed": Fault(pool.oversubscribed, warning="the pools are never full together"),
    "batches.row_by_row": Fault(batches.row_by_row, cost_ratio=2.0),
    "report.memory": Fault(reports.memory, cost_ratio=5.0),
    "loop.cpu_inline": Fault(loop.cpu_inline, cost_ratio=5.0),
    "loop.blocking_io": Fault(loop.blocking_io, cost_ratio=5.0),
    "loop.gil_threads": Fault(loop.gil_threads, cost_ratio=5.0),
    "loop.blocked": Fault(loop.blocked, cost_ratio=5.0),
    "loop.workers_waiting": Fault(loop.workers_waiting, cost_ratio=5.0),
    "loop.workers_computing": Fault(loop.workers_computing, cost_ratio=5.0),
    "loop.workers_busy": Fault(loop.workers_busy, cost_ratio=5.0),
    "reach.refused": Fault(api_reach.refused, "Connection refused"),
    "reach.host_not_found": Fault(api_reach.host_not_found, "Failed to resolve 'api.clearpay.invalid'"),
    "reach.timeout": Fault(api_reach.timeout, "ConnectTimeout"),
    "reach.silent": Fault(api_reach.silent, "ReadTimeout"),
    "reach.proxy_refused": Fault(api_reach.proxy_refused, "407 Proxy Authentication Required"),
    "reach.broken_answer": Fault(api_reach.broken_answer, "Remote end closed connection without response"),
    "reach.server_error": Fault(api_reach.server_error, "503 Server Error"),
    "reach.not_the_api": Fault(api_reach.not_the_api, "JSONDecodeError"),
    "clock.skew": Fault(api_reach.clock_skew, "TokenNotYetValidError"),
    "latency.first_byte": Fault(api_reach.slow_first_byte, "ReadTimeout"),
    "latency.body": Fault(api_reach.slow_body, cost_ratio=2.0),
    "key.malformed": Fault(api_key.malformed, "InvalidHeader"),
    "key.expired": Fault(api_key.expired, "this API key expired on"),
    "key.expires_soon": Fault(api_key.expires_soon, warning="the key is still valid"),
    "key.revoked": Fault(api_key.revoked, "this API key was revoked"),
    "key.unknown": Fault(api_key.unknown, "there is no such API key"),
    "key.wrong_environment": Fault(api_key.wrong_environment, "this key belongs to live"),
    "token.malformed": Fault(api_token.malformed, "the token is malformed"),
    "token.expired": Fault(api_token.expired, "the token has expired"),
    "token.not_yet_valid": Fault(api_token.not_yet_valid, "the token is not yet valid"),
    "token.wrong_issuer": Fault(api_token.wrong_issuer, "the token's issuer is not trusted"),
    "token.wrong_audience": Fault(api_token.wrong_audience, "the token's audience is another"),
    "token.rejected": Fault(api_token.rejected, "the token's signature is invalid"),
    "scopes.missing": Fault(api_token.scopes_missing, "refunds:write is required"),
    "scopes.old_token": Fault(api_token.old_token, "refunds:write is required"),
    "quota.proxy_limit": Fault(api_token.proxy_limit, "429 Too Many Requests for https://", program="nginx"),
    "quota.token_storm": Fault(api_token.token_storm, "too many requests of kind auth"),
    "quota.exhausted": Fault(api_token.exhausted, "too many requests of kind api"),
    "quota.low": Fault(api_token.low, warning="some requests are left"),
    "tls.expired": Fault(trust.present("expired"), "certificate has expired"),
    "tls.not_yet_valid": Fault(trust.present("not_yet_valid"), "certificate is not yet valid"),
    "tls.wrong_name": Fault(trust.present("wrong_name"), "Hostname mismatch"),
    "tls.self_signed": Fault(trust.present("self_signed"), "failed: self-signed certificate"),
    "tls.unknown_authority": Fault(trust.present("renewed_authority"), "unable to get local issuer"),
    "tls.interception": Fault(trust.present("intercepted"), "in certificate chain"),
    "tls.missing_intermediate": Fault(trust.present("missing_intermediate"), "unable to get local issuer"),
    "tls.expired_intermediate": Fault(trust.present("expired_intermediate"), "certificate has expired"),
    "tls.weak_key": Fault(trust.present("weak_key"), "EE certificate key too weak"),
    "tls.weak_digest": Fault(trust.present("weak_digest"), "digest algorithm too weak"),
    "tls.wrong_purpose": Fault(trust.present("wrong_purpose"), "unsuitable certificate purpose"),
    "tls.ca_not_ca": Fault(trust.present("ca_not_ca"), "invalid CA certificate"),
    "tls.constraint_violated": Fault(trust.present("foreign_constraint"), "permitted subtree violation"),
    "tls.invalid_certificate": Fault(trust.present("changed_signature"), "certificate signature failure"),
    "tls.expires_soon": Fault(trust.present("expires_soon"), warning="the certificate is still valid"),
    "tls.strict": (
        Fault(STRICT, "Missing Authority Key Identifier")
        if sys.version_info >= (3, 13)
        else Fault(STRICT, warning="only Python 3.13 and later verify strictly")
    ),
    "tls.revoked": Fault(trust.revoked, "certificate revoked"),
    "tls.crl_unusable": Fault(trust.crl_unusable, "CRL has expired"),
    "tls.bundle_unreadable": Fault(trust.bundle_unreadable, "Could not find a suitable TLS CA"),
    "tls.bundle_overridden": Fault(trust.bundle_overridden, "unable to get local issuer"),
    "tls.client_certificate_demanded": Fault(trust.client_certificate_demanded, "SSLError"),
    "tls.plain_http": Fault(trust.plain_http, "WRONG_VERSION_NUMBER"),
    "tls.protocol_mismatch": Fault(trust.protocol_mismatch, "HANDSHAKE_FAILURE"),
    "tls.clock": Fault(trust.clock, "certificate is not yet valid"),
    "credentials.missing": Fault(config_credentials.missing, "secret_key is a placeholder"),
    "credentials.empty": Fault(config_credentials.empty, "api_key is not set"),
    "credentials.placeholder": Fault(config_credentials.placeholder, "api_key is a placeholder"),
    "credentials.whitespace": Fault(config_credentials.whitespace, "api_key has white space around it"),
    "credentials.malformed": Fault(config_credentials.malformed, "api_key is malformed"),
    "credentials.mixed_pair": Fault(config_credentials.mixed_pair, "not a key of environment sandbox"),
    "credentials.wrong_environment": Fault(config_credentials.wrong_environment, "not a key of environment"),
    "credentials.in_source": Fault(config_credentials.in_source, warning="the keys are right"),
    "timeouts.no_timeout": Fault(config_timeouts.no_timeout, "read_timeout is not set"),
    "timeouts.unit": Fault(config_timeouts.unit, "read_timeout is 10000 seconds"),
    "timeouts.not_a_number": Fault(config_timeouts.not_a_number, "read_timeout is not a number"),
    "timeouts.connect_too_long": Fault(config_timeouts.connect_too_long, "connection_timeout is 30 seconds"),
    "timeouts.longer_than_proxy": Fault(config_timeouts.longer_than_proxy, "read_timeout is 120 seconds"),
    "timeouts.backoff": Fault(config_timeouts.backoff, "backoff_factor is less than 1"),
    "timeouts.retry_of_post": Fault(config_timeouts.retry_of_post, "POST without idempotency_keys"),
    "timeouts.worst_case": Fault(config_timeouts.worst_case, "a call may take 93.8 seconds"),
    "currency.withdrawn": Fault(config_currency.withdrawn, "HRK is not a supported currency"),
    "currency.unknown": Fault(config_currency.unknown, "GPB is not a supported currency"),
    "currency.default_unsupported": Fault(config_currency.default_unsupported, "EUR is not supported"),
    "currency.duplicates": Fault(config_currency.duplicates, "supported_currencies has a currency twice"),
    "currency.limits_missing": Fault(config_currency.limits_missing, "max_amount of JPY is missing"),
    "currency.not_positive": Fault(config_currency.not_positive, "min_amount of USD is not positive"),
    "currency.minor_unit": Fault(config_currency.minor_unit, "finer than its minor unit"),
    "currency.limits_inverted": Fault(config_currency.limits_inverted, "is more than max_amount"),
    "currency.float_money": Fault(config_currency.float_money, warning="one float is read exactly enough"),
    "verification.off": Fault(config_webhook.off, "verify_signatures is off"),
    "verification.no_secret": Fault(config_webhook.no_secret, "webhook_secret is not set"),
    "verification.placeholder": Fault(config_webhook.placeholder, "webhook_secret is not set"),
    "verification.header": Fault(config_webhook.header, "signature_header is missing or wrong"),
    "verification.no_tolerance": Fault(config_webhook.no_tolerance, "missing or out of range"),
    "verification.tolerance_long": Fault(config_webhook.tolerance_long, "missing or out of range"),
    "verification.no_events": Fault(config_webhook.no_events, "is empty or has an unknown event"),
    "verification.unknown_event": Fault(config_webhook.unknown_event, "is empty or has an unknown event"),
    "verification.secret_in_source": Fault(config_webhook.secret_in_source, warning="the secret is right"),
    "logs.import_missing": Fault(logs.import_missing, "module 'logging' has no attribute 'config'"),
    "logs.folder_missing": Fault(logs.folder_missing, "Unable to configure handler 'file'"),
    "logs.not_writable": Fault(logs.not_writable, "Unable to configure handler 'file'"),
    "logs.invalid": Fault(logs.invalid, "Unable to configure logger 'clearpay'"),
    "logs.no_handler": Fault(logs.no_handler, "left no trace in transactions.log"),
    "logs.level_hides": Fault(logs.level_hides, "left no trace in transactions.log"),
    "logs.silenced": Fault(logs.silenced, "logger settlement is silent"),
    "logs.secrets": Fault(logs.secrets, "line 2 of transactions.log holds a secret"),
    "logs.card_numbers": Fault(logs.card_numbers, "line 2 of transactions.log holds a secret"),
    "logs.no_time_zone": Fault(logs.no_time_zone, warning="every line is written"),
    "logs.shared_file": Fault(logs.shared_file, warning="lines are lost only when the file is rotated"),
    "webhook.slow": Fault(webhooks.slow, "did not answer in time to a signed delivery"),
    "webhook.redirects": Fault(webhooks.redirects, "answered 308 to a signed delivery"),
    "webhook.crashes": Fault(webhooks.crashes, "answered 500 to a signed delivery"),
    "webhook.unverified": Fault(webhooks.unverified, "answered 200 to a forged delivery"),
    "webhook.unsigned_taken": Fault(webhooks.unsigned_taken, "answered 200 to an unsigned delivery"),
    "webhook.no_timestamp_check": Fault(webhooks.no_timestamp_check, "answered 200 to an old delivery"),
    "webhook.no_future_check": Fault(webhooks.no_future_check, "answered 200 to a delivery from the future"),
    "webhook.first_signature_only": Fault(webhooks.first_signature_only, "to a delivery with two signatures"),
    "webhook.reserialized": Fault(webhooks.reserialized, "answered 401 to a signed delivery"),
    "webhook.wrong_header": Fault(webhooks.wrong_header, "answered 401 to a signed delivery"),
    "webhook.wrong_secret": Fault(webhooks.wrong_secret, "answered 401 to a signed delivery"),
    "webhook.rejects_unknown_events": Fault(webhooks.rejects_unknown_events, "answered 422"),
    **declared_faults(load_entries().values()),
}
"""The contract test compares the findings with those of the entries."""


def fault_of(finding: str) -> Fault:
    """Return the fault that produces a finding, of this package or of a pack.

    Raises UnknownFault with the nearest name.
    """
    if fault := FAULTS.get(finding) or faults_of_packs().get(finding):
        return fault
    near = did_you_mean(finding, [*FAULTS, *faults_of_packs()])
    raise UnknownFault(f"{finding}: the lab has no such fault; {near}".strip())
