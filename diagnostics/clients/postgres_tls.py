"""The TLS that libpq would ask for, and what is wrong with the certificate it would refuse.

Source: PostgreSQL documentation, 34.19 "SSL Support" and the parameters sslmode, sslrootcert, sslcert.
"""

import socket
import ssl
from pathlib import Path

from diagnostics.clients.der import Unreadable
from diagnostics.clients.pg_service import home
from diagnostics.clients.pg_settings import ConnectionSettings
from diagnostics.clients.tls_names import covers_for_libpq
from diagnostics.clients.tls_trust import BundleUnreadable, Trust, identify
from diagnostics.clients.wire_stream import Ended
from diagnostics.clients.x509 import parse

ALPN = "postgresql"
NO_HOST = "verify-full needs a host name, and the URL has an address alone (hostaddr)"


def secure(sock: socket.socket, settings: ConnectionSettings, host: str, seconds: float) -> ssl.SSLSocket:
    """Do the handshake with a host, empty where the URL has none.

    Raises Ended: `certificate` where libpq would refuse it, else `tls_failed`.
    """
    try:
        context = context_of(settings)
    except BundleUnreadable as error:
        raise Ended("certificate", str(error)) from None
    sock.settimeout(seconds)
    try:
        encrypted = context.wrap_socket(sock, server_hostname=host or None)
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
    try:
        return covers_for_libpq(parse(encrypted.getpeercert(binary_form=True) or b""), name)
    except Unreadable:
        return False


def trust_of_libpq(settings: ConnectionSettings) -> Trust | None:
    """Whom libpq trusts for these settings; None where it takes every certificate."""
    file = settings["sslrootcert"] or str(home() / ".postgresql" / "root.crt")
    source = (
        f"sslrootcert, {settings.source('sslrootcert')}" if settings["sslrootcert"] else "libpq's default"
    )
    mode = settings["sslmode"]
    # With a root certificate at hand, `require` verifies as `verify-ca` does.
    if not (mode.startswith("verify") or (mode == "require" and Path(file).is_file())):
        return None
    revoked = settings["sslcrl"] or str(home() / ".postgresql" / "root.crl")
    crl = revoked if Path(revoked).is_file() else ""
    return Trust(source) if file == "system" else Trust(source, file, crl)


def context_of(settings: ConnectionSettings, *, verify: bool = True) -> ssl.SSLContext:
    """What libpq would do the handshake with. Raises BundleUnreadable, also for the client's own files.

    The name is not checked in it: libpq compares names by rules of its own, see `checks_name`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    trust = trust_of_libpq(settings) if verify else None
    if trust is not None:
        if trust.path and Path(trust.path).is_dir():
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
    certificate = Path(settings["sslcert"] or home() / ".postgresql" / "postgresql.crt")
    key = Path(settings["sslkey"] or home() / ".postgresql" / "postgresql.key")
    if certificate.is_file() and key.is_file():
        identify(context, certificate, key, settings["sslpassword"])
