"""The secrets that configuration files hold, learnt before a word of any of these files is shown.

Probes look at the files of a target side by side, and what one file keeps secret another may repeat.
"""

from collections.abc import Iterator

from diagnostics.clients.config.tree import Document, literal, tables
from diagnostics.redaction import Redactor

KINDS = {"webhook_secret": "webhook secret"}
"""What a secret is called in reports, by its key; the others are credentials."""
ENDS = ("key", "secret", "token", "password", "passwd", "pwd", "passphrase", "credential", "credentials")
"""How the names of keys end whose values are secrets."""
SHORTEST = 12
"""Characters; what is shorter is a placeholder or a word, and to mask it would mask innocent text."""


def learn(redactor: Redactor, document: Document) -> None:
    """Let every secret of a file be masked from now on, wherever it occurs."""
    for key, secret in _secrets(document):
        redactor.learn(secret, KINDS.get(key, "credential"))


def _secrets(document: Document) -> Iterator[tuple[str, str]]:
    for part in tables(document.root):
        for key, node in part.table.items():
            text = literal(node).strip()
            if key.lower().endswith(ENDS) and (key in KINDS or len(text) >= SHORTEST):
                yield key, text
