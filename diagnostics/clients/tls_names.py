"""Whether a certificate is for a name: to say what else is wrong, and how libpq decides.

Source: RFC 6125, 6.4; PostgreSQL documentation, 34.19.1 (libpq's verification of certificates).
"""

import ipaddress
from collections.abc import Iterable

LEAST_LABELS = 2
"""Labels behind a star that OpenSSL asks for."""


def address(text: str) -> str:
    """An IP address as it is compared; empty where the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return ""


def covers(names: Iterable[str], wanted: str) -> bool:
    """Whether one of a certificate's alternative names is the wanted one, as OpenSSL matches them."""
    if own := address(wanted):
        return own in names
    try:
        asked = wanted.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return False
    return any(_matches(name.lower(), asked, LEAST_LABELS) for name in names)


def _matches(name: str, asked: str, labels: int) -> bool:
    if not name.startswith("*."):
        return name == asked
    first, _, rest = asked.partition(".")
    return bool(first) and rest == name[2:] and len(rest.split(".")) >= labels
