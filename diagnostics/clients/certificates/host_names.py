"""Host name verification by the rules of OpenSSL and by those of libpq, which differ.

Source: RFC 6125, 6.4; X509_check_host(3); PostgreSQL documentation, 34.19.1 "Client Verification of Server
Certificates", and the behaviour of libpq 17.
"""

import ipaddress
from collections.abc import Iterable

from diagnostics.clients.certificates.certificate import Certificate

MIN_LABELS_OPENSSL, MIN_LABELS_LIBPQ = 2, 1
"""Labels that must follow a wildcard."""


def ip_address(text: str) -> str:
    """Return the canonical form of an IP address; empty if the text is not one."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return ""


def covers(names: Iterable[str], wanted: str) -> bool:
    """Return True if one of the alternative names covers a host name or address by OpenSSL's rules."""
    if address := ip_address(wanted):
        return address in names
    try:
        host = wanted.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return False
    return any(_matches(name.lower(), host, MIN_LABELS_OPENSSL) for name in names)


def _matches(pattern: str, host: str, min_labels: int) -> bool:
    if not pattern.startswith("*."):
        return pattern == host
    first, _, rest = host.partition(".")
    return bool(first) and rest == pattern[2:] and len(rest.split(".")) >= min_labels


def covers_for_libpq(leaf: Certificate, host: str) -> bool:
    """Return True if libpq accepts the certificate for a host; it compares the names as they are written.

    A wildcard may stand before a single label, the common name counts if there is no alternative name of
    the host's kind, and an address may be written as a DNS name.
    """
    extensions, address = leaf.extensions, ip_address(host)
    dns_names = [name for name in extensions.names if name not in extensions.addresses]
    same_kind = extensions.addresses if address else dns_names
    names = extensions.names if same_kind else (*extensions.names, leaf.subject.common_name)
    return bool(host) and (
        address in extensions.addresses
        or any(_matches(name.lower(), host.lower(), MIN_LABELS_LIBPQ) for name in names)
    )
