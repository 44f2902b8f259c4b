"""Masking of secrets: every text that a probe records passes through a `Redactor`."""

import json
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from kb.text.sanitize import mask_secrets, strip_controls

MIN_LENGTH = 4
"""Masking a shorter known secret everywhere would destroy other text; only patterns mask it."""
_LEARNED: set[str] = set()
"""Secrets learned by any run of this process: an error message may contain one after its run has ended."""


class Redactor:
    """Replaces known secrets by tokens such as `<password:1>`, then masks what looks like a secret.

    One redactor serves one run: equal secrets get equal tokens, so that a reader can correlate them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._masked: set[str] = set()

    def learn(self, secret: str, kind: str) -> None:
        """Add a secret, in all encodings in which a server may repeat it; `kind` names its token."""
        if len(secret) < MIN_LENGTH:
            return
        with self._lock:
            if secret in self._tokens:
                return
            _LEARNED.add(secret)
            self._counts[kind] = self._counts.get(kind, 0) + 1
            token = f"<{kind}:{self._counts[kind]}>"
            self._tokens.update((form, token) for form in _forms(secret) if len(form) >= MIN_LENGTH)

    def __call__(self, text: str) -> str:
        """Return the text with its secrets masked, the longest first: one secret may contain another."""
        with self._lock:
            tokens = sorted(self._tokens.items(), key=lambda pair: -len(pair[0]))
        for secret, token in tokens:
            if secret in text:
                text = text.replace(secret, token)
                self._masked.add(token)
        return mask_secrets(text)

    @property
    def masked(self) -> int:
        """Number of distinct known secrets that were masked so far."""
        return len(self._masked)


def mask_learned_secrets(text: str) -> str:
    """Mask every secret that the process has learned and remove control characters.

    For texts that do not belong to one run, as the traceback of an internal error.
    """
    redactor = Redactor()
    for secret in list(_LEARNED):
        redactor.learn(secret, "secret")
    return redactor(strip_controls(text))


def _forms(secret: str) -> Iterator[str]:
    """Yield the secret as it is, URL-encoded, in JSON, in HTML, as Python's repr and without controls."""
    from html import escape  # noqa: PLC0415  its table of entities slows down a run without secrets

    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (escape(secret), repr(secret)[1:-1], strip_controls(secret))
