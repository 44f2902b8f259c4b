"""TLS handshake as libpq does it, and the reasons why it would refuse a certificate.

Source: PostgreSQL documentation, 34.19 "SSL Support" and the parameters sslmode, sslrootcert, sslcert.
"""

import socket
import ssl
import stat
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.libpq_settings.libpq_files import home
from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings
from diagnostics.clients.postgres.stream import ConnectionFailed

if TYPE_CHECKING:
    from diagnostics.clients.certificates.trust_store import Trust

ALPN = "postgresql"
MIN_VERSION = "TLSv1.2"
"""libpq's default of ssl_min_protocol_version."""
VERSIONS = {
    "tlsv1": ssl.TLSVersion.TLSv1,
    "tlsv1.1": ssl.TLSVersion.TLSv1_1,
    "tlsv1.2": ssl.TLSVersion.TLSv1_2,
    "tlsv1.3": ssl.TLSVersion.TLSv1_3,
}
OTHERS_ACCESS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_ACCESS_OF_ROOT = OTHERS_ACCESS & ~stat.S_IRGRP
"""Access to a key for which libpq refuses it; the group may read one that root owns."""
NO_HOST = "verify-full needs a host name, and the URL has an address alone (hostaddr)"


def secure(sock: socket.socket, settings: ConnectionSettings, host: str, seconds: float) -> ssl.SSLSocket:
    """Do the handshake with a host, empty if the URL has none, and return the TLS socket.

    Raises ConnectionFailed: `certificate` if libpq would refuse the certificate, else `tls_failed`.
    """
    context = _context(settings)
    # A name given as bytes is not IDNA-encoded; loading those tables takes as long as the handshake.
    name = host.encode("ascii") if host.isascii() else host
    if not sends_host_name(settings):
        name = ""
    sock.settimeout(seconds)
    try:
        encrypted = context.wrap_socket(sock, server_hostname=name or None)
    except ssl.SSLCertVerificationError as error:
        raise ConnectionFailed(
            "certificate", f"{error.verify_message} (verify code {error.verify_code})"
        ) from None
    except TimeoutError:
        raise ConnectionFailed("tls_failed", f"no handshake within {seconds:.1f} s") from None
    except ssl.SSLError as error:
        raise ConnectionFailed("tls_failed", error.reason or error.strerror or "handshake failed") from None
    except OSError as error:
        raise ConnectionFailed("tls_failed", error.strerror or "handshake failed") from None
    if verifies_host_name(settings) and not _covers(encrypted, host):
        encrypted.close()
        raise ConnectionFailed("certificate", f"it is not for {host}" if host else NO_HOST)
    return encrypted


def verifies_host_name(settings: ConnectionSettings) -> bool:
    """Return True if libpq compares the host name with the certificate."""
    return settings["sslmode"] == "verify-full"


def sends_host_name(settings: ConnectionSettings) -> bool:
    """Return True if libpq names the host in the handshake (SNI)."""
    return settings["sslsni"] != "0"


def limits_versions(settings: ConnectionSettings) -> bool:
    """Return True if the settings limit the versions of TLS."""
    return bool(settings["ssl_min_protocol_version"] or settings["ssl_max_protocol_version"])


def version_range(settings: ConnectionSettings) -> str:
    """Return the versions of TLS that libpq accepts."""
    newest = settings["ssl_max_protocol_version"]
    oldest = settings["ssl_min_protocol_version"] or MIN_VERSION
    return f"{oldest} to {newest}" if newest else f"{oldest} or newer"


def _covers(encrypted: ssl.SSLSocket, name: str) -> bool:
    from diagnostics.clients.certificates.certificate import parse  # noqa: PLC0415
    from diagnostics.clients.certificates.der import Unreadable  # noqa: PLC0415  only verification needs it
    from diagnostics.clients.certificates.host_names import covers_for_libpq  # noqa: PLC0415

    try:
        return covers_for_libpq(parse(encrypted.getpeercert(binary_form=True) or b""), name)
    except Unreadable:
        return False


def _context(settings: ConnectionSettings) -> ssl.SSLContext:
    """Return the context of the handshake. Raises ConnectionFailed if its files cannot be used."""
    if not (_bundle(settings) or _client_files(settings)):
        return _unverified_context(settings)
    from diagnostics.clients.certificates.trust_store import BundleUnreadable  # noqa: PLC0415  as above

    try:
        return context_of(settings)
    except BundleUnreadable as error:
        raise ConnectionFailed("certificate", str(error)) from None


def _unverified_context(settings: ConnectionSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    # libpq has OpenSSL's own list; Python's excludes ciphers that servers of PostgreSQL may insist on.
    context.set_ciphers("DEFAULT")
    newest = settings["ssl_max_protocol_version"].lower()
    # Python warns of old versions, which the application's settings may name all the same.
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = VERSIONS[(settings["ssl_min_protocol_version"] or MIN_VERSION).lower()]
        context.maximum_version = VERSIONS.get(newest, ssl.TLSVersion.MAXIMUM_SUPPORTED)
    return context


def _bundle(settings: ConnectionSettings) -> str:
    """Return the trust store of libpq, a file or `system`; empty if it accepts every certificate."""
    file = settings["sslrootcert"] or str(home() / ".postgresql" / "root.crt")
    mode = settings["sslmode"]
    # If the root certificate exists, `require` verifies as `verify-ca` does.
    return file if mode.startswith("verify") or (mode == "require" and Path(file).is_file()) else ""


def trust_of_libpq(settings: ConnectionSettings) -> "Trust | None":
    """Return the trust store of libpq for these settings; None if it accepts every certificate."""
    from diagnostics.clients.certificates.trust_store import Trust  # noqa: PLC0415  as above

    file = _bundle(settings)
    if not file:
        return None
    source = (
        f"sslrootcert, {settings.source('sslrootcert')}" if settings["sslrootcert"] else "libpq's default"
    )
    revoked = settings["sslcrl"] or str(home() / ".postgresql" / "root.crl")
    folder = settings["sslcrldir"]
    crl = revoked if Path(revoked).is_file() else folder if Path(folder or revoked).is_dir() else ""
    return Trust(source) if file == "system" else Trust(source, file, crl)


def context_of(settings: ConnectionSettings, *, verify: bool = True) -> ssl.SSLContext:
    """Return libpq's context. Raises BundleUnreadable, also for the client's certificate and key.

    The context does not verify the host name: libpq has rules of its own, see `verifies_host_name`.
    """
    context = _unverified_context(settings)
    trust = trust_of_libpq(settings) if verify else None
    if trust is not None:
        if trust.path and Path(trust.path).is_dir():
            from diagnostics.clients.certificates.trust_store import BundleUnreadable  # noqa: PLC0415  as above

            raise BundleUnreadable(f"{trust.path}: it is a folder, and libpq reads a file only")
        trust.load(context)
        context.verify_mode = ssl.CERT_REQUIRED
        if trust.crl:
            # libpq checks the revocation of the whole chain, not only of the server's certificate.
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    _load_client_certificate(context, settings)
    return context


def _load_client_certificate(context: ssl.SSLContext, settings: ConnectionSettings) -> None:
    """Load the client's certificate and key, if it has a certificate. Raises BundleUnreadable."""
    files = _client_files(settings)
    if files:
        from diagnostics.clients.certificates.trust_store import BundleUnreadable, identify  # noqa: PLC0415

        if error := _key_error(files[1]):
            raise BundleUnreadable(f"client key {files[1]}: {error}")
        identify(context, *files, settings["sslpassword"])


def _client_files(settings: ConnectionSettings) -> tuple[Path, Path] | None:
    """Return the paths of the client's certificate and key; None if libpq sends no certificate.

    libpq goes on without a certificate that does not exist, and not without the key of one that does.
    """
    certificate = Path(settings["sslcert"] or home() / ".postgresql" / "postgresql.crt")
    key = Path(settings["sslkey"] or home() / ".postgresql" / "postgresql.key")
    return (certificate, key) if settings["sslcertmode"] != "disable" and certificate.is_file() else None


def _key_error(key: Path) -> str:
    """Return why libpq refuses a key's file before it reads it; empty if it does not."""
    try:
        status = key.stat()
    except OSError as error:
        return f"the certificate is present, and its key is not: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    refused = OTHERS_ACCESS if status.st_uid else OTHERS_ACCESS_OF_ROOT
    return "libpq wants mode 0600: others may read it" if status.st_mode & refused else ""
