"""Values of keys such as `password` in environments, YAML, JSON, dicts, query and connection strings."""

import re
from typing import Final

from kb.text.masking.marks import MARK, Marks

_KEY: Final = (
    r"(?:(?P<password>pass(?:word|wd|phrase)|pwd|_pass)"
    r"|(?P<key>(?:api|private|access|secret|signing|encryption)[_-]?(?:access[_-]?)?key)"
    r"|(?P<token>token)|(?P<secret>secret(?:[_-]?string)?))"
    r"(?:[_-]?(?:value|old|new))?\d{0,2}"
    r"""[\\"'\]]{0,6}[ \t]{0,8}(?P<sep>=>|:=|={1,3}|:)(?!//)[ \t]{0,8}"""
)
"""Matched against the lower-cased text: a pattern that ignores case takes five times as long."""
_QUOTED: Final = r"""[bBfFrRuU]{0,2}(?:"((?:[^"\\\n]|\\.)*)|'((?:[^'\\\n]|\\.|'')*)|`([^`\n]*))"""
_ESCAPED: Final = r"""(\\{1,7}["'])([^\n]*?)(?=\1|\n|\Z)"""
_STRUCTURE: Final = r"""[{\[(](?:[\s"'}\])]|\w{1,40}[ \t]{0,4}[=:]|$)"""
_BARE: Final = r"""(?:[^\s"'`,;]|[,;](?!\s|[\w.-]{1,40}["']?[ \t]{0,4}[=:]))+"""
_IN_QUERY: Final = r"""[^\s"'`&#]+"""
_REST_OF_LINE: Final = r"[^\n]+?(?=[ \t]+#|[ \t]*(?:\n|$))"
_PUBLIC_VALUES: Final = (
    r"(?i)(?:none|null|nil|true|false|undefined|os\.environ.*|os\.getenv.*"
    r"|\$\{\w+\}|%s|%\(\w+\)s|\*+|\?)[\])}>,;.]*"
)
_OWN_LINE: Final = r"(?:^|\n)[ \t-]*[\w.-]*$"
_CLOSERS: Final = ")]}>,;."
_WINDOW: Final = 80
"""Characters examined before a key."""
_SENTENCE: Final = rf"{MARK}|(?:[A-Za-z']{{1,20}}|\d{{1,3}})[,;]?[ \t]+[^\s=:]"
"""Text after a name and a colon in a message of this program: a masked value, or two words of a sentence."""
_MAX_WORD: Final = 20
"""Length from which a value without digits is a secret: after `token: ` a sentence mostly has a word."""


def hide_keyed_values(marks: Marks, text: str) -> str:
    """Mask the values after keys such as `password=` and `"token": `."""
    out, done = [], 0
    # U+0130 is the one capital whose lower case is longer; it would shift every position after it.
    for key in re.finditer(_KEY, text.replace("\u0130", "I").lower()):
        if key.start() >= done:
            start, end = _value_span(marks, text, key)
            out += [text[done:start], marks.hide(text[start:end], _name_of(key))]
            done = end
    return "".join([*out, text[done:]])


def _name_of(key: re.Match[str]) -> str:
    if key["password"]:
        return "password"
    return "token" if key["token"] else "api key" if (key["key"] or "").startswith("api") else "secret"


def _value_span(marks: Marks, text: str, key: re.Match[str]) -> tuple[int, int]:
    """Return the start and end of a key's value; they are equal if there is nothing to mask."""
    at = key.end()
    if quoted := re.compile(_QUOTED).match(text, at):
        return quoted.span(quoted.lastindex or 0)
    if escaped := re.compile(_ESCAPED).match(text, at):
        return escaped.span(2)
    bare = None if re.compile(_STRUCTURE).match(text, at) else _bare_value(marks, text, key)
    if bare is None or re.fullmatch(_PUBLIC_VALUES, bare[0]):
        return at, at
    return at, at + len(bare[0].rstrip(_CLOSERS) or bare[0])


def _bare_value(marks: Marks, text: str, key: re.Match[str]) -> re.Match[str] | None:
    before = text[max(0, key.start() - _WINDOW) : key.start()]
    if key["sep"] != ":":
        form = _IN_QUERY if re.search(r"[?&][\w.-]*$", before) else _BARE
        return re.compile(form).match(text, key.end())
    quoted = re.search(r"[\"'`][\w.-]*$", before)
    if marks.in_message and not quoted and re.compile(_SENTENCE).match(text, key.end()):
        return None
    if re.search(_OWN_LINE, before):
        return re.compile(_REST_OF_LINE).match(text, key.end())
    value = re.compile(_BARE).match(text, key.end())
    is_word = value and len(value[0]) < _MAX_WORD and not re.search(r"\d", value[0])
    return None if is_word and not key["password"] else value
