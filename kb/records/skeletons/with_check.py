"""Record of a new entry that brings a check. It passes the lint as it is: replace its words one by one.

The one with a query passes the contract test of the lab too.
"""

from typing import Final

KINDS: Final = ("sql", "http", "config")
RECORD: Final = """\
# yaml-language-server: $schema={schema}
# Replace every text below. After each change: clearpay-doctor entry lint, or list packs for a pack
title: "{title}"
severity: high       # critical, high, medium, low
summary: Two sentences. What happens and why.
impact: Consequences for users and payments.
symptoms:
{symptom}
user_phrases: []     # about eight sentences of people who do not know the error's name
checks:
{check}
causes:
  - finding: {id}.{fact}
    sentence: A full sentence about the live system, when the check has found something.
    manual_check:
      - {{do: What to do and how to read the output., run: "SELECT version();"}}
    fix:
      - kind: manual # sql, python, shell, manual, message
        title: Do what helps
        code: Instructions in full sentences.
        undo: How to revert it, or why nothing reverts it.
        why_manual: Why no command can do it.
    fault:           # how the lab produces the finding, for the contract test
{fault}
not_this: []         # - {{entry: other-id, sign: "the difference between the two"}}
prevent: []
references: []       # - {{title: "", url: "https://..."}}
since: 0.1.0
"""
PLAIN_TITLE: Final = "the error as people type it: its meaning"
SQL_TITLE: Final = "relation does not exist: a table that payments need is missing"
PLAIN_SYMPTOM: Final = """\
  - template: "{id} failed for <table>"   # what programs print; names that vary are <holes>
    samples:
      - {{kind: observed, source: program and version, text: "ERROR:  {id} failed for accounts"}}
      - {{kind: observed, source: another program, text: "Error: {id} failed for bookings"}}
      - {{kind: reported, source: a person's wording, text: "since today {id} failed for refunds"}}"""
SQL_SYMPTOM: Final = """\
  - template: 'relation "<table>" does not exist'   # what programs print; names that vary are <holes>
    samples:
      - {{kind: observed, source: psycopg2 2.9, text: 'UndefinedTable: relation "accounts" does not exist'}}
      - {{kind: observed, source: psql 15, text: 'ERROR:  relation "accounts" does not exist'}}
      - {{kind: reported, source: a person's wording, text: 'today relation "bookings" does not exist'}}"""
SQL_CHECK: Final = """\
  missing_table:                     # the finding {id}.missing_table
    # One SELECT. Each row that it returns is a finding, and its columns are the evidence.
    sql: |
      SELECT name AS missing_table, current_user::text AS role
      FROM unnest(ARRAY['accounts', 'transactions']) AS name
      WHERE to_regclass(name) IS NULL
    as: application                  # or monitor: the role whose session runs the query
    level: fail                      # warn: it is suspected and not confirmed
    # needs: [pg_monitor]            # roles that the role has to be a member of
    # thresholds: {{max_s: 60}}        # taken as %(max_s)s; a target overrides them in
    #                                # [target.x.thresholds.checks.{id}]
    # versions: ">=15"               # for these versions of PostgreSQL only
    # extensions: [pg_stat_statements]
    # params: {{table: <table>}}       # from a hole of the text, bound as %(table)s, NULL without a text
    # window_s: 5                    # counters: the difference of two samples, with `increase`"""
SQL_FAULT: Final = """\
      summary: Take a table away that payments are written to.
      sql:                           # statements of the superuser in the lab's database
        - ALTER TABLE accounts RENAME TO accounts_gone
      undo:
        - ALTER TABLE accounts_gone RENAME TO accounts
      prints: relation "accounts" does not exist   # part of what the failing payment prints"""
HTTP_CHECK: Final = """\
  unhealthy:                         # the finding {id}.unhealthy
    http: {{path: /healthz, expect: {{status: 200, json: {{"/status": ok}}}}, within_s: 2}}"""
CONFIG_CHECK: Final = """\
  wrong_value:                       # the finding {id}.wrong_value
    config: {{file: network, key: read_timeout, at_least: 1, at_most: 30}}"""
PLAIN_FAULT: Final = """\
      summary: Break it as life does, in one sentence.
      files: {{network: "CLEARPAY_NETWORK_CONFIG = {{}}"}}
      warning: Why nothing fails yet; or `prints`, part of what the failing program prints."""
_PARTS: Final = {
    "sql": (SQL_TITLE, "missing_table", SQL_SYMPTOM, SQL_CHECK, SQL_FAULT),
    "http": (PLAIN_TITLE, "unhealthy", PLAIN_SYMPTOM, HTTP_CHECK, PLAIN_FAULT),
    "config": (PLAIN_TITLE, "wrong_value", PLAIN_SYMPTOM, CONFIG_CHECK, PLAIN_FAULT),
}


def record_with_check(entry_id: str, kind: str, schema: str) -> str:
    """Return the text of a record with a check of a kind; `schema` is the path to the JSON Schema."""
    title, fact, symptom, check, fault = _PARTS[kind]
    return RECORD.format(
        id=entry_id,
        schema=schema,
        title=title,
        fact=fact,
        symptom=symptom.format(id=entry_id),
        check=check.format(id=entry_id),
        fault=fault.format(),
    )
