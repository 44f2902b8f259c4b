"""Handshakes at one place: as the application makes them, and such that only look."""

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

from diagnostics.clients.door import Door
from diagnostics.clients.tls_chain import Chain, walk
from diagnostics.clients.tls_clock import server_time
from diagnostics.clients.tls_evidence import show_chain, stamp
from diagnostics.clients.tls_handshake import Handshake, Talk
from diagnostics.clients.tls_place import Place
from diagnostics.clients.tls_trust import BundleUnreadable, Trust, certificates_in
from diagnostics.clients.x509 import Certificate
from diagnostics.context import Context
from diagnostics.deadline import Deadline

DEBIANS = "/etc/ssl/certs/ca-certificates.crt"
CLOCK_TOLERANCE = timedelta(minutes=2)
"""A difference between two clocks that one request and a rounded second may make."""


@dataclass(frozen=True, slots=True)
class Look:
    """One probe's view of one place."""

    context: Context
    place: Place
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def shake(self, tls: ssl.SSLContext, step: str) -> Handshake:
        """One handshake. Raises CannotTell and Skip where it cannot even begin."""
        with self.context.step(step) as opened:
            door, sock = self.place.open(self.context)
            opened.detail = door.shown
            with closing(sock):
                return self._talk(sock).shake(tls, self._name(door))

    def unverified(self, step: str = "look without verifying") -> Handshake:
        """A handshake that takes any certificate, to see what the server shows."""
        return self.shake(self.place.open_minded(), step)

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
                return server_time(self._talk(sock), self.place.open_minded(), self._name(door))

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

    def takes(self, trust: Trust | None, step: str, *, strict: bool) -> Handshake | None:
        """A handshake with another trust or with strict rules; None where the trust cannot be used."""
        try:
            tls = self.place.context(trust, strict=strict)
        except BundleUnreadable as unreadable:
            self.context.evidence(step, "cannot be used", ok=False, note=str(unreadable))
            return None
        return self.shake(tls, step)

    def _talk(self, sock: socket) -> Talk:
        cap = self.context.thresholds.connect_timeout_s
        return Talk(sock, Deadline(self.context.deadline.within(cap)))

    def _name(self, door: Door) -> str:
        return door.host if self.place.database is not None else self.place.name
