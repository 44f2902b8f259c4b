"""Table of the rules with their messages and the entries that they support."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules import (
    asynchronous,
    configuring,
    connecting,
    payments,
    pools,
    secrets,
    statements,
    transactions,
    web,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Pattern in code that leads to a known error."""

    find: Callable[[Module], Iterator[ast.AST]]
    message: str
    entry: str
    """Id of the entry that a hit supports; empty for a flaw that no entry is about."""

    linter_codes: tuple[str, ...] = ()
    """Codes of linters for the same flaw; a comment that accepts one of them accepts the hit."""

    @property
    def name(self) -> str:
        """Name of the finding without `source.`; the name of the function."""
        return self.find.__name__


RULES = (
    Rule(connecting.connect_no_timeout, "connects without connect_timeout", "db-connection-refused"),
    Rule(
        connecting.retries_every_operational_error,
        "tries again after every OperationalError, a wrong password too",
        "db-connection-refused",
    ),
    Rule(
        connecting.pool_no_pre_ping, "a pool without pre_ping hands out dead connections", "db-pool-exhausted"
    ),
    Rule(
        statements.sql_in_finally, "sends SQL in finally, which fails after an error", "db-statement-timeout"
    ),
    Rule(
        statements.session_timeout_not_local,
        "sets a timeout for the session, not with SET LOCAL for the transaction",
        "db-statement-timeout",
    ),
    Rule(statements.insert_per_row, "one INSERT for each pass of the loop", "db-row-by-row-insert"),
    Rule(
        statements.executemany_is_a_loop, "executemany of psycopg2 sends row by row", "db-row-by-row-insert"
    ),
    Rule(statements.unbounded_select, "fetches all rows of SELECT *", "db-report-memory"),
    Rule(statements.offset_pagination, "pages with OFFSET in a loop", "db-report-memory"),
    Rule(statements.sql_string_build, "puts values into the text of a statement", "", ("S608",)),
    Rule(statements.sql_not_postgres, "SQL that PostgreSQL does not know", ""),
    Rule(transactions.retry_without_rollback, "tries again without a rollback", "db-deadlock"),
    Rule(
        transactions.retry_misses_40001,
        "tries again after deadlocks only, at an isolation that brings 40001",
        "db-serialization-failure",
    ),
    Rule(pools.connection_not_released, "no finally gives the connection back", "db-pool-leak"),
    Rule(pools.with_getconn_leaks, "`with getconn()` does not give the connection back", "db-pool-leak"),
    Rule(
        asynchronous.blocking_call_in_async,
        "a call that blocks in an async function",
        "service-blocked-event-loop",
    ),
    Rule(asynchronous.cpu_in_async, "computes in an async function", "service-blocked-event-loop"),
    Rule(
        asynchronous.executor_holds_gil,
        "computes in threads that hold the interpreter's lock",
        "service-blocked-event-loop",
    ),
    Rule(web.http_no_timeout, "an HTTP request without a timeout", "config-timeouts", ("S113",)),
    Rule(web.tls_verify_off, "certificates are not verified", "tls-certificate", ("S501", "S323")),
    Rule(web.rate_retry_once, "waits and tries once more after a rate limit, not again", "api-rate-limit"),
    Rule(
        secrets.hardcoded_secret,
        "a secret stands in the code",
        "config-missing-credentials",
        ("S105", "S106"),
    ),
    Rule(
        configuring.logging_config_not_imported,
        "uses a submodule of logging that is not imported",
        "config-logging",
    ),
    Rule(
        configuring.logging_disables_existing,
        "a logging configuration that silences existing loggers",
        "config-logging",
    ),
    Rule(
        transactions.serialization_swallowed,
        "drops 40001, so the transaction is lost",
        "db-serialization-failure",
    ),
    Rule(transactions.deadlock_swallowed, "drops 40P01, so the transaction is lost", "db-deadlock"),
    Rule(secrets.secret_in_log, "writes a secret into the log", "config-logging"),
    Rule(secrets.signature_compare, "compares a signature with ==, not hmac.compare_digest", ""),
    Rule(payments.money_as_float, "holds money in a float", "config-currency"),
    Rule(payments.no_idempotency_key, "moves money without an idempotency key", "config-timeouts"),
    Rule(payments.retry_no_backoff, "tries a request again without a pause", "config-timeouts"),
)
