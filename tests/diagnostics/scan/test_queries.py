"""Queries for log engines: they find the lines that the scan selects."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import re2

from diagnostics.scan.queries import ENGINES, QUERIES, Query, shortest
from diagnostics.scan.queries.clickhouse import MAX_NEEDLES
from diagnostics.scan.queries.elasticsearch import MAX_CLAUSES
from diagnostics.scan.queries.loki import MAX_QUERY
from kb.matching.literals import literals_of
from kb.matching.shipped_index import load_index

LITERALS = {entry: sorted(texts) for entry, texts in literals_of(load_index()).items() if texts}
ENTRIES = ("db-deadlock", "tls-certificate", "api-rate-limit")
LINES = [
    "2026-11-29 12:00:00 ERROR:  Deadlock detected",
    "it's a quiet line",
    "psycopg2.errors.DeadlockDetected: deadlock detected",
    "certificate verify failed: certificate has expired (_ssl.c:1006)",
    "429 Client Error: Too Many Requests for url: https://api/v1",
    "Rate limit reached for requests",
    "FEHLER:  Verklemmung (Deadlock) entdeckt",
]


def expected(entry: str) -> list[str]:
    return [line for line in LINES if any(literal in line.lower() for literal in LITERALS[entry])]


def query(engine: str, entry: str) -> str:
    return QUERIES[engine](Query(entry, "a title", LITERALS[entry]))


def test_a_literal_that_contains_another_one_is_left_out() -> None:
    assert shortest(["deadlock detected", "lock", "40p01"]) == ["40p01", "lock"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_clickhouse_finds_the_same_lines(entry: str, tmp_path: Path) -> None:
    chdb = pytest.importorskip("chdb.session")
    session = chdb.Session(str(tmp_path / "clickhouse"))
    try:
        session.query("CREATE DATABASE t; ")
        session.query("CREATE TABLE t.otel_logs (Timestamp DateTime64(9), Body String) ENGINE = Memory")
        rows = ", ".join(
            f"('2026-11-29 12:00:{number:02d}', {quoted(line)})" for number, line in enumerate(LINES)
        )
        session.query(f"INSERT INTO t.otel_logs VALUES {rows}")  # noqa: S608  into a table of this test
        sql = query("clickhouse", entry).replace("FROM otel_logs", "FROM t.otel_logs").rstrip(";")
        answer = str(session.query(sql, "JSONEachRow"))
        assert [json.loads(line)["Body"] for line in answer.splitlines()] == expected(entry)
        window = Query(entry, "", LITERALS[entry], "2026-11-30T00:00:00+00:00", "2026-12-01T00:00:00+00:00")
        later = QUERIES["clickhouse"](window).replace("FROM otel_logs", "FROM t.otel_logs").rstrip(";")
        assert str(session.query(later, "JSONEachRow")).strip() == ""
    finally:
        session.close()


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@pytest.mark.parametrize("entry", ENTRIES)
def test_loki_s_expression_finds_the_same_lines_as_re2_reads_it(entry: str) -> None:
    found = re.fullmatch(r'# .*\n\{\w+=~"[^"]+"\} \|~ `([^`]+)`', query("loki", entry))
    assert found
    expression = re2.compile(found[1])
    assert [line for line in LINES if expression.search(line)] == expected(entry)


@pytest.mark.parametrize("entry", LITERALS)
def test_each_query_is_within_the_limits_of_its_engine(entry: str) -> None:
    loki = query("loki", entry)
    assert len(loki.encode()) < MAX_QUERY
    assert loki.count("`") == 2
    clauses = elasticsearch(entry)["query"]["bool"]["should"]
    assert 0 < len(clauses) < MAX_CLAUSES
    assert all(set(clause) == {"match_phrase"} for clause in clauses)
    searches = query("clickhouse", entry).count("multiSearchAny")
    assert len(shortest(LITERALS[entry])) <= MAX_NEEDLES * searches


def elasticsearch(entry: str) -> dict[str, Any]:
    head, request, body = query("elasticsearch", entry).split("\n", 2)
    assert head.startswith("# ")
    assert request == "GET logs-*/_search"
    document: dict[str, Any] = json.loads(body)
    return document


def test_every_engine_has_a_query_for_every_entry_with_literals() -> None:
    assert {engine for engine in ENGINES for entry in LITERALS if query(engine, entry)} == set(ENGINES)
