"""Whom the application's library would trust, and what in its environment would change that.

`requests` takes `verify`, else REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, else certifi; the variables win over
`Session.verify`, not over `verify` of a single call. Everything else that builds on Python's `ssl` takes
SSL_CERT_FILE and SSL_CERT_DIR, else OpenSSL's own paths. Source: documentation of requests ("SSL Cert
Verification"), Python ("ssl.get_default_verify_paths"), PostgreSQL 34.19 "SSL Support".
"""

import os
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.der import Unreadable

WINNING = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that requests takes before anything that a session was told, in this order."""
OWN = "OpenSSL's own paths"
BEGIN = "-----BEGIN "
HASHED = re.compile(r"[0-9a-f]{8}\.r?\d+")
LARGEST = 8_000_000
"""Bytes of a bundle that are read; certifi has 300 KB."""


class BundleUnreadable(Exception):
    """The file or folder of authorities cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A source of authorities. Without a path it is OpenSSL's own."""

    source: str
    """Who named it: a setting, a variable, a library."""
    path: str = ""
    crl: str = ""
    """A list of revoked certificates that the application checks; empty where it checks none."""

    @property
    def shown(self) -> str:
        """The source as evidence names it."""
        return f"{self.path} (from {self.source})" if self.path else self.source

    def load(self, context: ssl.SSLContext) -> None:
        """Trust these, and no others. Raises BundleUnreadable."""
        if not self.path:
            context.set_default_verify_paths()
            return
        _load(context, Path(self.path))
        if self.crl:
            _load(context, Path(self.crl))
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

    def authorities(self) -> list[Certificate]:
        """The certificates in it, as far as they can be read."""
        paths = ssl.get_default_verify_paths()
        place = Path(self.path or paths.cafile or paths.capath or "")
        files = _hashed(place) if place.is_dir() else [place]
        return [one for file in files for one in certificates_in(file)]


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables that the application starts with, and who says so."""

    variables: Mapping[str, str] = field(repr=False)
    declared: bool
    """Whether the target names them; else they are the doctor's own, and the application's may differ."""

    def winning(self) -> Trust | None:
        """The bundle that wins over a session's own."""
        found = ((name, self.variables.get(name, "")) for name in WINNING)
        return next((Trust(f"environment variable {name}", path) for name, path in found if path), None)


def environment_of(file: str) -> Environment:
    """Variables from a file of NAME=value lines, else the doctor's own. Raises BundleUnreadable."""
    if not file:
        return Environment(os.environ, declared=False)
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise BundleUnreadable(f"tls.env_file {file}: {error.strerror}") from None
    pairs = (
        line.removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#")
    )
    return Environment({name.strip(): value.strip().strip("\"'") for name, _, value in pairs}, declared=True)


def trust_of_requests(environment: Environment) -> Trust:
    """What requests uses when nobody tells it."""
    winning = environment.winning()
    if winning:
        return winning
    from certifi import where  # noqa: PLC0415  only requests has a bundle of its own

    return Trust("certifi", where())


def trust_of_ssl(environment: Environment) -> Trust:
    """What Python's `ssl` uses when nobody tells it."""
    path = environment.variables.get("SSL_CERT_FILE", "")
    return Trust("environment variable SSL_CERT_FILE", path) if path else Trust(OWN)


def identify(context: ssl.SSLContext, certificate: Path, key: Path | None, password: str = "") -> None:
    """Show this certificate to a server that asks. Raises BundleUnreadable."""
    try:
        # Without a password of its own, OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, lambda: password)
    except ssl.SSLError as error:
        raise BundleUnreadable(
            f"client certificate {certificate}: {error.reason or 'cannot be read'}"
        ) from None
    except OSError as error:
        raise BundleUnreadable(f"client certificate {certificate}: {error.strerror}") from None


def certificates_in(file: Path) -> Iterable[Certificate]:
    """The certificates of a PEM file that can be read; none where it cannot."""
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST).decode("ascii", "replace")
    except OSError:
        return
    for block in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        try:
            yield parse(
                ssl.PEM_cert_to_DER_cert(
                    f"{ssl.PEM_HEADER}{block.partition(ssl.PEM_FOOTER)[0]}{ssl.PEM_FOOTER}"
                )
            )
        except (Unreadable, ValueError):
            continue


def _hashed(folder: Path) -> list[Path]:
    """The files of a folder that OpenSSL looks into: by the hash of an authority's name."""
    return sorted(file for file in folder.iterdir() if HASHED.fullmatch(file.name))


def _load(context: ssl.SSLContext, path: Path) -> None:
    try:
        if path.is_dir() and not _hashed(path):
            raise BundleUnreadable(f"{path}: no file in this folder has a name by its hash (openssl rehash)")
        context.load_verify_locations(**{"capath" if path.is_dir() else "cafile": str(path)})
    except ssl.SSLError as error:
        raise BundleUnreadable(f"{path}: {_why(path, error)}") from None
    except OSError as error:
        raise BundleUnreadable(f"{path}: {error.strerror}") from None


def _why(path: Path, error: ssl.SSLError) -> str:
    size = path.stat().st_size
    if not size:
        return "the file is empty"
    with path.open("rb") as opened:
        known = BEGIN.encode() in opened.read(LARGEST)
    if not known:
        return f"{size} bytes without a PEM block: no certificates"
    return (
        f"{error.reason.replace('_', ' ').lower()} in PEM"
        if error.reason
        else "a certificate in it is broken"
    )
