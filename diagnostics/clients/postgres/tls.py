"""TLS handshake as libpq does it, and the reasons why it would refuse a certificate.

Source: PostgreSQL documentation, 34.19 "SSL Support" and the parameters sslmode, sslrootcert, sslcert.
"""

import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.libpq_files import home
from diagnostics.clients.postgres.parameters import ConnectionSettings
from diagnostics.clients.postgres.stream import ConnectionFailed

if TYPE_CHECKING:
    from diagnostics.clients.certificates.trust_store import Trust

ALPN = "postgresql"
NO_HOST = "verify-full needs a host name, and the URL has an address alone (hostaddr)"


def secure(sock: socket.socket, settings: ConnectionSettings, host: str, seconds: float) -> ssl.SSLSocket:
    """Do the handshake with a host, empty if the URL has none, and return the TLS socket.

    Raises ConnectionFailed: `certificate` if libpq would refuse the certificate, else `tls_failed`.
    """
    context = _context(settings)
    # A name given as bytes is not IDNA-encoded; loading those tables takes as long as the handshake.
    name = host.encode("ascii") if host.isascii() else host
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
        return _unverified_context()
    from diagnostics.clients.certificates.trust_store import BundleUnreadable  # noqa: PLC0415  as above

    try:
        return context_of(settings)
    except BundleUnreadable as error:
        raise ConnectionFailed("certificate", str(error)) from None


def _unverified_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
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
    crl = revoked if Path(revoked).is_file() else ""
    return Trust(source) if file == "system" else Trust(source, file, crl)


def context_of(settings: ConnectionSettings, *, verify: bool = True) -> ssl.SSLContext:
    """Return libpq's context. Raises BundleUnreadable, also for the client's certificate and key.

    The context does not verify the host name: libpq has rules of its own, see `verifies_host_name`.
    """
    context = _unverified_context()
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
    """Load the client's certificate and key if both exist."""
    files = _client_files(settings)
    if files:
        from diagnostics.clients.certificates.trust_store import identify  # noqa: PLC0415  as above

        identify(context, *files, settings["sslpassword"])


def _client_files(settings: ConnectionSettings) -> tuple[Path, Path] | None:
    """Return the paths of the client's certificate and key; None unless both exist."""
    certificate = Path(settings["sslcert"] or home() / ".postgresql" / "postgresql.crt")
    key = Path(settings["sslkey"] or home() / ".postgresql" / "postgresql.key")
    return (certificate, key) if certificate.is_file() and key.is_file() else None
