"""The values of keys such as `password`: environment, YAML, JSON, dict, query string, connection string."""

import re
from typing import Final

from kb.text.masking.marks import Marks

_KEY: Final = (
    r"(?:(?P<password>pass(?:word|wd|phrase)|pwd|_pass)"
    r"|(?P<key>(?:api|private|access|secret|signing|encryption)[_-]?(?:access[_-]?)?key)"
    r"|(?P<token>token)|(?P<secret>secret(?:[_-]?string)?))"
    r"(?:[_-]?(?:value|old|new))?\d{0,2}"
    r"""[\\"'\]]{0,6}[ \t]{0,8}(?P<sep>=>|:=|={1,3}|:)(?!//)[ \t]{0,8}"""
)
"""Runs over the lower-cased text: a pattern that ignores case costs five times as much."""
_QUOTED: Final = r"""[bBfFrRuU]{0,2}(?:"((?:[^"\\\n]|\\.)*)|'((?:[^'\\\n]|\\.|'')*)|`([^`\n]*))"""
_ESCAPED: Final = r"""(\\{1,7}["'])([^\n]*?)(?=\1|\n|\Z)"""
_STRUCTURE: Final = r"""[{\[(](?:[\s"'}\])]|\w{1,40}[ \t]{0,4}[=:]|$)"""
_BARE: Final = r"""(?:[^\s"'`,;]|[,;](?!\s|[\w.-]{1,40}["']?[ \t]{0,4}[=:]))+"""
_IN_QUERY: Final = r"""[^\s"'`&#]+"""
_REST_OF_LINE: Final = r"[^\n]+?(?=[ \t]+#|[ \t]*(?:\n|$))"
_HARMLESS: Final = (
    r"(?i)(?:none|null|nil|true|false|undefined|os\.environ.*|os\.getenv.*"
    r"|\$\{\w+\}|%s|%\(\w+\)s|\*+|\?)[\])}>,;.]*"
)
_OWN_LINE: Final = r"(?:^|\n)[ \t-]*[\w.-]*$"
_CLOSERS: Final = ")]}>,;."
_WINDOW: Final = 80
"""Characters before a key that are looked at."""
_WORD_MAX: Final = 20
"""After `token: ` in a sentence stands mostly a word; a secret has digits or is at least this long."""


def hide_keyed_values(marks: Marks, text: str) -> str:
    """Hide what stands after `password=`, `"token": ` and their like."""
    out, done = [], 0
    # The one capital whose small form is longer would shift every position behind it.
    for key in re.finditer(_KEY, text.replace("\u0130", "I").lower()):
        if key.start() >= done:
            start, end = _value_span(text, key)
            out += [text[done:start], marks.hide(text[start:end], _name_of(key))]
            done = end
    return "".join([*out, text[done:]])


def _name_of(key: re.Match[str]) -> str:
    if key["password"]:
        return "password"
    return "token" if key["token"] else "api key" if (key["key"] or "").startswith("api") else "secret"


def _value_span(text: str, key: re.Match[str]) -> tuple[int, int]:
    """Find where the value of a key stands; the span is empty where there is nothing to hide."""
    at = key.end()
    if quoted := re.compile(_QUOTED).match(text, at):
        return quoted.span(quoted.lastindex or 0)
    if escaped := re.compile(_ESCAPED).match(text, at):
        return escaped.span(2)
    bare = None if re.compile(_STRUCTURE).match(text, at) else _bare_value(text, key)
    if bare is None or re.fullmatch(_HARMLESS, bare[0]):
        return at, at
    return at, at + len(bare[0].rstrip(_CLOSERS) or bare[0])


def _bare_value(text: str, key: re.Match[str]) -> re.Match[str] | None:
    before = text[max(0, key.start() - _WINDOW) : key.start()]
    if key["sep"] != ":":
        form = _IN_QUERY if re.search(r"[?&][\w.-]*$", before) else _BARE
        return re.compile(form).match(text, key.end())
    if re.search(_OWN_LINE, before):
        return re.compile(_REST_OF_LINE).match(text, key.end())
    value = re.compile(_BARE).match(text, key.end())
    is_word = value and len(value[0]) < _WORD_MAX and not re.search(r"\d", value[0])
    return None if is_word and not key["password"] else value
