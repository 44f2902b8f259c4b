"""What a verdict about a certificate is found from, and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from diagnostics.clients.tls_chain import Chain
from diagnostics.clients.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fact, empty where no entry knows it, and what shows it."""

    fact: str
    why: str = ""
    culprit: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that the verdict is found from."""

    code: int
    message: str
    chain: Chain
    bundle: Sequence[Certificate]
    """What is trusted."""
    known: Sequence[Certificate]
    """Authorities that this machine knows beyond that."""
    now: datetime
    strict: bool = False
    """Whether it is taken without strict rules."""
    issuer: str = ""
    """Who should have issued the certificate, where the target says so."""
