"""Target of a request, the path and query of a URL in ASCII (RFC 9112, 3.2.1)."""

from typing import Final
from urllib.parse import quote

from kb.parsers.url import split_url

SAFE: Final = "%/:@!$&'()*+,;=~?"
"""Characters that stay as they are; a percent sign begins an escape that is there already."""


def request_target(url: str) -> str:
    """Return path and query of a URL, other characters percent-encoded. Raises Malformed."""
    parts = split_url(url)
    path = quote(parts.path, safe=SAFE) or "/"
    return path + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
