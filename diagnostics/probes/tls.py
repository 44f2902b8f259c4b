"""Would the application take the server's certificate, and if not, what about it is wrong?"""

from diagnostics.clients.certificates.chain import Chain, read
from diagnostics.clients.certificates.host_names import covers_for_libpq
from diagnostics.clients.certificates.trust_store import BundleUnreadable
from diagnostics.clients.postgres.stream import looks_like
from diagnostics.clients.postgres.tls import NO_HOST, checks_name
from diagnostics.clients.tls.certificate_rules import STRICTER
from diagnostics.clients.tls.endpoint import STRICT, TlsEndpoint, place_of
from diagnostics.clients.tls.evidence import show_culprit, show_ends, show_other_faults
from diagnostics.clients.tls.handshake import Handshake
from diagnostics.clients.tls.prober import (
    TlsProber,
    look_at_environment,
    look_strictly,
    show_what_verifying_would_say,
)
from diagnostics.clients.tls.refusal import (
    CERTIFICATE_REQUIRED,
    PROTOCOL,
    TIMES,
    UNTRUSTED,
    WANTS_CERTIFICATE,
    names_of,
    verdict_of,
)
from diagnostics.clients.tls.trust_failures import FACT, Verdict, VerificationFailure, cannot_be_read
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Would the application take the server's certificate, and if not, what about it is wrong?"
LAYER = "tls"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "tls", "postgresql")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "tls.bundle_unreadable",
    "tls.bundle_overridden",
    "tls.plain_http",
    "tls.protocol_mismatch",
    "tls.client_certificate_demanded",
    "tls.clock",
    "tls.expired",
    "tls.not_yet_valid",
    "tls.expired_intermediate",
    "tls.wrong_name",
    "tls.self_signed",
    "tls.missing_intermediate",
    "tls.interception",
    "tls.unknown_authority",
    "tls.weak_key",
    "tls.weak_digest",
    "tls.wrong_purpose",
    "tls.ca_not_ca",
    "tls.constraint_violated",
    "tls.invalid_certificate",
    "tls.revoked",
    "tls.strict",
    "tls.expires_soon",
)
SAFETY: Safety = "remote"
BUDGET = 10.0
ALONE = False
SENDS = (
    "One TLS handshake as the application makes it; where it fails, one or two more that only look. For a "
    "certificate out of its time one HEAD request for / without credentials."
)

PLAIN = (b"http/", b"<")
REASONS = {
    "ASN1_LIB": "a certificate that the server sent cannot be read",
    "EXCESSIVE_MESSAGE_SIZE": "the server's certificates are larger than the 100 KB that OpenSSL takes",
    "LENGTH_MISMATCH": "the server sent no certificate, or a broken message",
    "CERT_LENGTH_MISMATCH": "bytes follow a certificate that the server sent",
}
"""What OpenSSL's reasons mean where no entry knows the cause."""


def run(context: Context, /) -> None:
    """Shake hands as the application does; where that fails, look again without judging."""
    try:
        with context.step("settings"):
            place = place_of(context)
            _show_trust(context, place)
            own = place.context(place.trust)
    except BundleUnreadable as unreadable:
        context.evidence("bundle", "cannot be used", ok=False, note=str(unreadable))
        context.finding("tls.bundle_unreadable")
        return
    look = TlsProber(context, place)
    first = look.handshake(own, "handshake")
    if first.code:
        _refused(look, first)
    elif first.error:
        _ended(look, first)
    else:
        _completed(look, first)


def _show_trust(context: Context, place: TlsEndpoint) -> None:
    if place.trust is not None:
        context.evidence("trusts", place.trust.shown)
        context.evidence(
            "revocation list", place.trust.crl or "none", note="" if place.trust.crl else "not checked"
        )
    elif place.database is not None:
        mode = place.database["sslmode"]
        context.evidence("trusts", "every certificate", note=f"libpq verifies none with sslmode={mode}")
    context.evidence("name wanted", place.name)


def _refused(look: TlsProber, first: Handshake) -> None:
    """OpenSSL said no to the certificate: find which one of the chain, and why."""
    first, strict = _without_strict_rules(look, first)
    look.context.evidence("verify code", first.code, expected=0, ok=False, note=first.message)
    chain = look.chain(first.sent)
    verdict = verdict_of(
        VerificationFailure(
            code=first.code,
            message=first.message,
            chain=chain,
            bundle=look.place.trust.authorities() if look.place.trust else [],
            known=look.known() if first.code in UNTRUSTED else [],
            now=look.now,
            strict=strict,
            issuer=look.context.target.settings.tls.issuer if look.place.database is None else "",
        )
    )
    if first.code in TIMES and look.clock_is_wrong(chain.path):
        verdict = Verdict("clock", faulty_certificate=verdict.faulty_certificate)
    show_culprit(look.context, chain, verdict, look.now)
    show_other_faults(look.context, chain, verdict, look.place, look.now)
    if not verdict.fact:
        raise CannotTell(f"OpenSSL refuses the certificate: {first.message} (verify code {first.code})")
    look.context.finding(f"tls.{verdict.fact}")


def _without_strict_rules(look: TlsProber, first: Handshake) -> tuple[Handshake, bool]:
    """The refusal that stays without strict rules, if one does: it is the deeper cause. Else that is said."""
    if not STRICT or look.place.database is not None or first.code not in STRICTER:
        return first, False
    again = look.try_trust(look.place.trust, "handshake without strict rules", strict=False)
    if again is not None and again.code:
        return again, False
    return first, again is not None and not again.error


def _ended(look: TlsProber, first: Handshake) -> None:
    """The handshake ended before a certificate was judged: another protocol, another version, a demand."""
    context, place = look.context, look.place
    said = looks_like(first.first) if first.error == "WRONG_VERSION_NUMBER" else ""
    note = f"the server speaks {said}" if said else REASONS.get(first.error, "")
    context.evidence("handshake", first.error, ok=False, note=note)
    if place.optional:
        raise Skip(f"the handshake failed ({first.error}), and sslmode={_mode(place)} goes on without TLS")
    if first.first.lstrip().lower().startswith(PLAIN):
        context.finding("tls.plain_http")
    elif _wants_certificate(first, first.error):
        context.finding("tls.client_certificate_demanded")
    elif first.error.endswith("UNRECOGNIZED_NAME"):
        context.finding("tls.wrong_name")
    elif first.error in PROTOCOL:
        look.chain(first.sent or _show_offer(look))
        context.finding("tls.protocol_mismatch")
    elif cannot_be_read(first.error, look.chain(first.sent)):
        context.finding(f"tls.{FACT}")
    else:
        raise CannotTell(f"the handshake failed: {first.error}{f': {note}' if note else ''}")


def _mode(place: TlsEndpoint) -> str:
    return place.database["sslmode"] if place.database is not None else ""


def _wants_certificate(shaken: Handshake, reason: str) -> bool:
    """Whether the end of a connection is about the client's certificate, which must have been asked for."""
    return reason.endswith(WANTS_CERTIFICATE if shaken.asked else CERTIFICATE_REQUIRED)


def _show_offer(look: TlsProber) -> tuple[bytes, ...]:
    """What the server agrees to with a client that takes anything; returns the certificates it sends then."""
    seen = look.unverified("look with old versions")
    offer = (
        f"{seen.version} with {seen.cipher}"
        if seen.version
        else f"nothing that OpenSSL speaks ({seen.error})"
    )
    look.context.evidence("server offers", offer, expected="TLS 1.2 or newer, with a strong cipher", ok=False)
    return seen.sent


def _completed(look: TlsProber, first: Handshake) -> None:
    """The certificate was taken: what may still end the connection, and what will end it soon."""
    context = look.context
    context.evidence("handshake", first.version, ok=True, note=first.cipher)
    chain = look.chain(first.sent)
    if first.asked:
        note = first.alert or "and goes on without one"
        context.evidence("client certificate", "the server asks for one", ok=not first.alert, note=note)
    if _wants_certificate(first, first.alert):
        context.finding("tls.client_certificate_demanded")
        return
    if first.alert:
        raise CannotTell(f"the server ended the connection after the handshake: {first.alert}")
    if chain.leaf is None:
        context.unknown("the server's certificate cannot be read, so nobody knows when it ends")
    if look.place.trust is None:
        show_what_verifying_would_say(look, chain.path)
        return
    if not _has_the_name(look, chain, first.host):
        return
    path, _ = read(first.verified)
    if path and show_ends(context, path, look.now) < context.thresholds.certificate_days:
        context.finding("tls.expires_soon", "warn")
    look_strictly(look, path)
    look_at_environment(look)


def _has_the_name(look: TlsProber, chain: Chain, host: str) -> bool:
    """Whether libpq finds the host's name in the certificate; others have looked in the handshake."""
    settings, leaf = look.place.database, chain.leaf
    if settings is None or leaf is None or not checks_name(settings) or covers_for_libpq(leaf, host):
        return True
    verdict = Verdict("wrong_name", names_of(leaf) if host else NO_HOST, leaf)
    show_culprit(look.context, chain, verdict, look.now)
    look.context.finding("tls.wrong_name")
    return False
