"""Lint of the SQL of checks: it refuses what writes, locks, sleeps, signals, reads files or runs programs.

The rules are an allow list: a statement with a form, a function or a type that they do not know is refused.
The server keeps a second line: a check runs as a subquery, in a read-only transaction, under a timeout.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from kb.checks.sql_allowed import BEFORE_TEXT, FORBIDDEN_RELATIONS, FORBIDDEN_WORDS, FUNCTIONS, SYNTAX, TYPES
from kb.checks.sql_tokens import Token, Unreadable, tokens_of

MAX_LENGTH = 8_000
"""Characters of a statement."""
CATALOGUE = "pg_catalog"
CALLABLE = FUNCTIONS | SYNTAX | TYPES
"""Words that may stand before a parenthesis."""
ALIASING = frozenset({"as", "with", "recursive"})
"""Words before a name with a list of columns in parentheses, which is not a call."""


@lru_cache(maxsize=512)
def sql_problems(statement: str) -> tuple[str, ...]:
    """Return the reasons why a statement is refused; empty for one that may run."""
    if len(statement) > MAX_LENGTH:
        return (f"is longer than {MAX_LENGTH} characters",)
    try:
        tokens = tokens_of(statement)
    except Unreadable as error:
        return (f"cannot be judged: {error}",)
    if tokens and tokens[-1].text == ";":
        tokens = tokens[:-1]
    if not tokens:
        return ("is empty",)
    rules = (_shape, _words, _calls, _casts, _attributes)
    return tuple(dict.fromkeys(problem for rule in rules for problem in rule(tokens)))


def parameters_in(statement: str) -> frozenset[str]:
    """Return the names of the parameters, `%(name)s`, of a statement that may run."""
    return frozenset(token.text[2:-2] for token in tokens_of(statement) if token.kind == "parameter")


def _shape(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield problems of the whole: another command than SELECT, several statements, parentheses."""
    if tokens[0].word not in {"select", "with"}:
        yield f"begins with {tokens[0].text[:20]}; write one SELECT"
    if any(token.text == ";" and token.kind == "mark" for token in tokens):
        yield "has several statements; write one SELECT"
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth < 0:
            break
    if depth:
        yield "has parentheses that do not match"


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield words that write, lock or run something, and relations with secrets or files."""
    for number, token in enumerate(tokens):
        if what := FORBIDDEN_WORDS.get(token.word):
            yield f"{token.text.upper()} {what}"
        if token.word == "rows" and _word_at(tokens, number + 1) == "from":
            yield "ROWS FROM calls functions that this lint does not judge"
        if what := FORBIDDEN_RELATIONS.get(token.name.lower()):
            yield f"{token.name.lower()} shows {what}"


def _calls(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield calls of functions that are not in the list."""
    for number, token in enumerate(tokens[:-1]):
        if tokens[number + 1].text != "(" or tokens[number + 1].kind != "mark" or not token.name:
            continue
        before = _word_at(tokens, number - 1)
        qualified = number > 0 and tokens[number - 1].text == "."
        if before in ALIASING and not qualified:
            continue
        schema = _name_at(tokens, number - 2) if qualified else ""
        if qualified and (schema != CATALOGUE or _text_at(tokens, number - 3) == "."):
            yield f"calls {schema}.{token.name}: only functions of pg_catalog may be called"
        elif token.kind == "quoted" or token.word not in (FUNCTIONS if qualified else CALLABLE):
            yield f"calls {token.name}(), which is not in the list of functions that only read"


def _casts(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield casts to types beyond the built-in ones: their input functions and checks may run anything."""
    for number, token in enumerate(tokens):
        if token.kind == "text" and (before := _name_at(tokens, number - 1)) not in TYPES | BEFORE_TEXT | {
            ""
        }:
            yield f"has {before} before a text, which is not in the list of types"
        if token.text == "::" and token.kind == "operator":
            yield from _type(tokens, number + 1)
        if token.word == "cast" and _text_at(tokens, number + 1) == "(":
            at = _as_of_cast(tokens, number + 2)
            yield from _type(tokens, at + 1) if at else ["has a CAST without AS"]


def _type(tokens: Sequence[Token], at: int) -> Iterator[str]:
    if _name_at(tokens, at) == CATALOGUE and _text_at(tokens, at + 1) == ".":
        at += 2
    name = tokens[at] if at < len(tokens) else None
    if name is None or not name.name:
        yield "has a cast without a type"
    elif name.word not in TYPES and not (name.kind == "quoted" and name.text == "char"):
        yield f"casts to {name.name}, which is not in the list of types"
    elif _text_at(tokens, at + 1) == ".":
        yield f"casts to a type of the schema {name.name}; only types of pg_catalog are in the list"


def _as_of_cast(tokens: Sequence[Token], at: int) -> int:
    """Return the position of AS in a CAST whose content begins at `at`; 0 without one."""
    depth = 0
    for number in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[number].text, 0) if tokens[number].kind == "mark" else 0
        if depth < 0:
            return 0
        if depth == 0 and tokens[number].word == "as":
            return number
    return 0


def _attributes(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield attributes that may be calls: PostgreSQL reads `(value).name` as name(value).

    It does so with an alias of a function in FROM too, whose row is a value and not a record.
    """
    values = dict(_values_by_alias(tokens))
    for number, token in enumerate(tokens):
        if token.text != "." or token.kind != "mark" or not number:
            continue
        before, after = tokens[number - 1], _name_at(tokens, number + 1)
        if not before.name:
            yield f"has {before.text[:20]}.{after}, which may call a function"
        elif (
            before.name in values and after not in values[before.name] and _text_at(tokens, number + 2) != "("
        ):
            yield f"has {before.name}.{after}, which may call a function: give the column a name with AS"


def _values_by_alias(tokens: Sequence[Token]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each name that calls have as items of FROM, with the names of their columns."""
    for number, token in enumerate(tokens[:-1]):
        if token.word not in FUNCTIONS or tokens[number + 1].text != "(":
            continue
        yield token.word, OUTPUT_COLUMNS.get(token.word, frozenset())
        at = _after_parentheses(tokens, number + 1)
        if _word_at(tokens, at) == "with" and _word_at(tokens, at + 1) == "ordinality":
            at += 2
        if _word_at(tokens, at) == "as":
            at += 1
        alias = _name_at(tokens, at)
        if not alias or tokens[at].word in SYNTAX:
            continue
        columns = {alias, "ordinality"} | OUTPUT_COLUMNS.get(token.word, frozenset())
        if _text_at(tokens, at + 1) == "(":
            end = _after_parentheses(tokens, at + 1)
            columns |= {token.name for token in tokens[at + 2 : end - 1] if token.name}
        yield alias, frozenset(columns)


OUTPUT_COLUMNS = {
    "aclexplode": frozenset({"grantor", "grantee", "privilege_type", "is_grantable"}),
    "json_each": frozenset({"key", "value"}),
    "json_each_text": frozenset({"key", "value"}),
    "jsonb_each": frozenset({"key", "value"}),
    "jsonb_each_text": frozenset({"key", "value"}),
    "pg_options_to_table": frozenset({"option_name", "option_value"}),
    "pg_sequence_parameters": frozenset(
        {
            "start_value",
            "minimum_value",
            "maximum_value",
            "increment",
            "cycle_option",
            "cache_size",
            "data_type",
        }
    ),
}
"""Columns of the functions that return records."""


def _after_parentheses(tokens: Sequence[Token], at: int) -> int:
    """Return the position after the parentheses that open at `at`."""
    depth = 0
    for number in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[number].text, 0) if tokens[number].kind == "mark" else 0
        if not depth:
            return number + 1
    return len(tokens)


def _token_at(tokens: Sequence[Token], at: int) -> Token | None:
    return tokens[at] if 0 <= at < len(tokens) else None


def _word_at(tokens: Sequence[Token], at: int) -> str:
    token = _token_at(tokens, at)
    return token.word if token else ""


def _name_at(tokens: Sequence[Token], at: int) -> str:
    token = _token_at(tokens, at)
    return token.name if token else ""


def _text_at(tokens: Sequence[Token], at: int) -> str:
    """Return the text of a mark or an operator; empty for other tokens, whatever they contain."""
    token = _token_at(tokens, at)
    return token.text if token and token.kind in {"mark", "operator"} else ""
