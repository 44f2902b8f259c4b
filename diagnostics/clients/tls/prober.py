"""Handshakes at one place: as the application makes them, and such that only look."""

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, walk
from diagnostics.clients.certificates.trust_store import BundleUnreadable, Trust, certificates_in
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.tls.certificate_rules import strict_flaw
from diagnostics.clients.tls.endpoint import STRICT, TlsEndpoint
from diagnostics.clients.tls.evidence import period, show_chain, stamp
from diagnostics.clients.tls.handshake import Handshake, Talk, server_time
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline

DEBIANS = "/etc/ssl/certs/ca-certificates.crt"
CLOCK_TOLERANCE = timedelta(minutes=2)
"""A difference between two clocks that one request and a rounded second may make."""


@dataclass(frozen=True, slots=True)
class TlsProber:
    """One probe's view of one place."""

    context: Context
    place: TlsEndpoint
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def handshake(self, tls: ssl.SSLContext, step: str) -> Handshake:
        """One handshake. Raises CannotTell and Skip where it cannot even begin."""
        with self.context.step(step) as opened:
            door, sock = self.place.open(self.context)
            opened.detail = door.shown
            with closing(sock):
                return self._talk(sock).handshake(tls, self._name(door))

    def unverified(self, step: str = "look without verifying") -> Handshake:
        """A handshake that takes any certificate, to see what the server shows."""
        return self.handshake(self.place.unverified_context(), step)

    def chain(self, sent: tuple[bytes, ...]) -> Chain:
        """What the server sent, walked and shown."""
        bundle = self.place.trust.authorities() if self.place.trust else []
        chain = walk(sent, bundle, self.now)
        show_chain(self.context, chain, self.now)
        return chain

    def known(self) -> list[Certificate]:
        """Authorities that this machine knows from elsewhere: its own bundle, and the one of requests."""
        import certifi  # noqa: PLC0415  costs time, and only an unknown issuer needs it

        paths = ssl.get_default_verify_paths()
        files = [paths.openssl_cafile, paths.cafile or "", certifi.where(), DEBIANS]
        there = dict.fromkeys(Path(file).resolve() for file in files if file)
        return [one for file in there for one in certificates_in(file)]

    def server_time(self) -> datetime | None:
        """The clock of a web server; None for anything else."""
        if self.place.database is not None:
            return None
        with self.context.step("ask for the time"):
            door, sock = self.place.open(self.context)
            with closing(sock):
                return server_time(self._talk(sock), self.place.unverified_context(), self._name(door))

    def clock_is_wrong(self, path: Sequence[Certificate]) -> bool:
        """Whether what is out of its time here is in it by the server's clock, which differs."""
        theirs = self.server_time()
        note = "" if theirs else "the server names no time, so the local clock could not be checked"
        self.context.evidence("local clock", stamp(self.now), note=note)
        if theirs is None:
            return False
        off = self.now - theirs
        right = abs(off) <= CLOCK_TOLERANCE
        note = "" if right else f"the local clock differs by {off.total_seconds():+.0f} s"
        self.context.evidence("server's clock", stamp(theirs), ok=right, note=note)
        outdated = [one for one in path if not one.valid(self.now)]
        return not right and bool(outdated) and all(one.valid(theirs) for one in outdated)

    def try_trust(self, trust: Trust | None, step: str, *, strict: bool) -> Handshake | None:
        """A handshake with another trust or with strict rules; None where the trust cannot be used."""
        try:
            tls = self.place.context(trust, strict=strict)
        except BundleUnreadable as unreadable:
            self.context.evidence(step, "cannot be used", ok=False, note=str(unreadable))
            return None
        return self.handshake(tls, step)

    def _talk(self, sock: socket) -> Talk:
        cap = self.context.thresholds.connect_timeout_s
        return Talk(sock, Deadline(self.context.deadline.within(cap)))

    def _name(self, door: SocketAddress) -> str:
        return door.host if self.place.database is not None else self.place.name


def show_what_verifying_would_say(look: TlsProber, path: tuple[Certificate, ...]) -> None:
    """What a database whose certificate is not verified would be refused for if it were."""
    outdated = next((one for one in path if not one.valid(look.now)), None)
    if outdated is not None:
        note = "libpq takes it as long as sslmode verifies none"
        look.context.evidence(
            "out of its time", str(outdated.subject), note=f"valid {period(outdated)}; {note}"
        )


def look_strictly(look: TlsProber, path: list[Certificate]) -> None:
    """Whether Python 3.13 would refuse what this one takes; libpq has no such rules."""
    one, flaw = strict_flaw(path)
    if STRICT or look.place.database is not None or one is None:
        return
    again = look.try_trust(look.place.trust, "handshake with strict rules", strict=True)
    if again is not None and again.code:
        note = f"{again.message} (verify code {again.code}); {one.subject}: {flaw}"
        look.context.evidence("from Python 3.13 on", "refused", ok=False, note=note)
        look.context.finding("tls.strict", "warn")


def look_at_environment(look: TlsProber) -> None:
    """Whether a variable would put another bundle in the place of the application's own."""
    winning = look.place.environment.winning()
    own = look.place.trust
    if winning is None or own is None or not look.place.own_bundle or winning.path == own.path:
        return
    again = look.try_trust(winning, "handshake with the environment's bundle", strict=STRICT)
    wrong = again is None or bool(again.code)
    said = f"verify code {again.code}, {again.message}" if again is not None and again.code else ""
    declared = look.place.environment.declared
    whose = "" if declared else "in the doctor's environment; the application's may differ, see tls.env_file"
    note = "; ".join(filter(None, (f"wins over {own.path}", said, whose)))
    look.context.evidence(
        winning.source.removeprefix("environment variable "), winning.path, ok=not wrong, note=note
    )
    if wrong:
        look.context.finding("tls.bundle_overridden", "fail" if declared else "warn")
