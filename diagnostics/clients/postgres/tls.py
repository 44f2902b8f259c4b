"""The TLS that libpq would ask for, and what is wrong with the certificate it would refuse.

Source: PostgreSQL documentation, 34.19 "SSL Support" and the parameters sslmode, sslrootcert, sslcert.
"""

import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.libpq_files import home
from diagnostics.clients.postgres.parameters import ConnectionSettings
from diagnostics.clients.postgres.stream import Ended

if TYPE_CHECKING:
    from diagnostics.clients.certificates.trust_store import Trust

ALPN = "postgresql"
NO_HOST = "verify-full needs a host name, and the URL has an address alone (hostaddr)"


def secure(sock: socket.socket, settings: ConnectionSettings, host: str, seconds: float) -> ssl.SSLSocket:
    """Do the handshake with a host, empty where the URL has none.

    Raises Ended: `certificate` where libpq would refuse it, else `tls_failed`.
    """
    context = _context(settings)
    # As bytes a plain name needs no IDNA, whose tables take as long to load as the handshake.
    name = host.encode("ascii") if host.isascii() else host
    sock.settimeout(seconds)
    try:
        encrypted = context.wrap_socket(sock, server_hostname=name or None)
    except ssl.SSLCertVerificationError as error:
        raise Ended("certificate", f"{error.verify_message} (verify code {error.verify_code})") from None
    except TimeoutError:
        raise Ended("tls_failed", f"no handshake within {seconds:.1f} s") from None
    except ssl.SSLError as error:
        raise Ended("tls_failed", error.reason or error.strerror or "handshake failed") from None
    except OSError as error:
        raise Ended("tls_failed", error.strerror or "handshake failed") from None
    if checks_name(settings) and not _is_for(encrypted, host):
        encrypted.close()
        raise Ended("certificate", f"it is not for {host}" if host else NO_HOST)
    return encrypted


def checks_name(settings: ConnectionSettings) -> bool:
    """Whether libpq holds the host's name against the certificate."""
    return settings["sslmode"] == "verify-full"


def _is_for(encrypted: ssl.SSLSocket, name: str) -> bool:
    from diagnostics.clients.certificates.certificate import parse  # noqa: PLC0415
    from diagnostics.clients.certificates.der import Unreadable  # noqa: PLC0415  only who verifies loads it
    from diagnostics.clients.certificates.host_names import covers_for_libpq  # noqa: PLC0415

    try:
        return covers_for_libpq(parse(encrypted.getpeercert(binary_form=True) or b""), name)
    except Unreadable:
        return False


def _context(settings: ConnectionSettings) -> ssl.SSLContext:
    """The context, with what is wrong with its files as the end of the handshake. Raises Ended."""
    if not (_bundle(settings) or _client_files(settings)):
        return _bare()
    from diagnostics.clients.certificates.trust_store import BundleUnreadable  # noqa: PLC0415  as above

    try:
        return context_of(settings)
    except BundleUnreadable as error:
        raise Ended("certificate", str(error)) from None


def _bare() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    return context


def _bundle(settings: ConnectionSettings) -> str:
    """The authorities by which libpq verifies, a file or `system`; empty where it takes every certificate."""
    file = settings["sslrootcert"] or str(home() / ".postgresql" / "root.crt")
    mode = settings["sslmode"]
    # With a root certificate at hand, `require` verifies as `verify-ca` does.
    return file if mode.startswith("verify") or (mode == "require" and Path(file).is_file()) else ""


def trust_of_libpq(settings: ConnectionSettings) -> "Trust | None":
    """Whom libpq trusts for these settings; None where it takes every certificate."""
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
    """What libpq would do the handshake with. Raises BundleUnreadable, also for the client's own files.

    The name is not checked in it: libpq compares names by rules of its own, see `checks_name`.
    """
    context = _bare()
    trust = trust_of_libpq(settings) if verify else None
    if trust is not None:
        if trust.path and Path(trust.path).is_dir():
            from diagnostics.clients.certificates.trust_store import BundleUnreadable  # noqa: PLC0415  as above

            raise BundleUnreadable(f"{trust.path}: it is a folder, and libpq reads a file only")
        trust.load(context)
        context.verify_mode = ssl.CERT_REQUIRED
        if trust.crl:
            # Of every certificate of the chain, not of the server's own only.
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    _identify(context, settings)
    return context


def _identify(context: ssl.SSLContext, settings: ConnectionSettings) -> None:
    """Offer the client's certificate where there is one."""
    files = _client_files(settings)
    if files:
        from diagnostics.clients.certificates.trust_store import identify  # noqa: PLC0415  as above

        identify(context, *files, settings["sslpassword"])


def _client_files(settings: ConnectionSettings) -> tuple[Path, Path] | None:
    """Certificate and key that the client shows; None where it has none."""
    certificate = Path(settings["sslcert"] or home() / ".postgresql" / "postgresql.crt")
    key = Path(settings["sslkey"] or home() / ".postgresql" / "postgresql.key")
    return (certificate, key) if certificate.is_file() and key.is_file() else None
