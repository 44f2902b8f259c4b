"""Placeholders in fixes: their replacement by values in commands and prose."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from kb.records.fixes.placeholder_table import EXAMPLES, PLACEHOLDERS
from kb.records.fixes.ways import alternatives, chosen
from kb.records.models import CheckStep, FixStep, Way, WayPlatform
from kb.text.code_spans import spans
from kb.text.commands import COMMANDS, PLACEHOLDER, fill_command, language_of, quoted_word
from kb.text.markdown import code_span
from kb.text.shell_syntax import plain_positions

EVIDENCE: Final = "evidence"
"""Placeholder for lines of a report, which only the text of a message may contain."""
NO_EVIDENCE: Final = "(the lines of evidence that clearpay-doctor check prints)"

MIN_WAYS: Final = 2
"""Number of ways from which on "or" stands before the last."""

_IN_QUOTES: Final = re.compile(r"""["']<([a-z][a-z_]*)>|<([a-z][a-z_]*)>["']""")


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the names in angle brackets, without duplicates, in order of appearance."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def quoted_placeholders(step: FixStep) -> tuple[str, ...]:
    """Return the placeholders between quotes of shell and Python code, where no value is inserted."""
    if step.kind == "python":
        return tuple(dict.fromkeys(first or last for first, last in _IN_QUOTES.findall(step.code)))
    shell = [step.code] if step.kind == "shell" else []
    return tuple(dict.fromkeys(name for command in shell for name in unsafe_placeholders(command)))


def unsafe_placeholders(command: str) -> Iterator[str]:
    """Yield the placeholders of a shell command that are between quotes, where no value is inserted."""
    plain = plain_positions(command)
    yield from (match[1] for match in PLACEHOLDER.finditer(command) if match.start() not in plain)


def fill(step: FixStep, values: Mapping[str, str]) -> FixStep:
    """Choose the way of a step by its platform, and replace placeholders by values quoted for its kind.

    A placeholder without a value takes its example, which the result lists. Raises ValueError for a value
    with a line break or another unprintable character.
    """
    _refuse_unsafe(values)
    step = chosen(step, values)
    known = {**EXAMPLES, **{name: value for name, value in values.items() if value}}
    ways = {name: _filled_way(step, name, way, known) for name, way in step.ways.items()}
    return replace(
        step,
        code=_fill_code(step.code, step.kind, known),
        ways=ways,
        undo=_fill_prose(step.undo, known),
        undo_code=_fill_code(step.undo_code, step.kind, known),
        title=_fill_prose(step.title, known),
        rights=_fill_prose(step.rights, known),
        examples=_examples(step, values),
    )


def fill_check(step: CheckStep, values: Mapping[str, str]) -> CheckStep:
    """Replace placeholders in a step of a manual check. Raises ValueError as `fill` does."""
    _refuse_unsafe(values)
    known = {**EXAMPLES, **{name: value for name, value in values.items() if value}}
    run = fill_command(step.run, language_of(step.run), known) if step.run else ""
    return replace(step, do=_fill_prose(step.do, known), run=run)


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders in prose: in its code spans as in commands, elsewhere as words of a shell.

    Raises ValueError as `fill` does.
    """
    _refuse_unsafe(values)
    return _fill_prose(text, {**EXAMPLES, **{name: value for name, value in values.items() if value}})


def _filled_way(step: FixStep, platform: WayPlatform, way: Way, values: Mapping[str, str]) -> Way:
    """Return a way with its kind and undo, and its placeholders replaced."""
    single = replace(step, ways={platform: way}, code="")
    ((_, whole),) = alternatives(single)
    return Way(
        code=_fill_code(whole.code, whole.kind, values),
        kind=whole.kind,
        undo=_fill_prose(whole.undo, values),
    )


def _fill_code(code: str, kind: str, values: Mapping[str, str]) -> str:
    match kind:
        case "manual":
            return _fill_prose(code, values)
        case "message":
            evidence = values.get(EVIDENCE, NO_EVIDENCE)
            return _fill_prose(code, values).replace(f"<{EVIDENCE}>", evidence)
        case "shell" | "sql" | "python":
            return fill_command(code, kind, values)
    return code


def _examples(step: FixStep, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the example values in the code of a step, each with its meaning."""
    codes = [step.code, *(way.code for way in step.ways.values())]
    names = dict.fromkeys(name for code in codes for name in placeholders_in(code))
    missing = (name for name in names if name in EXAMPLES and not values.get(name))
    return tuple(f"{EXAMPLES[name]}, {PLACEHOLDERS[name]}" for name in missing)


def _refuse_unsafe(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if name != EVIDENCE and not value.isprintable():
            raise ValueError(f"<{name}>: {value!r} has a character that no command may contain")


def _fill_prose(text: str, values: Mapping[str, str]) -> str:
    if "<" not in text or not PLACEHOLDER.search(text):
        return text
    return "".join(_fill_parts(text, values))


def _fill_parts(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for part in spans(text):
        if not part.is_code:
            yield _fill_words(part.text, values)
            continue
        name = _only_command_name(part.text)
        command = _command_of(name, values) if name else _filled(part.text, values)
        if not command:
            yield _ways_of(name, values)
            continue
        yield part.source if command == part.text else code_span(command)


def _fill_words(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders outside of code spans. Backticks of a value cannot begin or end a span."""

    def quoted(match: re.Match[str]) -> str:
        if match[1] in COMMANDS:
            command = _command_of(match[1], values)
            return code_span(command) if command else _ways_of(match[1], values)
        value = values.get(match[1], "")
        if not value or match[1] == EVIDENCE:
            return match[0]
        filled = quoted_word(match, value)
        return code_span(filled) if "`" in filled else filled

    return PLACEHOLDER.sub(quoted, text)


def _only_command_name(code: str) -> str:
    match = PLACEHOLDER.fullmatch(code.strip())
    return match[1] if match and match[1] in COMMANDS else ""


def _command_of(name: str, values: Mapping[str, str]) -> str:
    """Return the command for a team's command: the target's own, else the one of its platform, else empty."""
    if own := values.get(name):
        return own
    step = chosen(FixStep(kind="shell", title="", code=f"<{name}>"), values)
    return fill_command(step.code, "shell", values) if step.kind == "shell" and step.platform else ""


def _ways_of(name: str, values: Mapping[str, str]) -> str:
    """Return the ways of a team's command without a known platform: "`a` (systemd) or `b` (docker)"."""
    step = chosen(FixStep(kind="shell", title="", code=f"<{name}>"), values)
    texts = [
        f"{code_span(fill_command(way.code, 'shell', values))} ({label})"
        for label, way in alternatives(step)
        if way.kind == "shell"
    ]
    if len(texts) < MIN_WAYS:
        return texts[0] if texts else PLACEHOLDERS[name]
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _filled(command: str, values: Mapping[str, str]) -> str:
    return fill_command(command, language_of(command), values)
