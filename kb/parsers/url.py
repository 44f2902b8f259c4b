"""URLs (RFC 3986) of settings, variables and answers, checked before `urllib` splits them.

`urllib` removes tabs and line breaks silently and parses the port only when it is asked for.
"""

from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from kb.parsers.characters import unsafe_character
from kb.parsers.malformed import Malformed

MAX_CHARS: Final = 8192


def split_url(text: str) -> SplitResult:
    """Return the parts of a URL; `hostname` and `port` can be read without an error. Raises Malformed."""
    if len(text) > MAX_CHARS:
        raise Malformed(f"longer than {MAX_CHARS} characters")
    if found := unsafe_character(text):
        raise Malformed(f"{found}; write it percent-encoded")
    try:
        parts = urlsplit(text)
        if "," not in parts.netloc:  # libpq accepts several hosts, urllib cannot parse their ports
            _ = parts.port, parts.hostname
    except ValueError as error:
        raise Malformed(str(error)) from None
    return parts


def query_parameters(text: str) -> dict[str, str]:
    """Return the parameters of a URL's query, of a repeated one the last; none if the URL is malformed."""
    try:
        return dict(parse_qsl(split_url(text).query))
    except ValueError:
        return {}
