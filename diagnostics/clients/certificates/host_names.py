"""Whether a certificate is for a name, as OpenSSL and as libpq decide it: they differ.

Source: RFC 6125, 6.4; X509_check_host(3); PostgreSQL documentation, 34.19.1 "Client Verification of Server
Certificates", and what libpq 17 takes and refuses.
"""

import ipaddress
from collections.abc import Iterable

from diagnostics.clients.certificates.certificate import Certificate

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


def covers_for_libpq(leaf: Certificate, host: str) -> bool:
    """Whether libpq takes a certificate for a host: it compares names itself, as they are written.

    A star may stand before a single label, a common name counts where there is no alternative name of the
    host's kind, and an address may be written as a name.
    """
    said, own = leaf.extensions, address(host)
    kind = said.addresses if own else [name for name in said.names if name not in said.addresses]
    names = said.names if kind else (*said.names, leaf.subject.common)
    return bool(host) and (
        own in said.addresses or any(_matches(one.lower(), host.lower(), 1) for one in names)
    )
