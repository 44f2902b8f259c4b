"""Secrets in configuration files, which the redactor learns before anything of the files is shown.

Probes read the files of a target at the same time, and one file may repeat the secret of another.
"""

from collections.abc import Container, Iterator

from diagnostics.clients.config.tree import Document, literal, tables
from diagnostics.redaction import Redactor

KINDS = {"webhook_secret": "webhook secret"}
"""Kind of a secret in reports, by its key; all others are `credential`."""
SUFFIXES = ("key", "secret", "token", "password", "passwd", "pwd", "passphrase", "credential", "credentials")
"""Suffixes of the keys whose values are secrets."""
MIN_CHARS = 12
"""Shorter values are placeholders or words; masking them would mask ordinary text."""


def learn(redactor: Redactor, document: Document, own_names: Container[str] = ()) -> None:
    """Make the redactor mask every secret of a file from now on; `own_names` are further names of secrets."""
    for key, secret in _secrets(document, own_names):
        redactor.learn(secret, KINDS.get(key, "credential"))


def _secrets(document: Document, own_names: Container[str]) -> Iterator[tuple[str, str]]:
    for part in tables(document.root):
        for key, node in part.table.items():
            text = literal(node).strip()
            named = key in own_names or key.lower().endswith(SUFFIXES)
            if named and (key in KINDS or len(text) >= MIN_CHARS):
                yield key, text
