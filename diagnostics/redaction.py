"""Secrets never leave: every text that a probe records passes here while it is made."""

import json
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from kb.text.sanitize import harmless, mask_secrets

MIN_LENGTH = 4
"""A known secret shorter than this would mask innocent text; it is masked only where a pattern shows it."""
_MET: set[str] = set()
"""Every secret that any run of this process has learnt: an error may carry one out of its run."""


class Redactor:
    """Replaces known secrets by stable tokens such as `<password:1>`, then whatever looks like a secret.

    One redactor serves one run, so that equal secrets get equal tokens and can still be correlated.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._masked: set[str] = set()

    def learn(self, secret: str, kind: str) -> None:
        """Remember a secret in every form in which others may repeat it; `kind` names its token."""
        if len(secret) < MIN_LENGTH:
            return
        with self._lock:
            if secret in self._tokens:
                return
            _MET.add(secret)
            self._counts[kind] = self._counts.get(kind, 0) + 1
            token = f"<{kind}:{self._counts[kind]}>"
            self._tokens.update((form, token) for form in _forms(secret) if len(form) >= MIN_LENGTH)

    def __call__(self, text: str) -> str:
        """Mask every secret in a text, the longest first so that none leaves a tail behind."""
        with self._lock:
            known = sorted(self._tokens.items(), key=lambda pair: -len(pair[0]))
        for secret, token in known:
            if secret in text:
                text = text.replace(secret, token)
                self._masked.add(token)
        return mask_secrets(text)

    @property
    def masked(self) -> int:
        """How many distinct known secrets were met so far."""
        return len(self._masked)


def mask_learned_secrets(text: str) -> str:
    """A text that comes from no run in particular, without controls and without any secret met so far."""
    redactor = Redactor()
    for secret in list(_MET):
        redactor.learn(secret, "secret")
    return redactor(harmless(text))


def _forms(secret: str) -> Iterator[str]:
    """As it is, in URLs and forms, in JSON, in a page, as Python shows it, and without controls."""
    from html import escape  # noqa: PLC0415  its table of names costs a run without a secret too much

    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (escape(secret), repr(secret)[1:-1], harmless(secret))
