"""Tokens of a SELECT, in the part of PostgreSQL's lexical rules that has one reading only.

A text with another form is refused, so that the server cannot read it in another way than this module.
Source: PostgreSQL documentation, 4.1 "Lexical Structure".
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Kind = Literal["word", "quoted", "text", "number", "parameter", "operator", "mark"]


class Token(NamedTuple):
    """Token of a statement, with its position."""

    kind: Kind
    text: str
    """The text as written; of a quoted identifier, the identifier itself."""
    start: int

    @property
    def word(self) -> str:
        """The keyword or name in lower case; empty for other tokens."""
        return self.text.lower() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """The name that a word or a quoted identifier stands for; empty for other tokens."""
        return self.text if self.kind == "quoted" else self.word


class Unreadable(ValueError):
    """A text that has a form beyond this module's rules."""


OPERATORS: Final = (
    *("!~*", "->>", "#>>", "::", "->", "#>", "@>", "<@", "<=", ">=", "<>", "!=", "||", "!~", "~*", "&&"),
    *("+", "-", "*", "/", "%", "<", ">", "=", "~"),
)
"""Operators, the longest first."""
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\n\r\f]+|--[^\n\r]*)
    |(?P<text>'(?:[^'\\]|'')*')
    |(?P<quoted>"(?:[^"\\]|"")+")
    |(?P<parameter>%\([a-z][a-z0-9_]*\)s)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z_0-9.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<operator>"""
    + "|".join(map(re.escape, OPERATORS))
    + r""")
    |(?P<mark>[()\[\],.;])""",
    re.VERBOSE,
)
_OPERATOR_CHARACTERS: Final = frozenset("+-*/<>=~!@#%^&|`?")
_ARITHMETIC: Final = frozenset("+-*/<>=")
_SIGNS: Final = frozenset("+-")
REFUSED: Final = {
    "/*": "a comment /* */: write comments with -- or as comments of YAML",
    "$": "dollar quoting or a $ in a name: write a text between single quotes",
    "\\": "a backslash",
}
"""Forms that are refused with their own words."""


def tokens_of(statement: str) -> list[Token]:
    """Return the tokens of a statement without white space and comments.

    Raises Unreadable for strings with a backslash or a prefix, dollar quoting, block comments, parameters
    other than `%(name)s`, operators that are not in the list, and characters outside of ASCII in bare words.
    """
    return list(_checked(statement))


def _checked(statement: str) -> Iterator[Token]:
    at = 0
    while at < len(statement):
        match = None if statement.startswith("/*", at) else _TOKEN.match(statement, at)
        if match is None or match.lastgroup is None:
            raise Unreadable(_form_at(statement, at))
        if match.lastgroup != "space":
            token = _token(match)
            _require_separate(statement, token, match.end())
            yield token
        at = match.end()


def _token(match: re.Match[str]) -> Token:
    text = match.group()
    if match.lastgroup == "quoted":
        return Token("quoted", text[1:-1].replace('""', '"'), match.start())
    kind: Kind = match.lastgroup  # type: ignore[assignment]  # the groups have the kinds' names
    return Token(kind, text, match.start())


def _require_separate(statement: str, token: Token, end: int) -> None:
    """Refuse tokens without white space between them that PostgreSQL reads as one."""
    following = statement[end : end + 1]
    if token.kind == "word" and following in {"'", '"', "&"}:
        raise Unreadable(
            f"the prefix {token.text}{following}: write white space after the word, or no prefix"
        )
    # A sign ends a run of arithmetic characters; another run is one operator.
    ends = following in _SIGNS and set(token.text) <= _ARITHMETIC
    if token.kind == "operator" and following in _OPERATOR_CHARACTERS and not ends:
        raise Unreadable(f"the operator {token.text}{following}: write white space between operators")


def _form_at(statement: str, at: int) -> str:
    for beginning, form in REFUSED.items():
        if statement.startswith(beginning, at):
            return form
    if statement[at] == "'":
        return "a text that does not end, or that has a backslash in it"
    if statement[at] == "%":
        return "a % that is no operator: a parameter is %(name)s"
    return f"the character {statement[at]!a}"
