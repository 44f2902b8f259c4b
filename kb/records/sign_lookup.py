"""Entries by the signs that they list: SQLSTATE, errno, exception class, verify code, HTTP status."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from kb.records.models import Entry
from kb.text.sign_names import ERRNO_CLASSES, ERRNO_NUMBERS, SQLSTATES, VERIFY_CODES
from kb.text.signs import SIGN_KINDS, Sign, parse_sign, sqlstate_of

_CODE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[0-9A-Z]{5}")
"""A code that libraries print, such as CERTIFICATE_VERIFY_FAILED of OpenSSL, or an SQLSTATE."""


def entries_with_sign(name: str, entries: Mapping[str, Entry]) -> list[Entry]:
    """Return the entries that list a sign, in any case: `28P01`, `ECONNREFUSED`, `503`, `sqlstate 40P01`.

    A code that none lists, such as CERTIFICATE_VERIFY_FAILED, is searched in messages and summaries.
    """
    wanted = set(_keys(name))
    listed = [entry for entry in entries.values() if wanted & set(_keys_of(entry))]
    if listed or not _CODE.fullmatch(name.upper()):
        return listed
    word = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    return [entry for entry in entries.values() if any(map(word.search, _texts(entry)))]


def meaning_of(name: str) -> str:
    """Return the name that drivers give to a SQLSTATE, for one that no entry lists; else an empty text."""
    classes = [driver for driver, code in SQLSTATES.items() if code == name.upper()]
    return f"the SQLSTATE of {classes[0]}" if classes else ""


def _keys(name: str) -> Iterator[str]:
    """Yield the signs that a name may stand for, each as `kind value` in lower case."""
    text = name.strip()
    sign = parse_sign(text)
    if sign.kind.lower() in SIGN_KINDS and sign.value:
        yield from _forms(Sign(sign.kind.lower(), sign.value))
        return
    for kind in SIGN_KINDS:
        yield from _forms(Sign(kind, text))
    if code := VERIFY_CODES.get(text):
        yield f"verify_code {code}"


def _keys_of(entry: Entry) -> Iterator[str]:
    for symptom in entry.symptoms:
        if symptom.sign:
            yield from _forms(parse_sign(symptom.sign))
    yield from (f"exception {_class_name(error)}" for error in entry.error_names)


def _forms(sign: Sign) -> Iterator[str]:
    """Yield a sign and what means the same: the SQLSTATE of a driver's exception, the class of an errno."""
    match sign.kind:
        case "exception":
            yield f"exception {_class_name(sign.value)}"
            if code := sqlstate_of(sign.value):
                yield f"sqlstate {code.lower()}"
        case "errno":
            errno = ERRNO_NUMBERS.get(sign.value, sign.value.upper())
            yield f"errno {errno.lower()}"
            if name := ERRNO_CLASSES.get(errno):
                yield f"exception {name.lower()}"
        case _:
            yield f"{sign.kind} {sign.value.lower()}"


def _class_name(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _texts(entry: Entry) -> Iterator[str]:
    yield entry.summary
    yield from (symptom.template for symptom in entry.symptoms if symptom.template)
    yield from entry.other_messages
