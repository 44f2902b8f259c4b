"""Certificate authorities that the application's library trusts, and the variables that change them.

`requests` takes `verify`, else REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, else certifi; the variables take
precedence over `Session.verify`, not over `verify` of a single call. Everything else that builds on Python's
`ssl` takes SSL_CERT_FILE and SSL_CERT_DIR, else OpenSSL's own paths. Source: documentation of requests ("SSL
Cert Verification"), Python ("ssl.get_default_verify_paths"), PostgreSQL 34.19 "SSL Support".
"""

import os
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.der import Unreadable

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that requests prefers to the bundle of a session, in this order."""
OPENSSL_DEFAULT = "OpenSSL's own paths"
PEM_BEGIN = b"-----BEGIN "
HASHED_NAME = re.compile(r"[0-9a-f]{8}\.r?\d+")
MAX_BUNDLE_BYTES = 8_000_000
"""Bytes of a bundle that are read; certifi has 300 KB."""


class BundleUnreadable(Exception):
    """A file or folder of certificates cannot be used; the text gives the path and the reason."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Source of trusted authorities; OpenSSL's own paths if it has no path."""

    source: str
    """The setting, variable or library that names it."""
    path: str = ""
    crl: str = ""
    """Certificate revocation list that the application checks; empty if it checks none."""

    @property
    def text(self) -> str:
        """The source as evidence names it."""
        return f"{self.path} (from {self.source})" if self.path else self.source

    def load(self, context: ssl.SSLContext) -> None:
        """Make the context trust these authorities alone. Raises BundleUnreadable."""
        if not self.path:
            context.set_default_verify_paths()
            return
        _load(context, Path(self.path))
        if self.crl:
            _load(context, Path(self.crl))
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

    def authorities(self) -> list[Certificate]:
        """Return the readable certificates of the source."""
        paths = ssl.get_default_verify_paths()
        location = Path(self.path or paths.cafile or paths.capath or "")
        files = _hashed_files(location) if location.is_dir() else [location]
        return [certificate for file in files for certificate in certificates_in(file)]


@dataclass(frozen=True, slots=True)
class Environment:
    """Environment variables that the application starts with."""

    variables: Mapping[str, str] = field(repr=False)
    declared: bool
    """True if the target names them; else they are the doctor's own, and the application's may differ."""

    def overriding_bundle(self) -> Trust | None:
        """Return the bundle that takes precedence over the one of a session."""
        values = ((name, self.variables.get(name, "")) for name in BUNDLE_VARIABLES)
        return next((Trust(f"environment variable {name}", path) for name, path in values if path), None)


def read_environment(file: str) -> Environment:
    """Read variables from a file of NAME=value lines, else the doctor's own. Raises BundleUnreadable."""
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


def default_trust_of_requests(environment: Environment) -> Trust:
    """Return the authorities that requests trusts without a setting of the application."""
    bundle = environment.overriding_bundle()
    if bundle:
        return bundle
    from certifi import where  # noqa: PLC0415  only requests has a bundle of its own

    return Trust("certifi", where())


def default_trust_of_ssl(environment: Environment) -> Trust:
    """Return the authorities that Python's `ssl` trusts without a setting of the application."""
    path = environment.variables.get("SSL_CERT_FILE", "")
    return Trust("environment variable SSL_CERT_FILE", path) if path else Trust(OPENSSL_DEFAULT)


def identify(context: ssl.SSLContext, certificate: Path, key: Path | None, password: str = "") -> None:
    """Load the client certificate that a server may request. Raises BundleUnreadable."""
    try:
        # Without a password callback OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, lambda: password)
    except ssl.SSLError as error:
        raise BundleUnreadable(
            f"client certificate {certificate}: {error.reason or 'cannot be read'}"
        ) from None
    except OSError as error:
        raise BundleUnreadable(f"client certificate {certificate}: {error.strerror}") from None


def certificates_in(file: Path) -> Iterable[Certificate]:
    """Yield the readable certificates of a PEM file; none if the file cannot be read."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BUNDLE_BYTES).decode("ascii", "replace")
    except OSError:
        return
    for block in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        pem = f"{ssl.PEM_HEADER}{block.partition(ssl.PEM_FOOTER)[0]}{ssl.PEM_FOOTER}"
        try:
            yield parse(ssl.PEM_cert_to_DER_cert(pem))
        except (Unreadable, ValueError):
            continue


def _hashed_files(folder: Path) -> list[Path]:
    """Return the files that OpenSSL reads from a folder: those named by the hash of the subject."""
    return sorted(file for file in folder.iterdir() if HASHED_NAME.fullmatch(file.name))


def _load(context: ssl.SSLContext, path: Path) -> None:
    try:
        if path.is_dir() and not _hashed_files(path):
            raise BundleUnreadable(f"{path}: no file in this folder is named by its hash (openssl rehash)")
        context.load_verify_locations(**{"capath" if path.is_dir() else "cafile": str(path)})
    except ssl.SSLError as error:
        raise BundleUnreadable(f"{path}: {_load_error(path, error)}") from None
    except OSError as error:
        raise BundleUnreadable(f"{path}: {error.strerror}") from None


def _load_error(path: Path, error: ssl.SSLError) -> str:
    size = path.stat().st_size
    if not size:
        return "the file is empty"
    with path.open("rb") as opened:
        has_pem = PEM_BEGIN in opened.read(MAX_BUNDLE_BYTES)
    if not has_pem:
        return f"{size} bytes without a PEM block: no certificates"
    if error.reason:
        return f"{error.reason.replace('_', ' ').lower()} in PEM"
    return "a certificate in it is broken"
