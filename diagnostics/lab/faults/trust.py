"""Faults of the trust between the application and the API: certificates, bundles, TLS parameters."""

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
"""A cipher that no client at OpenSSL's default security level offers."""


def present(name: str) -> "Callable[[Lab], Iterator[None]]":
    """Return the fault of presenting a variant of the API's certificate."""

    def fault(lab: "Lab") -> Iterator[None]:
        lab.api.front.present(variant(name, lab.api.files))
        yield

    summary = VARIANTS[name].__doc__ or ""
    fault.__doc__ = summary.replace("Return", "Present", 1).replace("leaf", "leaf certificate")
    return fault


def revoked(lab: "Lab") -> Iterator[None]:
    """Add the API's certificate to the revocation list that the application checks."""
    lab.api.front.present(revoked_files := variant("healthy", lab.api.files))
    lab.api.crl_file = revocation_list(lab.api.files, *serials(revoked_files))
    lab.publish()
    yield


def crl_unusable(lab: "Lab") -> Iterator[None]:
    """Leave the application with a revocation list that has expired."""
    lab.api.crl_file = revocation_list(lab.api.files, ends=-timedelta(hours=1))
    lab.publish()
    yield


def bundle_unreadable(lab: "Lab") -> Iterator[None]:
    """Configure a CA bundle that does not exist."""
    lab.api.ca_file = lab.api.folder / "missing" / "ca.pem"
    lab.publish()
    yield


def bundle_overridden(lab: "Lab") -> Iterator[None]:
    """Set REQUESTS_CA_BUNDLE in the application's environment, which overrides its own CA bundle."""
    other = authority.make(lab.api.folder / "other")
    lab.api.env_file.write_text(f"REQUESTS_CA_BUNDLE={other.ca}\n", "utf-8")
    yield


def client_certificate_demanded(lab: "Lab") -> Iterator[None]:
    """Require a client certificate at the API."""
    lab.api.front.clients = lab.api.files.ca
    yield


def plain_http(lab: "Lab") -> Iterator[None]:
    """Serve plain HTTP on the API's port."""
    lab.api.front.plain = True
    yield


def protocol_mismatch(lab: "Lab") -> Iterator[None]:
    """Offer a single cipher without encryption at the API."""
    lab.api.front.newest = ssl.TLSVersion.TLSv1_2
    lab.api.front.ciphers = NO_CIPHER
    yield


def clock(lab: "Lab") -> Iterator[None]:
    """Serve a new certificate to an application whose clock is two days behind."""
    future = variant("not_yet_valid", lab.api.files)
    with DatedServer(future, timedelta(days=2)) as server:
        lab.api.port = server.port
        lab.publish()
        yield
