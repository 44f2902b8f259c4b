"""The lint of checks accepts SELECTs that read, and refuses what writes, locks, sleeps, signals or hides."""

import pytest

from diagnostics.checks.sql import wrapped
from diagnostics.lab.lab import Lab
from kb.checks.sql_allowed import FUNCTIONS, TYPES
from kb.checks.sql_lint import parameters_in, sql_problems
from kb.records.loader import declarations_of, load_entries

ACCEPTED = [
    "SELECT 1",
    "SELECT 1;",
    "SELECT 'a; DROP TABLE x' AS text -- and a comment; with a semicolon",
    "SELECT count(*) FILTER (WHERE a.n > 1) FROM (VALUES (1), (2)) AS a(n)",
    "WITH big AS (SELECT oid FROM pg_class) SELECT c.relname FROM pg_class AS c JOIN big USING (oid)",
    "WITH big(id) AS (SELECT oid FROM pg_class) SELECT id FROM big",
    "SELECT pg_catalog.pg_size_pretty(pg_database_size(current_database()))",
    "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS lag_s",
    "SELECT relname FROM pg_class WHERE relname LIKE '%x' AND reltuples < -1 AND relname = %(table)s",
    "SELECT a.privilege_type FROM pg_class AS c, LATERAL aclexplode(c.relacl) AS a",
    "SELECT x.n FROM generate_series(1, 3) AS x(n)",
    "SELECT CAST('1' AS numeric(10, 2)), '1'::int, timestamp '2026-01-01', now() - interval '5 min'",
    'SELECT "update" FROM "Orders"',
    "SELECT DISTINCT ON (relkind) relkind::text FROM pg_class ORDER BY relkind",
    "SELECT 5 % 3, 2*-1, ARRAY[1, 2] @> ARRAY[1]",
]
REFUSED = [
    "",
    ";",
    "DELETE FROM accounts",
    "TABLE accounts",
    "EXPLAIN ANALYZE DELETE FROM accounts",
    "WITH gone AS (DELETE FROM accounts RETURNING *) SELECT * FROM gone",
    "WITH a AS (INSERT INTO accounts VALUES (99, 0) RETURNING id) SELECT id FROM a",
    "WITH a AS (UPDATE accounts SET balance = 0 RETURNING id) SELECT id FROM a",
    "SELECT * INTO copied FROM accounts",
    "SELECT * FROM accounts FOR UPDATE",
    "SELECT * FROM accounts FOR SHARE SKIP LOCKED",
    "SELECT 1; SELECT 2",
    "SELECT 1; COMMIT; DROP TABLE accounts",
    "SELECT 1) AS checked; DROP TABLE accounts; SELECT (1",
    "SELECT (1",
    "SELECT pg_sleep(10)",
    'SELECT "pg_sleep"(10)',
    "SELECT pg_catalog.pg_sleep(10)",
    "SELECT PG_SLEEP (10)",
    "SELECT pg_sleep/**/(10)",
    "SELECT pg_sleep -- hidden\n(10)",
    "SELECT (10::float8).pg_sleep",
    "SELECT (ARRAY[10::float8])[1].pg_sleep",
    "SELECT x.pg_sleep FROM generate_series(1, 2) AS x",
    "SELECT x.pg_sleep FROM generate_series(1, 2) AS x(n)",
    "SELECT x.pg_sleep FROM generate_series(1, 2) x",
    'SELECT x."pg_sleep" FROM unnest(ARRAY[1]) WITH ORDINALITY x',
    "SELECT unnest.pg_sleep FROM unnest(ARRAY[1.5])",
    "SELECT * FROM pg_sleep(10)",
    "SELECT * FROM ROWS FROM (pg_sleep(10)) AS x",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity",
    "SELECT pg_reload_conf()",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_unlink(1)",
    "COPY accounts TO PROGRAM 'id'",
    "SELECT * FROM (COPY accounts TO '/tmp/x') AS a",
    "SELECT * FROM dblink('dbname=x', 'DELETE FROM accounts') AS t(a int)",
    "SELECT x.dblink_exec FROM lower('DELETE FROM accounts') AS x",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT nextval('transactions_id_seq')",
    "SELECT setval('transactions_id_seq', 1)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_notify('a', 'b')",
    "SELECT query_to_xml('DELETE FROM accounts', true, true, '')",
    "SELECT pg_logical_emit_message(true, 'a', 'b')",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_physical_replication_slot('x')",
    "SELECT txid_current()",
    "SELECT own_function(1)",
    "SELECT public.lower('a')",
    "SELECT DISTINCT ON (1) pg_sleep(1)",
    "WITH a AS (SELECT 1), pg_sleep(n) AS (SELECT 2) SELECT 1",
    "SELECT 'x'::evil",
    "SELECT 'x'::public.text",
    "SELECT CAST('x' AS evil)",
    "SELECT evil 'x'",
    "SELECT 1 OPERATOR(public.+) 1",
    "SELECT * FROM accounts TABLESAMPLE evil(1)",
    "SELECT rolpassword FROM pg_authid",
    'SELECT passwd FROM pg_catalog."pg_shadow"',
    "SELECT * FROM pg_hba_file_rules",
    "SELECT $$a$$",
    "SELECT $tag$ ' $tag$",
    r"SELECT E'\'; DELETE FROM accounts; --'",
    r"SELECT 'a\'",
    "SELECT e'a'",
    "SELECT U&'a'",
    'SELECT U&"a"',
    "SELECT 1 /* a /* nested */ comment */",
    "SELECT a /*hidden*/ FROM b",
    "SELECT 'not ended",
    'SELECT "not ended',
    "SELECT $1",
    "SELECT \u00a01",
    "SELECT 1\0",
    "SELECT @@ 1",
    f"SELECT {'1 + ' * 4000}1",
]


@pytest.mark.parametrize("statement", ACCEPTED)
def test_a_select_that_reads_is_accepted(statement: str) -> None:
    assert sql_problems(statement) == ()


@pytest.mark.parametrize("statement", REFUSED)
def test_what_does_more_than_read_or_cannot_be_judged_is_refused(statement: str) -> None:
    assert sql_problems(statement) != ()


def test_a_refusal_names_the_word_and_what_it_does() -> None:
    assert sql_problems("SELECT * FROM a FOR UPDATE")[0].startswith("FOR locks rows")
    assert sql_problems("SELECT pg_sleep(1)") == (
        "calls pg_sleep(), which is not in the list of functions that only read",
    )


def test_parameters_are_those_outside_of_texts() -> None:
    assert parameters_in("SELECT '%(no)s', %(yes)s") == {"yes"}


@pytest.mark.parametrize("code", range(256))
def test_any_character_is_read_or_refused_with_a_reason(code: int) -> None:
    for text in (chr(code), f"SELECT a{chr(code)}b", f"SELECT {chr(code)}'x'"):
        assert all(sql_problems(text)) or sql_problems(text) == ()


def test_a_percent_sign_beside_parameters_is_doubled_for_the_driver() -> None:
    statement = "SELECT '%(no)s' WHERE 5 % 3 > %(most)s AND 'a' LIKE '%b%'"

    assert "'%%(no)s' WHERE 5 %% 3 > %(most)s AND 'a' LIKE '%%b%%'" in wrapped(statement, {"most": 1})
    assert statement in wrapped(statement, {})


def test_each_function_of_the_server_is_in_the_list_or_refused(healthy: Lab) -> None:
    """Volatile functions in the list read the state of the server; they were looked at one by one."""
    rows = healthy.sql(
        "SELECT DISTINCT proname::text, provolatile::text, prokind::text FROM pg_proc "
        "WHERE pronamespace = 'pg_catalog'::regnamespace"
    )
    names = {name for name, _, _ in rows}
    volatile = {name for name, kind, _ in rows if kind == "v"} & FUNCTIONS
    built_in = {"coalesce", "greatest", "least", "nullif", "trim"}

    newer = {
        "regexp_count",
        "regexp_like",
        "string_to_table",
        "pg_sequence_last_value",
    }  # PostgreSQL 14 and 15
    assert FUNCTIONS - names - built_in <= newer
    assert volatile <= {
        *("clock_timestamp", "pg_blocking_pids", "pg_is_in_recovery", "pg_is_wal_replay_paused"),
        *("pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn"),
        *("pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp"),
        *("pg_database_size", "pg_indexes_size", "pg_relation_size", "pg_sequence_last_value"),
        *("pg_table_size", "pg_tablespace_size", "pg_total_relation_size"),
    }
    for name in sorted(name for name in names - FUNCTIONS if name.isidentifier()):
        if sql_problems(f"SELECT {name}(1)") == ():
            assert name in TYPES | {"like"}, name  # casts and comparisons
        assert sql_problems(f"SELECT x.{name} FROM generate_series(1, 2) AS x") != ()  # noqa: S608  it is refused


@pytest.mark.parametrize("statement", ["SELECT (1, 2)", *ACCEPTED[:1]])
def test_an_accepted_statement_runs_as_a_subquery(statement: str, healthy: Lab) -> None:
    assert healthy.sql(wrapped(statement, {}))


def test_a_subquery_cannot_write_whatever_the_lint_says(healthy: Lab) -> None:
    import psycopg2  # noqa: PLC0415  for the class of the error

    with pytest.raises(psycopg2.Error, match="data-modifying"):
        healthy.sql(wrapped("WITH a AS (DELETE FROM accounts RETURNING 1) SELECT * FROM a", {}))


def test_the_shipped_records_pass() -> None:
    """Shipped SQL is not linted at each start: this test holds it."""
    statements = [
        block.sql
        for each in declarations_of(load_entries())
        for blocks in each.checks.values()
        for block in blocks
    ]
    assert statements
    assert [problem for statement in statements if statement for problem in sql_problems(statement)] == []
