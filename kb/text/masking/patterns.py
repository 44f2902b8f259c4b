"""Secrets that a single pattern finds.

Each pattern begins with a fixed word and backtracks over a bounded length, so that none is slow.
"""

import re
from typing import Final, NamedTuple

from kb.text.masking.marks import MARK, Marks, Rule

Guarded = tuple[tuple[str, ...], Rule]
"""Rule and the lower-case words one of which a text must have for the rule to apply."""


class Shape(NamedTuple):
    """Pattern of a kind of secret."""

    hints: tuple[str, ...]
    name: str
    """Name in the token."""
    regex: str
    """Regular expression; its group `s` is the secret, or the whole match if there is no such group."""


def _rule(shape: Shape) -> Guarded:
    """Return the rule for a kind of secret; its pattern is compiled on use, because most texts need few."""

    def hide(marks: Marks, text: str) -> str:
        pattern = re.compile(shape.regex)
        group: int | str = "s" if "s" in pattern.groupindex else 0

        def replace(match: re.Match[str]) -> str:
            start, end = (at - match.start() for at in match.span(group))
            return match[0][:start] + marks.hide(match[group], shape.name) + match[0][end:]

        return pattern.sub(replace, text)

    return shape.hints, hide


_HEADER: Final = r"""[\\"']{0,4}[ \t]{0,4}[:=][ \t]{0,4}[\\"']{0,4}"""
_SCHEME: Final = "(?:bearer|basic|token|apikey|negotiate)"
# No possessive quantifiers: Python 3.11.2 of Debian 12 matches them wrongly, which leaks secrets.

TABLE: Final[tuple[Shape, ...]] = (
    Shape(
        ("</",),
        "secret",
        rf"(?i)(?:<[\w:.-]{{0,40}}(?:pass(?:word|wd|phrase)|pwd|secret|token|key)>|{MARK})"
        r"(?P<s>[^<>\n]{1,400})(?=</[\w:.-]{0,40}(?:pass(?:word|wd|phrase)|pwd|secret|token|key)>)",
    ),
    # In the part before `@`, `host:5432/` is a port and not a password.
    Shape(("://",), "password", r"""://[^\s:/@?#"']*:(?!//|\d{1,5}[/?#])(?P<s>(?:(?!://)[^\s"'])*)@"""),
    Shape(
        ("authorization",),
        "token",
        rf"(?i)authorization{_HEADER}(?:{_SCHEME}[ \t]{{1,4}}|(?!{_SCHEME}[ \t]))"
        r"""(?P<s>(?:digest|aws4-hmac-sha256)[ \t][^\n]*|[^\s"',;\\]+)""",
    ),
    Shape(
        ("bearer",),
        "token",
        r"(?i)\bbearer[ \t]{1,4}(?P<s>(?=[a-z._~+/=-]{0,200}\d|[\w.~+/=-]{20})[\w.~+/=-]{8,})",
    ),
    Shape(("eyj",), "token", r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    Shape(("akia", "asia"), "access key", r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    Shape(("_live_", "_test_"), "api key", r"(?<![A-Za-z0-9])(?:cp|sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{4,}"),
    Shape(("whsec_",), "secret", r"(?<![A-Za-z0-9])whsec_[\w+/=-]{4,}"),
    Shape(("ghp_", "gho_", "ghs_", "github_pat_"), "token", r"\b(?:gh[pos]_|github_pat_)\w{20,}"),
    Shape(("cookie",), "cookie", rf"(?i)\bcookie{_HEADER}(?P<s>[^\s\"'][^\n\"']*)"),
    Shape(("scram-sha-256$",), "password hash", r"(?i)SCRAM-SHA-256\$[\w+/=:$]+"),
    Shape(
        ("--",),
        "password",
        r"(?i)(?<!-)--[\w-]{0,30}?(?:password|passwd|token|secret|api-key)[ \t]{1,4}(?![-\s])"
        r"""(?P<s>(?:[^\s"']|"[^"\n]*"?|'[^'\n]*'?)+)""",
    ),
    Shape(
        ("password", "identified by"),
        "password",
        r"(?i)\b(?:password|identified by)[ \t]{1,4}e?'(?P<s>(?:[^'\\\n]|\\.|'')+)",
    ),
    # The rest are not secrets by name: PostgreSQL and SQLAlchemy quote customer data there.
    Shape(
        ("key (",),
        "value",
        r"(?m)\bKey \([^)\n]{0,200}\)=\((?P<s>(?:(?!Key \()[^\n])*?)\)"
        r"(?= already exists| is not present| is still| conflicts|\.|[ \t]*$)",
    ),
    Shape(
        ("failing row contains (",),
        "values",
        r"(?m)Failing row contains \((?P<s>[^\n]*?)(?=\)\.?[ \t]*$|$)",
    ),
    Shape(("[parameters: ",), "values", r"\[parameters: (?P<s>(?:(?!\[parameters)[^\n])*)\]"),
    Shape(("$",), "value", r"\$\d{1,5} = '(?P<s>(?:[^'\n]|'')*)"),
    Shape(
        ("invalid input ",),
        "value",
        r"invalid input (?:syntax|value) for (?:type|enum) [^:\n]{1,80}: \"(?P<s>[^\n\"]*)",
    ),
)

PATTERNS: Final[tuple[Guarded, ...]] = tuple(_rule(shape) for shape in TABLE)
