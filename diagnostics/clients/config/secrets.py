"""Secrets in configuration files, which the redactor learns before anything of the files is shown.

Probes read the files of a target at the same time, and one file may repeat the secret of another.
"""

import re
from collections.abc import Container, Iterator

from diagnostics.clients.config.mapping.key_names import normal
from diagnostics.clients.config.mapping.placeholders import is_placeholder
from diagnostics.clients.config.tree import Document, literal, tables
from diagnostics.redaction import Redactor

KINDS = {"webhook_secret": "webhook secret"}
"""Kind of a secret in reports, by its key; all others are `credential`."""
SUFFIXES = ("key", "secret", "token", "password", "passwd", "pwd", "passphrase", "credential", "credentials")
"""Suffixes of the keys whose values are secrets."""
PASSWORDS = ("password", "passwd", "pwd", "passphrase")
"""Suffixes of those that may be a sentence."""
PROSE = re.compile(r"[^\W\d_]+(?:[,.'-]?\s+[^\W\d_]+){2,}[.?!]?")
"""Words between spaces: a label, a message or a help text, which reports may have as well."""
MIN_CHARS = 12
"""Shorter values are placeholders or words; masking them would mask ordinary text."""
MIN_GENERATED_CHARS = 20
"""Characters from which a secret may contain the word of a placeholder by chance."""
MIN_WEBHOOK_CHARS = 8
"""Characters of a secret of webhooks, which the report of a receiver may repeat."""


def learn(redactor: Redactor, document: Document, own_names: Container[str] = (), shown: str = "") -> None:
    """Make the redactor mask every secret of a file from now on.

    `own_names` are further names of secrets, in their normal form. `shown` is the text of names and paths of
    the target: a value that is a part of it is a word, and masking it would mask them.
    """
    for key, secret in _secrets(document, own_names):
        is_word = len(secret) < MIN_GENERATED_CHARS and is_placeholder(secret)
        if secret.lower() not in shown.lower() and not is_word:
            redactor.learn(secret, KINDS.get(key, "credential"))


def _secrets(document: Document, own_names: Container[str]) -> Iterator[tuple[str, str]]:
    for part in tables(document.root):
        for name, node in part.table.items():
            key, text = normal(name), literal(node).strip()
            kind = next((kind for kind in KINDS if key.endswith(kind)), key)
            named = key in own_names or key.endswith(SUFFIXES)
            if PROSE.fullmatch(text) and not key.endswith(PASSWORDS):
                continue
            if named and len(text) >= (MIN_WEBHOOK_CHARS if kind in KINDS else MIN_CHARS):
                yield kind, text
