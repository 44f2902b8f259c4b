"""The TLS that libpq would ask for, and what is wrong with the certificate it would refuse.

Source: PostgreSQL documentation, 34.19 "SSL Support" and the parameters sslmode, sslrootcert, sslcert.
"""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from diagnostics.clients.pg_service import home
from diagnostics.clients.pg_settings import ConnectionSettings
from diagnostics.clients.wire_stream import Ended

ALPN = "postgresql"


def secure(sock: socket.socket, settings: ConnectionSettings, host: str, seconds: float) -> ssl.SSLSocket:
    """Do the handshake. Raises Ended: `certificate` where libpq would refuse it, else `tls_failed`."""
    context = _context(settings)
    sock.settimeout(seconds)
    try:
        return context.wrap_socket(sock, server_hostname=host or None)
    except ssl.SSLCertVerificationError as error:
        raise Ended("certificate", f"{error.verify_message} (verify code {error.verify_code})") from None
    except TimeoutError:
        raise Ended("tls_failed", f"no handshake within {seconds:.1f} s") from None
    except ssl.SSLError as error:
        raise Ended("tls_failed", error.reason or error.strerror or "handshake failed") from None
    except OSError as error:
        raise Ended("tls_failed", error.strerror or "handshake failed") from None


def _context(settings: ConnectionSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    roots = settings["sslrootcert"] or str(home() / ".postgresql" / "root.crt")
    mode = settings["sslmode"]
    # With a root certificate at hand, `require` verifies as `verify-ca` does.
    if mode.startswith("verify") or (mode == "require" and Path(roots).is_file()):
        _trust(context, roots)
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = mode == "verify-full"
    _identify(context, settings)
    return context


def _trust(context: ssl.SSLContext, roots: str) -> None:
    if roots == "system":
        context.set_default_verify_paths()
        return
    _loading(lambda: context.load_verify_locations(roots), f"root certificate file {roots}")


def _identify(context: ssl.SSLContext, settings: ConnectionSettings) -> None:
    """Offer the client's certificate where there is one."""
    certificate = Path(settings["sslcert"] or home() / ".postgresql" / "postgresql.crt")
    key = Path(settings["sslkey"] or home() / ".postgresql" / "postgresql.key")
    if certificate.is_file() and key.is_file():
        # Without a password of its own, OpenSSL would ask on the terminal.
        password = settings["sslpassword"]
        _loading(
            lambda: context.load_cert_chain(certificate, key, lambda: password),
            f"client certificate {certificate}",
        )


def _loading(load: Callable[[], None], what: str) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise Ended("certificate", f"{what}: {error.reason or 'cannot be read'}") from None
    except OSError as error:
        raise Ended("certificate", f"{what}: {error.strerror}") from None
