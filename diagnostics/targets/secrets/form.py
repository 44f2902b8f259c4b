"""Form of secrets: a value that is evidently something else, as a URL where a password is expected.

Sent to a server, such a value is rejected, and that looks like a fault of the server's password.
"""

import re

from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed

_FORMS = {
    "a URL": re.compile(r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*://\S+"),
    "a key or certificate in PEM": re.compile(r"-----BEGIN .*", re.DOTALL),
    "an assignment, NAME=value": re.compile(
        r"(?:export\s+)?[A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|KEY|PASS)=.+", re.DOTALL
    ),
    "a connection string": re.compile(
        r"(?:.*\s)?(?:host|dbname|user)\s*=.*\bpassword\s*=.*"
        r"|(?:.*\s)?password\s*=.*\b(?:host|dbname|user)\s*=.*"
    ),
}
"""Forms of texts that are not secrets."""


def form_problem(value: str) -> str:
    """Return what a value is, in the words after "it is", if it cannot be a secret; empty if it may be one.

    Nothing of the value is repeated. Probes have findings for an empty secret and for one of several lines.
    """
    if not _is_encodable(value):
        return "binary"
    text = value.strip()
    for name, pattern in _FORMS.items():
        if pattern.fullmatch(text):
            return name
    if text.startswith("{") and _is_json(text):
        return "JSON"
    return ""


def _is_encodable(text: str) -> bool:
    """Return False for a text with bytes that are not UTF-8, or with halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        return isinstance(parse_json(text), dict)
    except Malformed:
        return False
