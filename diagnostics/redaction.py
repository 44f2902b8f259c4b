"""Masking of secrets: every text that a probe records passes through a `Redactor`."""

import json
import re
import threading
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from kb.text.masking.shapes import lower
from kb.text.sanitize import mask_secrets, strip_controls

MIN_LENGTH = 4
"""Masking a shorter known secret everywhere would destroy other text; only patterns mask it."""
MIN_ANY_CASE = 8
"""Length from which a secret is also masked in other cases and in encodings that hide its letters."""
PREFIX = 12
"""Length from which the beginning of a secret is masked: servers repeat a part of a key to name it."""
_LEARNED: set[str] = set()
"""Secrets learned by any run of this process: an error message may contain one after its run has ended."""
_WORD = "[A-Za-z0-9_+/=-]*"
_BASE64_BEFORE = "[A-Za-z0-9_+/-]*$"


class _Form(NamedTuple):
    """A way in which a server may repeat a secret."""

    needle: str
    """Beginning that identifies the secret."""
    whole: str
    token: str
    any_case: bool = False
    """True if the case of letters does not matter; `needle` and `whole` are lower case then."""
    is_base64: bool = False


class Redactor:
    """Replaces known secrets by tokens such as `<password:1>`, then masks what looks like a secret.

    One redactor serves one run: equal secrets get equal tokens, so that a reader can correlate them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: set[str] = set()
        self._forms: tuple[_Form, ...] = ()
        self._counts: dict[str, int] = {}
        self._masked: set[str] = set()

    def learn(self, secret: str, kind: str) -> None:
        """Add a secret, in all encodings in which a server may repeat it; `kind` names its token.

        A secret that is a word of this program, as `postgres`, is masked by patterns only: reports consist of
        such words.
        """
        if len(secret) < MIN_LENGTH or _is_own_word(secret):
            return
        with self._lock:
            if secret in self._secrets:
                return
            _LEARNED.add(secret)
            self._secrets.add(secret)
            self._counts[kind] = self._counts.get(kind, 0) + 1
            forms = {*self._forms, *_forms(secret, f"<{kind}:{self._counts[kind]}>")}
            # The longest first: one secret may contain another.
            self._forms = tuple(sorted(forms, key=lambda form: (-len(form.whole), form)))

    def __call__(self, text: str) -> str:
        """Return the text with its secrets masked."""
        lowered = lower(text)
        for form in self._forms:
            if form.needle in (lowered if form.any_case else text):
                text = _replace(text, form)
                lowered = lower(text)
                self._masked.add(form.token)
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


def _replace(text: str, form: _Form) -> str:
    """Replace a form of a secret and its beginnings; a beginning takes the rest of its word along."""
    searched = lower(text) if form.any_case else text
    out, done = [], 0
    while (start := searched.find(form.needle, done)) >= 0:
        end = start + _common_length(searched, start, form.whole)
        if form.is_base64 or end - start < len(form.whole):
            rest = re.compile(_WORD).match(text, end)
            end = rest.end() if rest else end
        before = text[done:start]
        out += [re.sub(_BASE64_BEFORE, "", before) if form.is_base64 else before, form.token]
        done = end
    return "".join([*out, text[done:]])


def _common_length(text: str, start: int, whole: str) -> int:
    """Return how many characters of a text, from `start` on, are those of `whole`."""
    part = text[start : start + len(whole)]
    return next((i for i, (a, b) in enumerate(zip(part, whole, strict=False)) if a != b), len(part))


def _forms(secret: str, token: str) -> Iterator[_Form]:
    """Yield the secret as it is, as a program may write it, and encoded, with the beginning that suffices."""
    any_case = len(secret) >= MIN_ANY_CASE
    for text in {secret, *_written(secret)}:
        if len(text) >= MIN_LENGTH:
            form = lower(text) if any_case else text
            yield _Form(form, form, token, any_case)
    if not any_case:
        return
    start = _prefix_length(secret)
    head = lower(secret)
    yield _Form(head[:start], head, token, any_case=True)
    data, beginning = secret.encode("utf-8", "surrogatepass"), secret[:start].encode("utf-8", "surrogatepass")
    yield _Form(beginning.hex(), data.hex(), token, any_case=True)
    escaped, escaped_start = ("".join(f"%{byte:02x}" for byte in part) for part in (data, beginning))
    yield _Form(escaped_start, escaped, token, any_case=True)
    for offset in range(3):
        whole, needle = _base64_core(data, offset), _base64_core(beginning, offset)
        if len(needle) >= MIN_ANY_CASE:
            yield _Form(needle, whole, token, is_base64=True)
            url_form = str.maketrans("+/", "-_")
            yield _Form(needle.translate(url_form), whole.translate(url_form), token, is_base64=True)


def _written(secret: str) -> Iterator[str]:
    """Yield the secret URL-encoded, in JSON, in HTML, as Python's repr and without controls."""
    from html import escape  # noqa: PLC0415  its table of entities slows down a run without secrets

    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (escape(secret), repr(secret)[1:-1], strip_controls(secret))


def _base64_core(data: bytes, offset: int) -> str:
    """Return the base64 characters that depend on the data alone if `offset` bytes, modulo 3, precede it."""
    from binascii import b2a_base64  # noqa: PLC0415  as above

    encoded = b2a_base64(b"\0" * offset + data, newline=False).decode()
    return encoded[-(-8 * offset // 6) : 8 * (offset + len(data)) // 6]


def _prefix_length(secret: str) -> int:
    """Return how many characters identify the secret: at least `PREFIX`, and more than common words.

    Keys begin with the name of their vendor, JWTs with a header that all of an issuer share.
    """
    if re.search(r"[\s{]|://", secret):
        return len(secret)
    if secret.startswith("eyJ") and "." in secret:
        return min(len(secret), secret.index(".") + 1 + PREFIX)
    length = min(len(secret), PREFIX)
    while length < len(secret) and not _is_distinct(secret[:length]):
        length += 1
    return length


def _is_distinct(beginning: str) -> bool:
    """Return True if a text is not the beginning of names of systems, as `clearpay-pro`."""
    if re.search(r"\d|[a-z][A-Z]", beginning):
        return True
    return beginning.isalpha() and beginning.lower() not in _own_text()


def _is_own_word(secret: str) -> bool:
    """Return True for words of this program in lower case."""
    if not re.fullmatch(r"[a-z]{2,20}(?:[ _.-][a-z]{2,20}){0,5}", secret):
        return False
    return all(re.search(rf"\b{word}\b", _own_text()) for word in re.split(r"[ _.-]", secret))


@cache
def _own_text() -> str:
    """Return the texts of entries and runbooks in lower case: they have the words of reports."""
    from pathlib import Path  # noqa: PLC0415  only for secrets that look like words

    import kb  # noqa: PLC0415  as above

    folder = Path(kb.__file__).parent
    return "\n".join(path.read_text("utf-8").lower() for path in sorted(folder.rglob("*.yaml")))
