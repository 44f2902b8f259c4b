"""The application does not take the API's certificate, or would not for long."""

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.variants import VARIANTS, revocation_list, serials, variant
from diagnostics.lab.servers.dated_https import DatedServer

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

NO_CIPHER = "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"
"""What a client that refuses SHA-1 has not in common."""


def presenting(name: str) -> "Callable[[Lab], Iterator[None]]":
    """The fault that a variant of the certificate is, under its story."""

    def fault(lab: "Lab") -> Iterator[None]:
        lab.api.front.present(variant(name, lab.api.files))
        yield

    fault.__doc__ = f"The API shows another certificate: {(VARIANTS[name].__doc__ or '').lower()}"
    return fault


def revoked(lab: "Lab") -> Iterator[None]:
    """The API's certificate stands on the revocation list that the application checks."""
    lab.api.front.present(bad := variant("healthy", lab.api.files))
    lab.api.crl_file = revocation_list(lab.api.files, *serials(bad))
    lab.publish()
    yield


def bundle_unreadable(lab: "Lab") -> Iterator[None]:
    """The bundle that the application is configured with is not there."""
    lab.api.ca_file = lab.api.folder / "missing" / "ca.pem"
    lab.publish()
    yield


def bundle_overridden(lab: "Lab") -> Iterator[None]:
    """REQUESTS_CA_BUNDLE is set where the application starts, and wins over its own bundle."""
    other = authority.make(lab.api.folder / "other")
    lab.api.env_file.write_text(f"REQUESTS_CA_BUNDLE={other.ca}\n", "utf-8")
    yield


def client_certificate_demanded(lab: "Lab") -> Iterator[None]:
    """The API lets in only who shows a certificate."""
    lab.api.front.clients = lab.api.files.ca
    yield


def plain_http(lab: "Lab") -> Iterator[None]:
    """The port answers in plain HTTP."""
    lab.api.front.plain = True
    yield


def protocol_mismatch(lab: "Lab") -> Iterator[None]:
    """The API offers one cipher only, and that encrypts nothing."""
    lab.api.front.newest = ssl.TLSVersion.TLSv1_2
    lab.api.front.ciphers = NO_CIPHER
    yield


def clock(lab: "Lab") -> Iterator[None]:
    """The local clock is behind, so that a fresh certificate seems not valid yet."""
    future = variant("not_yet_valid", lab.api.files)
    with DatedServer(future, timedelta(days=2)) as server:
        lab.api.port = server.port
        lab.publish()
        yield
