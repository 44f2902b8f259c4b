"""Commands of all entries, filled with hostile values and pasted into a shell, PostgreSQL and Python.

Nothing of a value is executed, and each value arrives whole: with another value, programs are called with the
same arguments, but for that value.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.lab.lab import Lab
from kb.records.loader import load_entries
from kb.records.models import Cause
from kb.records.placeholders import PLACEHOLDERS, fill_text, placeholders_in
from kb.text.code_spans import spans
from kb.text.commands import COMMANDS, Language, fill_command, language_of
from kb.text.quoting import python_literal, shell_quoted, sql_identifier, sql_literal_part, url_part

HOSTILE = (
    ";touch PWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "a\" 'b",
    "'; touch PWNED; '",
    '"; touch PWNED; "',
    "'\"`$(touch PWNED)`\"'",
    "--",
    "-x",
    "--output=PWNED",
    "&& touch PWNED",
    "|touch PWNED",
    ">PWNED",
    "\\",
    "\\'; touch PWNED #",
    "!!",
    "*",
    "~",
    "=ls",
    "#a",
    "Zoë ☃ 名前",
    "https://h/v1;touch PWNED",
    "x'); CREATE TABLE pwned (); --",
    'x"; CREATE TABLE pwned (); --',
    "*/ CREATE TABLE pwned (); /*",
)
PLAIN = "Sentinel"
KNOWN = {*PLACEHOLDERS, "pid"}
"""Placeholders of targets, and the one that a reader fills in."""
PROGRAM = '#!/bin/sh\nprintf \'%s\\0\' "${0##*/}" "$@" > "$CALLS/$STEP-$$"\n'
"""Program that records its arguments and does nothing else."""
PRINTABLE = st.text(min_size=1).filter(str.isprintable)


def commands(language: Language) -> Iterator[str]:
    """Yield the commands in a language with placeholders: of steps, instructions, checks and undo texts."""
    for entry in load_entries().values():
        for cause in entry.causes:
            for found, command in _commands_of(cause):
                names = {*placeholders_in(command)}
                if found == language and names and names <= KNOWN:
                    yield command


def _commands_of(cause: Cause) -> Iterator[tuple[Language, str]]:
    texts = [cause.sentence, cause.tell]
    for step in cause.fix:
        texts += [step.title, step.undo]
        if step.kind == "manual":
            texts.append(step.code)
        else:
            yield step.kind, step.code
    for text in texts:
        yield from ((language_of(part.text), part.text) for part in spans(text) if part.is_code)


def filled(language: Language, value: str) -> list[str]:
    """Return the commands with one value for all placeholders; commands of the team do nothing."""
    return [
        fill_command(
            command,
            language,
            {name: "true" if name in COMMANDS else value for name in placeholders_in(command)},
        )
        for command in commands(language)
    ]


def calls(shell: str, value: str, folder: Path) -> list[str]:
    """Paste the shell commands into a shell, and return what it then called, as texts in order."""
    programs, recorded, workplace = folder / "bin", folder / "calls", folder / "work"
    for path in (programs, recorded, workplace):
        path.mkdir(parents=True)
    (workplace / value).parent.mkdir(parents=True, exist_ok=True)  # a redirection makes files, not folders
    pasted = filled("shell", value)
    words = {word for command in pasted for word in re.findall(r"[a-z][a-z0-9_-]+", command)}
    (folder / "program").write_text(PROGRAM)
    (folder / "program").chmod(0o700)
    for name in {*words, "touch", "ls"}:
        (programs / name).hardlink_to(folder / "program")
    script = "".join(f"STEP={number}\n(\n{command}\n)\n" for number, command in enumerate(pasted))
    done = subprocess.run(
        [shell, "-c", f"export STEP\n{script}echo finished"],
        cwd=workplace,
        env={"PATH": str(programs), "CALLS": str(recorded), "HOME": "/nowhere"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.endswith(b"finished\n"), done.stderr[-2000:]
    assert not [path.name for path in workplace.iterdir() if path.name == "PWNED"]
    return sorted(
        f"{path.name.partition('-')[0]} {path.read_bytes().decode()}" for path in recorded.iterdir()
    )


@cache
def plain_calls(shell: str) -> list[str]:
    """Return what a shell calls with the plain value."""
    with TemporaryDirectory() as folder:
        return calls(shell, PLAIN, Path(folder))


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_in_a_pasted_command_is_an_argument_and_nothing_runs(
    value: str, shell: str, tmp_path: Path
) -> None:
    expected, actual = plain_calls(shell), calls(shell, value, tmp_path)

    assert not [call for call in actual if " touch\0" in call]
    assert len(expected) > 100
    for call in expected:
        same = next((made for made in actual if made in _with_value(call, value)), None)
        assert same, f"{call!r} was not called with {value!r}"
        actual.remove(same)
    assert actual == []


def _with_value(call: str, value: str) -> set[str]:
    """Return the forms of a call with a value in the place of the plain one."""
    after_option = re.sub(f"(--[a-z-]+)\0{PLAIN}", lambda match: f"{match[1]}={value}", call)
    return {form.replace(PLAIN, text) for form in (call, after_option) for text in (value, url_part(value))}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_in_a_program_is_one_constant(value: str) -> None:
    for plain, hostile in zip(filled("python", PLAIN), filled("python", value), strict=True):
        tree = ast.dump(ast.parse(hostile))
        assert tree.replace(repr(value), repr(PLAIN)) == ast.dump(ast.parse(plain))


@pytest.mark.lab
@pytest.mark.parametrize(
    "value", [value for value in HOSTILE if "'" in value or '"' in value or "*" in value]
)
def test_a_value_in_a_statement_is_a_name_or_a_constant(value: str, healthy: Lab) -> None:
    expected, actual = _pasted_into_psql(PLAIN, healthy), _pasted_into_psql(value, healthy)

    assert actual.replace(value, PLAIN) == expected
    assert f'role "{PLAIN}" does not exist' in expected
    assert healthy.sql("SELECT to_regclass('pwned')") == [(None,)]


def _pasted_into_psql(value: str, lab: Lab) -> str:
    """Paste all statements into psql, and return its messages."""
    script = "".join(
        f"\\echo {number}\n{code.rstrip(';')};\n" for number, code in enumerate(filled("sql", value))
    )
    done = subprocess.run(
        ["psql", "-X", "-v", "VERBOSITY=terse", "-d", lab.admin_url],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("\n") > 20
    return re.sub(r"(?m)^.*\b(?:at character|pid) \d+.*$", "", done.stderr)


@given(PRINTABLE)
def test_each_language_reads_back_the_very_value(value: str) -> None:
    assert ast.literal_eval(python_literal(value)) == value
    assert re.fullmatch('"((?:[^"]|"")*)"', sql_identifier(value))
    assert "'" not in sql_literal_part(value).replace("''", "")
    assert not re.search(r"[/?#@&=\s'\"`$;:]", url_part(value)) or url_part(value).startswith("[")


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
def test_a_shell_reads_back_the_very_values(shell: str) -> None:
    words = " ".join(map(shell_quoted, HOSTILE))

    done = subprocess.run(
        [shell, "-c", f"printf '%s\\0' {words}"], capture_output=True, text=True, check=True
    )

    assert done.stdout.split("\0")[:-1] == list(HOSTILE)


@given(PRINTABLE)
def test_a_value_does_not_leave_the_code_span_that_it_is_in(value: str) -> None:
    text = fill_text("Run `psql -U <role>`, then `echo <host>` for <role>.", {"role": value, "host": "db"})

    parts = [part.text for part in spans(text) if part.is_code]

    assert parts[:2] == [f"psql -U {shell_quoted(value)}", "echo db"]
