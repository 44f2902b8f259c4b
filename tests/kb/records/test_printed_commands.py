"""Every command of every record parses in its language, with the examples filled in; nothing is executed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import psycopg2
import pytest

from diagnostics.lab.lab import Lab
from kb.records.fixes.placeholder_table import PLACEHOLDERS
from kb.records.fixes.ways import alternatives
from kb.records.loader import load_entries
from kb.records.models import Cause, CheckStep, FixStep
from kb.records.placeholders import fill, fill_check, fill_text, placeholders_in
from kb.text.code_spans import spans
from kb.text.commands import language_of
from tests.support.command_options import calls, unknown_options

PROSE_ONLY = re.compile(r"^[A-Z_]+$|^[\w.-]+$|\.\.\.")
"""Code spans that are a name or leave something out: a setting, a function, a command without its end."""
CONSOLE = re.compile(r"(?:PAUSE|RESUME|RELOAD|RECONNECT|ENABLE|DISABLE|KILL|SHOW [A-Z]+;?$)")
"""Commands of PgBouncer's console, which is no SQL."""
RULE = re.compile(r"(?:local|host|hostssl|hostnossl)\b|BEGIN\b|COMMIT\b|ROLLBACK\b")
"""Lines of pg_hba.conf, and control of transactions, which PL/pgSQL does not have."""
ENDS = re.compile(r"pg_(?:terminate|cancel)_backend")


class Printed(NamedTuple):
    """A command as a page, a report or `explain` prints it."""

    place: str
    language: str
    text: str


@cache
def printed() -> tuple[Printed, ...]:
    """Return every command of the records, filled as for a reader without a target."""
    return tuple(
        Printed(f"{entry.id}: {cause.finding}: {place}", language, text)
        for entry in load_entries().values()
        for cause in entry.causes
        for place, language, text in _commands_of(cause)
    )


def _commands_of(cause: Cause) -> Iterator[tuple[str, str, str]]:
    for number, check in enumerate(cause.manual_check, 1):
        filled: CheckStep = fill_check(check, {})
        if filled.run:
            yield f"check {number}", language_of(filled.run), filled.run
        yield from ((f"check {number}", *command) for command in _in_prose(filled.do))
    for step in cause.fix:
        for label, way in _ways(fill(step, {})):
            place = f"{step.title} {label}".strip()
            if way.kind in {"manual", "message"}:
                yield from ((place, *command) for command in _in_prose(way.code))
            else:
                yield place, way.kind, way.code
            yield from ((f"{place}, undo", *command) for command in _in_prose(way.undo))


def _ways(step: FixStep) -> tuple[tuple[str, FixStep], ...]:
    return alternatives(step) or (("", step),)


def _in_prose(text: str) -> Iterator[tuple[str, str]]:
    for part in spans(text):
        if part.is_code and " " in part.text and not PROSE_ONLY.search(part.text):
            language = language_of(part.text)
            yield ("python" if language == "shell" and _is_python(part.text) else language), part.text


def _is_python(text: str) -> bool:
    try:
        ast.parse(f"{text}: pass" if text.startswith("with ") else text)
    except SyntaxError:
        return False
    return True


def of_language(language: str) -> list[Printed]:
    found = [command for command in printed() if command.language == language]
    assert len(found) > 10
    return found


def test_no_placeholder_is_left() -> None:
    names = set(PLACEHOLDERS)
    left = [command for command in printed() if names & set(placeholders_in(command.text))]

    assert left == []


def test_no_prose_of_a_record_has_a_bare_placeholder() -> None:
    texts = [
        text
        for entry in load_entries().values()
        for text in (
            *(cause.sentence for cause in entry.causes),
            *(step.title for cause in entry.causes for step in cause.fix),
            *entry.prevent,
            entry.mitigation,
            entry.escalation,
        )
    ]

    assert [text for text in texts if set(PLACEHOLDERS) & set(placeholders_in(fill_text(text, {})))] == []


def test_no_command_names_the_lab() -> None:
    assert [command for command in printed() if "--target lab" in command.text] == []


def test_every_shell_command_parses() -> None:
    broken = []
    for command in of_language("shell"):
        done = subprocess.run(["bash", "-n"], input=command.text, capture_output=True, text=True, check=False)
        if done.returncode:
            broken.append(f"{command.place}: {command.text}\n{done.stderr}")

    assert not broken, "\n".join(broken)


def test_every_program_parses() -> None:
    for command in of_language("python"):
        ast.parse(
            f"{command.text}: pass" if command.text.startswith("with ") else command.text, command.place
        )


@pytest.mark.lab
def test_postgresql_parses_every_statement(healthy: Lab) -> None:
    """PL/pgSQL parses each statement of a DO block before it runs the first, which here is RETURN."""
    broken = []
    for command in of_language("sql"):
        for statement in statements_of(command.text):
            try:
                healthy.sql(f"DO $parse$ BEGIN RETURN; {plain(statement)}; END $parse$")
            except psycopg2.Error as error:
                broken.append(f"{command.place}: {statement}\n{error}")

    assert not broken, "\n".join(broken)


def statements_of(text: str) -> Iterator[str]:
    for statement in re.split(r";\s*(?:\n|$)", text):
        if statement.strip() and not CONSOLE.match(statement) and not RULE.match(statement):
            yield statement.strip().removesuffix(";")


def plain(statement: str) -> str:
    """Return a statement as PL/pgSQL takes it: a query by PERFORM, and values for a program's parameters."""
    statement = statement.replace("%s", "NULL")
    if re.match(r"SELECT|WITH", statement):
        return f"PERFORM * FROM ({statement}) AS rows"
    return statement


@pytest.mark.lab
def test_postgresql_refuses_what_is_broken(healthy: Lab) -> None:
    with pytest.raises(Exception, match="syntax error"):
        healthy.sql("DO $parse$ BEGIN RETURN; PERFORM * FROM (SELECT FROM WHERE) AS rows; END $parse$")


def test_sessions_are_ended_by_pid_after_a_look_that_shows_who_and_what_and_how_long() -> None:
    ending = 0
    for entry in load_entries().values():
        for cause in entry.causes:
            for number, step in enumerate(cause.fix):
                if step.kind != "sql" or not step.changes or not ENDS.search(step.code):
                    continue
                ending += 1
                place = f"{entry.id}: {cause.finding}: {step.title}"
                assert "pid = '<pid>'" in step.code, place
                assert "pg_signal_backend" in step.rights, place
                assert step.undo, place
                look = next(
                    (
                        other
                        for other in reversed(cause.fix[:number])
                        if other.kind == "sql" and not other.changes
                    ),
                    None,
                )
                assert look, f"{place}: no step before it shows the sessions"
                assert re.match(r"SELECT (\w+\.)?pid,", look.code), place
                assert {"usename", "application_name"} <= set(re.findall(r"\w+", look.code)), place
                assert "now() - " in look.code, place
                assert "left(" in look.code, place
    assert ending > 5


def test_every_option_is_one_of_its_program() -> None:
    checked = 0
    unknown = []
    for command in of_language("shell"):
        for call in calls(command.text):
            options = unknown_options(call)
            checked += any(word.startswith("-") for word in call.arguments)
            if options:
                unknown.append(f"{command.place}: {call.program}: {', '.join(options)}")

    assert unknown == []
    assert checked > 50


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("py-spy dump --gil --pid 4242", ["--gil"]),
        ("py-spy top --gil --pid 4242", []),
        ("aws rds reboot-db-instance --db-instance-id x", ["--db-instance-id"]),
        ("sudo ss -ltnp | grep -qZ postgres", []),
        ("PGSSLMODE=require psql -h a --hostname b", ["--hostname"]),
        ('PGPASSWORD="$(aws secretsmanager get-secret-value --secret x)" psql -w', ["--secret"]),
    ],
)
def test_an_option_that_a_program_does_not_have_is_found(command: str, unknown: list[str]) -> None:
    assert [option for call in calls(command) for option in unknown_options(call)] == unknown
