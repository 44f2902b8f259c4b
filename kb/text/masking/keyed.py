"""Values of names such as `password` in environments, YAML, JSON, dicts, query and connection strings."""

import re
from collections.abc import Iterable
from typing import Final

from kb.text.masking.marks import MARK, Marks
from kb.text.masking.names import NAME, Key, find_keys, is_strong
from kb.text.masking.shapes import shape_of
from kb.text.masking.values import CLOSERS, is_public, looks_random

_QUOTED: Final = (
    r"""@?[bBfFrRuUnN]{0,2}(?:"((?:[^"\\\n]|\\[\s\S])*)|'((?:[^'\\\n]|\\[\s\S]|'')*)|`([^`\n]*)|“([^”\n]*))"""
)
_ESCAPED: Final = (
    r"""(\\{1,7}["']|\\{1,3}u002[27]|\\{1,3}x2[27]|\\{0,7}&(?:quot|apos|#39|#34|#x2[27]);|%2[27])("""
    r"""[^\n]*?)(?=\1|\n|\Z)"""
)
_LEAD: Final = r"(?:!!\w{1,20}[ \t]{1,4}|&\w{1,20}[ \t]{1,4}(?!\S*;))"
"""YAML's type or anchor before a value."""
_LIST: Final = r"""[\[(][ \t]{0,4}([bBrRuU]?["'][^\[\]()\n]{0,2000})(?=[\])])"""
_BRACED: Final = r"""\{((?:[^{}\n]|\}\}){1,400})\}(?=[;"'\s]|\Z)"""
"""Value of a connection string of ODBC."""
_ESCAPED_BLOCK: Final = r"(?:[|>]|&gt;)[+-]?(\\{1,7}n) {1,20}((?:(?!\1\S)[^\n\"'])+)"
"""A block in a text that was written as a string."""
_BLOCK: Final = r"(?:[|>]|&gt;)[+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\n"
_NEXT_LINE: Final = (
    r"\n([ \t]{1,40})(?=[^\s]*\d)([^\s:#\[\]{}-][^\s:]{5,}|[A-Za-z0-9+/=_-]{6,})[ \t]*(?=\n|\Z)"
)
_STRUCTURE: Final = r"""[{\[(](?:[\s"'}\])]|\w{1,40}[ \t]{0,4}[=:]|$)"""
_BARE: Final = r"""(?:[^\s"'`,;]|["'](?=[A-Za-z0-9])|[,;](?!\s|[\w.-]{1,40}["']?[ \t]{0,4}[=:]))+"""
_IN_QUERY: Final = r"""(?:[^\s"'`&#<>%]|%(?!2[267cC]|0[aAdD]|7[dD]|3[bB]))+"""
_REST_OF_LINE: Final = r"[^\n]+?(?=[ \t]+#|[ \t]*(?:\n|$))"
_WORDS: Final = r"[^\n=()#;\"'`]+?(?=[ \t]+[#;]|[ \t]*(?:\n|$))"
"""Value of several words in an ini file."""
_OWN_LINE: Final = r"(?:^|\n)[ \t-]*[\w.-]*$"
_BEFORE_QUERY: Final = r"(?:[?&]|&amp;|%26|%3[fF])[\w.-]*$"
_SENTENCE: Final = rf"{MARK}|(?:[A-Za-z']{{1,20}}|\d{{1,3}})[,;]?[ \t]+[^\s=:]"
"""Text after a name and a colon in a message of this program: a masked value, or two words of a sentence."""
_MAX_WORD: Final = 20
"""Length from which a value without digits is a secret: after `token: ` a sentence mostly has a word."""
_MIN_RANDOM: Final = 12
"""Length of values of names that mostly have harmless ones, as `auth`."""
_BACKEND: Final = r"[0-9a-f]{1,8}\.[0-9a-f]{1,8}"
"""Session of PostgreSQL in a log: time of the start and process, in hexadecimal."""
_COUNT: Final = r"\d{1,6}[),.;:]?|\w{1,5}"
"""A number or short word after `pass=`: the result of tests."""
_IDENTIFIER: Final = r"[A-Za-z_]\w{0,60}(?=[ \t]|\Z)"
_BEFORE_QUOTED: Final = r"[\"'`][\w.-]*$"
_BEFORE_TUPLE: Final = r"""([\[(])[ \t]{0,4}(?:\\{0,3}["']|&(?:quot|#39|#x27);)[\w.-]*$"""
_TUPLE: Final = (
    r"""(?:\\{0,3}["']|&(?:quot|#39|#x27);)([^"'&\\\n]{1,400})(?:\\{0,3}["']|&(?:quot|#39|#x27);),?"""
    r"""[ \t]{0,4}[\])]"""
)
_NAME_START: Final = r"""[\w."'-]*$"""
_INDENT: Final = r"[ \t]*(?:- +)?"

Span = tuple[int, int]
"""Start and end of a value; they are equal if there is nothing to mask."""


def hide_keyed_values(marks: Marks, text: str) -> str:
    """Mask the values after names such as `password=` and `"token": `."""
    return hide_values(marks, text, find_keys(text))


def hide_values(marks: Marks, text: str, keys: Iterable[Key]) -> str:
    """Mask the values of the names of secrets."""
    out, done = [], 0
    for key in keys:
        if key.start >= done:
            start, end = _value_span(marks, text, key)
            out += [text[done:start], marks.hide(text[start:end], key.mask)]
            done = end
    return "".join([*out, text[done:]])


def _value_span(marks: Marks, text: str, key: Key) -> Span:
    nothing = (key.end, key.end)
    if key.separator == "," and not _is_tuple(text, key):
        return nothing
    lead = re.compile(_LEAD).match(text, key.end)
    at = lead.end() if lead else key.end
    start, end = _enclosed_span(text, key, at) or _bare_span(marks, text, key, at)
    harmless = start == end or _is_harmless(text, key, text[start:end], quoted=start > at)
    return nothing if harmless else (start, end)


def _enclosed_span(text: str, key: Key, at: int) -> Span | None:
    """Return the span of a value within marks, brackets or a block, an empty one for a structure, or None."""
    if quoted := re.compile(_QUOTED).match(text, at):
        return quoted.span(quoted.lastindex or 0)
    if escaped := re.compile(_ESCAPED).match(text, at):
        return escaped.span(2)
    if values := re.compile(_LIST).match(text, at):
        return values.span(1)
    if key.separator == ":" and (span := _yaml_span(text, key, at)):
        return span
    if re.compile(_STRUCTURE).match(text, at):
        return at, at
    braced = re.compile(_BRACED).match(text, at) if key.separator == "=" else None
    return braced.span(1) if braced else None


def _yaml_span(text: str, key: Key, at: int) -> Span | None:
    """Return the span of a value in the lines after the name."""
    if block := re.compile(_BLOCK).match(text, at):
        return _block_span(text, key, block.end())
    if lines := re.compile(_ESCAPED_BLOCK).match(text, at):
        return lines.span(2)
    line = re.compile(_NEXT_LINE).match(text, at)
    return line.span(2) if line and len(line[1]) > _indent(text, key) else None


def _bare_span(marks: Marks, text: str, key: Key, at: int) -> Span:
    form = _bare_form(marks, text, key, at)
    bare = re.compile(form).match(text, at) if form else None
    if bare is None or (form == _BARE and key.separator == ":" and _is_word(key, bare[0])):
        return at, at
    return at, at + len(bare[0].rstrip(CLOSERS) or bare[0])


def _bare_form(marks: Marks, text: str, key: Key, at: int) -> str:
    """Return the pattern of a value without quotation marks; empty for a sentence."""
    own_line = re.search(_OWN_LINE, key.before)
    if key.separator != ":":
        if key.separator[0] in "%\\&" or re.search(_BEFORE_QUERY, key.before):
            return _IN_QUERY
        is_ini = key.separator == "=" and (key.text[-1] in " \t" or "phrase" in key.text)
        return _WORDS if own_line and is_ini and re.compile(_WORDS).match(text, at) else _BARE
    if (
        marks.in_message
        and not re.search(_BEFORE_QUOTED, key.before)
        and re.compile(_SENTENCE).match(text, at)
    ):
        return ""
    return _REST_OF_LINE if own_line and key.kind != "short" else _BARE


def _is_word(key: Key, value: str) -> bool:
    """Return True for a word without digits, which after the name of a password alone is a secret."""
    return len(value) < _MAX_WORD and not re.search(r"\d", value) and key.kind not in {"password", "short"}


def _is_harmless(text: str, key: Key, value: str, *, quoted: bool) -> bool:
    """Return True for a value that is not a secret although it stands after the name of one."""
    if is_public(value) or not re.search(r"[^\W_]|.{4}", value):
        return True
    if not is_strong(key):
        return not looks_random(value, _MIN_RANDOM) or bool(re.fullmatch(_BACKEND, value))
    if quoted:
        return False
    if key.kind == "short":
        return bool(re.fullmatch(_COUNT, value)) or _is_result(text, key)
    word = re.match(_IDENTIFIER, value)
    if not word:
        return False
    name = (key.before + key.text).rstrip("=: \t\"'")
    return (key.separator in {"==", "==="} and word[0] == value) or name.endswith(word[0].lower())


def _is_result(text: str, key: Key) -> bool:
    """Return True for `PASS: ` alone, which begins the result of a test."""
    return key.text.startswith("pass:") and text[key.start].isupper() and not re.search(r"\w$", key.before)


def _is_tuple(text: str, key: Key) -> bool:
    """Return True if a name before a comma is the first of exactly two quoted texts in parentheses."""
    opening = re.search(_BEFORE_TUPLE, key.before)
    pair = re.compile(_TUPLE).match(text, key.end)
    if not opening or not pair or re.fullmatch(NAME, pair[1].lower()):
        return False
    return opening[1] == "(" or not re.fullmatch(r"[a-z_]+", pair[1])


def _indent(text: str, key: Key) -> int:
    """Return the number of characters before the first word of the name's line."""
    start = text.rfind("\n", 0, key.start) + 1
    match = re.compile(_INDENT).match(text, start)
    return match.end() - start if match else 0


def _block_span(text: str, key: Key, at: int) -> Span:
    """Return the span of the lines that are further to the right than the name, from their first word on.

    In a log, the lines stand behind prefixes of one form; in a message, other words may precede the name.
    """
    start = text.rfind("\n", 0, key.start) + 1
    name = re.search(_NAME_START, text[start : key.start])
    prefix = shape_of(text[start : start + name.start()] if name else "")
    indent = _indent(text, key)
    first, end = 0, at
    while end < len(text):
        newline = text.find("\n", end)
        after = len(text) if newline < 0 else newline
        body = end + len(prefix)
        inside = text[body : body + 1].isspace() and shape_of(text[end:body]) in {prefix, " " * len(prefix)}
        if not inside and len(text[end:after]) - len(text[end:after].lstrip()) > indent:
            inside, body = True, end
        if text[end:after].strip() and not inside:
            break
        first = first or body + len(text[body:after]) - len(text[body:after].lstrip())
        end = after + 1
    first = first or at
    return first, first + len(text[first:end].rstrip())
