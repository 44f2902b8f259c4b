"""Secrets that one pattern shows. None can be slow: each starts at a fixed word and never backtracks far."""

import re
from typing import Final

from kb.masking.marks import MARK, Marks, Rule

Guarded = tuple[tuple[str, ...], Rule]
"""Lower-case words without one of which a rule need not run, and the rule."""


def _pattern(hints: tuple[str, ...], name: str, regex: str) -> Guarded:
    """A rule that hides group `s` of what it finds, or all. Compiled when needed: most texts need few."""

    def hide(marks: Marks, text: str) -> str:
        pattern = re.compile(regex)
        group: int | str = "s" if "s" in pattern.groupindex else 0

        def replace(found: re.Match[str]) -> str:
            start, end = (at - found.start() for at in found.span(group))
            return found[0][:start] + marks.hide(found[group], name) + found[0][end:]

        return pattern.sub(replace, text)

    return hints, hide


_HEADER: Final = r"""[\\"']{0,4}[ \t]{0,4}[:=][ \t]{0,4}[\\"']{0,4}"""
_SCHEME: Final = "(?:bearer|basic|token|apikey|negotiate)"
# No possessive quantifier stands in any pattern: the Python 3.11.2 of Debian 12 has them wrong, and leaks.

TABLE: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (
        ("</",),
        "secret",
        rf"(?i)(?:<[\w:.-]{{0,40}}(?:pass(?:word|wd|phrase)|pwd|secret|token|key)>|{MARK})"
        r"(?P<s>[^<>\n]{1,400})(?=</[\w:.-]{0,40}(?:pass(?:word|wd|phrase)|pwd|secret|token|key)>)",
    ),
    # In a user's part `host:5432/` is a port, not a password.
    (("://",), "password", r"""://[^\s:/@?#"']*:(?!//|\d{1,5}[/?#])(?P<s>(?:(?!://)[^\s"'])*)@"""),
    (
        ("authorization",),
        "token",
        rf"(?i)authorization{_HEADER}(?:{_SCHEME}[ \t]{{1,4}}|(?!{_SCHEME}[ \t]))"
        r"""(?P<s>(?:digest|aws4-hmac-sha256)[ \t][^\n]*|[^\s"',;\\]+)""",
    ),
    (
        ("bearer",),
        "token",
        r"(?i)\bbearer[ \t]{1,4}(?P<s>(?=[a-z._~+/=-]{0,200}\d|[\w.~+/=-]{20})[\w.~+/=-]{8,})",
    ),
    (("eyj",), "token", r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    (("akia", "asia"), "access key", r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (
        ("_live_", "_test_"), "api key", r"(?<![A-Za-z0-9])(?:cp|sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{4,}"
    ),
    (("whsec_",), "secret", r"(?<![A-Za-z0-9])whsec_[\w+/=-]{4,}"),
    (("ghp_", "gho_", "ghs_", "github_pat_"), "token", r"\b(?:gh[pos]_|github_pat_)\w{20,}"),
    (("cookie",), "cookie", rf"(?i)\bcookie{_HEADER}(?P<s>[^\s\"'][^\n\"']*)"),
    (("scram-sha-256$",), "password hash", r"(?i)SCRAM-SHA-256\$[\w+/=:$]+"),
    (
        ("--",),
        "password",
        r"(?i)(?<!-)--[\w-]{0,30}?(?:password|passwd|token|secret|api-key)[ \t]{1,4}(?![-\s])"
        r"""(?P<s>[^\s"']+|"[^"\n]*"?|'[^'\n]*'?)""",
    ),
    (
        ("password", "identified by"),
        "password",
        r"(?i)\b(?:password|identified by)[ \t]{1,4}e?'(?P<s>(?:[^'\\\n]|\\.|'')+)",
    ),
    # What follows is not a secret by its name: PostgreSQL and SQLAlchemy quote customers' data there.
    (
        ("key (",),
        "value",
        r"(?m)\bKey \([^)\n]{0,200}\)=\((?P<s>(?:(?!Key \()[^\n])*?)\)"
        r"(?= already exists| is not present| is still| conflicts|\.|[ \t]*$)",
    ),
    (
        ("failing row contains (",),
        "values",
        r"(?m)Failing row contains \((?P<s>[^\n]*?)(?=\)\.?[ \t]*$|$)",
    ),
    (("[parameters: ",), "values", r"\[parameters: (?P<s>(?:(?!\[parameters)[^\n])*)\]"),
    (("$",), "value", r"\$\d{1,5} = '(?P<s>(?:[^'\n]|'')*)"),
    (
        ("invalid input ",),
        "value",
        r"invalid input (?:syntax|value) for (?:type|enum) [^:\n]{1,80}: \"(?P<s>[^\n\"]*)",
    ),
)
"""For each secret: lower-case words of which the text has one, the name of its token, its pattern."""

PATTERNS: Final[tuple[Guarded, ...]] = tuple(_pattern(*row) for row in TABLE)
