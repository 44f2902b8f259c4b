"""Client certificate: what the server requested, what was sent, and how the server answered."""

from datetime import datetime

from diagnostics.clients.certificates.chain import parse_all
from diagnostics.clients.http.client_certificates import certificate_refusal
from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings
from diagnostics.clients.tls.evidence import period, time_left
from diagnostics.clients.tls.handshake import Handshake
from diagnostics.clients.tls.refusal import CERTIFICATE_REQUIRED, CLIENT_CERTIFICATE_ALERTS
from diagnostics.clients.tls.web_request import response_parts
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell


def client_refusal(handshake: Handshake) -> str:
    """Return the alert or the response by which the server refuses the client; empty if it does not."""
    ended = handshake.error or handshake.alert
    if ended.endswith(CLIENT_CERTIFICATE_ALERTS if handshake.certificate_requested else CERTIFICATE_REQUIRED):
        return ended
    status, body = response_parts(handshake.response)
    refusal = certificate_refusal(status, body) if handshake.certificate_requested else ""
    return f"HTTP {status}: {refusal}" if refusal else ""


def report_client_certificate(
    context: Context, handshake: Handshake, now: datetime, *, at_login: bool
) -> None:
    """Report the client certificate that was sent and the server's answer to it.

    `at_login` is true for a database, which applies its rules about client certificates after the handshake.
    """
    if not (handshake.certificate_requested or client_refusal(handshake)):
        return
    refusal = client_refusal(handshake)
    answer = refusal or handshake.alert or _acceptance(handshake, at_login=at_login)
    note = f"{_sent(handshake, now)}; {answer}"
    context.evidence("client certificate", "the server asks for one", ok=not refusal, note=note)


def require_client_certificate(settings: ConnectionSettings | None, handshake: Handshake) -> None:
    """Raise CannotTell if libpq insists on sending a certificate (sslcertmode) and sent none."""
    if settings is None or settings["sslcertmode"] != "require" or handshake.shown:
        return
    reason = "has none" if handshake.certificate_requested else "the server requests none"
    raise CannotTell(f"sslcertmode=require: libpq has to send a client certificate, and {reason}")


def _sent(handshake: Handshake, now: datetime) -> str:
    if not handshake.shown:
        return "none was sent"
    certificates, _ = parse_all(handshake.shown[:1])
    if not certificates:
        return "one was sent that cannot be read"
    own = certificates[0]
    return f"{own.subject} from {own.issuer} was sent, valid {period(own)}, {time_left(own, now)}"


def _acceptance(handshake: Handshake, *, at_login: bool) -> str:
    status, _ = response_parts(handshake.response)
    if status:
        return f"the server answers a request with {status}"
    later = ", and a rule of the server may demand one at the login" if at_login else ""
    return f"the handshake goes on{'' if handshake.shown else later}"
