"""URLs (RFC 3986) of settings, variables and answers, checked before `urllib` splits them.

`urllib` removes tabs and line breaks silently and parses the port only when it is asked for.
"""

from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from kb.parsers.characters import unsafe_character
from kb.parsers.malformed import Malformed

MAX_CHARS: Final = 4096
MAX_REASON: Final = 100


def split_url(text: str, *, several_hosts: bool = False) -> SplitResult:
    """Return the parts of a URL; `hostname` and `port` can be read without an error. Raises Malformed.

    `several_hosts` allows a list of hosts, as libpq does; then `hostname` and `port` have no meaning.
    """
    if len(text) > MAX_CHARS:
        raise Malformed(f"longer than {MAX_CHARS} characters")
    if found := unsafe_character(text):
        raise Malformed(f"{found}; write it percent-encoded")
    try:
        parts = urlsplit(text)
        if not (several_hosts and "," in parts.netloc):
            _ = parts.port, parts.hostname
    except ValueError as error:
        raise Malformed(_reason(str(error))) from None
    if any(character.isspace() for character in parts.netloc.rpartition("@")[2]):
        raise Malformed("a space in the host")
    return parts


def _reason(error: str) -> str:
    """Return the reason in an error of urllib, which may repeat a part of the URL."""
    if error.startswith("Port"):
        return "the port is not a number from 0 to 65535"
    return "characters in the host that Unicode turns into others" if "NFKC" in error else error[:MAX_REASON]


def query_parameters(text: str) -> dict[str, str]:
    """Return the parameters of a URL's query, of a repeated one the last; none if the URL is malformed."""
    try:
        return dict(parse_qsl(split_url(text, several_hosts=True).query))
    except ValueError:
        return {}
