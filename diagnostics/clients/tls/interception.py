"""Signs of a TLS inspection between the application and the server, in the names of the authorities."""

import re
from collections.abc import Sequence
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate

PRODUCTS: Final = (
    "avast", "avg web", "barracuda", "bitdefender", "blue coat", "bluecoat", "charles proxy", "check point",
    "checkpoint", "cisco umbrella", "cloudflare gateway", "cloudflare managed", "dpi-ssl", "eset ssl",
    "fiddler", "fiddlerroot", "forcepoint", "fortigate", "fortinet", "iboss", "kaspersky", "mcafee web",
    "mitmproxy", "netskope", "palo alto networks", "portswigger", "securly", "sonicwall", "sophos", "squid",
    "symantec web", "watchguard", "websense", "webwasher", "zscaler",
)  # fmt: skip
"""Names of TLS inspection products in the certificates that they issue."""
SIGN: Final = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, PRODUCTS))}"
    r"|(?:deep|https|packet|ssl|tls|traffic|web) (?:decryption|inspection|interception))(?![a-z0-9])"
)
"""A product's name, or what the product does; `inspection` alone is also a trade."""


def interception_detail(path: Sequence[Certificate], expected: str) -> str:
    """Return the sign of a TLS inspection in a path: a product's name, or not the expected issuer."""
    found = next((found for name in _authorities(path) if (found := SIGN.search(name.lower()))), None)
    return f"the issuer's name has the words {found[0]!r}" if found else unexpected_issuer(path, expected)


def unexpected_issuer(path: Sequence[Certificate], expected: str) -> str:
    """Return that no authority of a path has the name that the target expects; empty if it expects none."""
    if not expected or any(expected.lower() in name.lower() for name in _authorities(path)):
        return ""
    return f"the target expects an issuer with {expected!r} in its name"


def _authorities(path: Sequence[Certificate]) -> list[str]:
    """Return the names of the authorities: every name but the server's own subject."""
    return [
        *(link.issuer.text for link in path),
        *(link.subject.text for link in path[1:]),
    ]
