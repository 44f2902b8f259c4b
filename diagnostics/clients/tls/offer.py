"""Version, cipher, key and protocol that a server agrees to with a client that accepts anything."""

from typing import Final

from diagnostics.clients.tls.prober import TlsProber

HTTP_2: Final = "h2"


def report_offer(prober: TlsProber) -> tuple[bytes, ...]:
    """Report the version and cipher that the server accepts; return the certificates that it then sends."""
    context, endpoint = prober.context, prober.endpoint
    handshake = prober.handshake(endpoint.unverified_context(), "handshake with any version")
    sent = handshake.sent or prober.certificates_for_any_curve()
    if handshake.version:
        offer = f"{handshake.version} with {handshake.cipher}"
    elif sent:
        offer = "TLSv1.2 on a curve that clients do not offer"
    else:
        offer = f"nothing that OpenSSL supports ({handshake.error})"
    context.evidence("server offers", offer, expected=endpoint.expected_offer, ok=False)
    return sent


def report_application_protocol(prober: TlsProber) -> None:
    """Report which protocol the server selects, if it refuses the one that the application names."""
    context = prober.endpoint.unverified_context()
    context.set_alpn_protocols([HTTP_2])
    handshake = prober.handshake(context, "handshake with HTTP/2")
    offer = handshake.protocol or f"not {HTTP_2} either ({handshake.error or 'none selected'})"
    prober.context.evidence("server offers", offer, expected=prober.endpoint.application_protocol, ok=False)
