"""Hosts that an error text names, compared with those of the target. Pure functions."""

import re
from typing import Final
from urllib.parse import urlsplit

from diagnostics.targets.target import Target

NAMED_HOST: Final = re.compile(
    r"""(?:server at "|host name "|\bhost(?:name)?[=:] ?['"]?"""
    r"""|(?:postgres(?:ql)?|(?:GET|POST|PUT|PATCH|DELETE|HEAD) ['"]?https?)://(?:[^@/\s"']*@)?)"""
    r"""([A-Za-z0-9][A-Za-z0-9.-]*)"""
)
"""Hosts of connections and requests; other URLs in a text lead to documentation."""
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine: a text with them may be from any machine."""
MAX_NAMED: Final = 3


def hosts_of_text(text: str) -> list[str]:
    """Return the hosts that a text names, in their order; not those of this machine."""
    found = (match[1].rstrip(".").lower() for match in NAMED_HOST.finditer(text))
    return [host for host in dict.fromkeys(found) if host not in LOCAL and ("." in host or "-" in host)]


def other_hosts(text: str, target: Target | None) -> str:
    """Return a sentence if a text names hosts and none of them is one of the target; else an empty text."""
    named = hosts_of_text(text)
    if target is None or not named:
        return ""
    own = [host for point in target.endpoints if (host := _host(point.url))]
    if not own or any(_is_same(host, other) for host in named for other in own):
        return ""
    return f"The text names {', '.join(named[:MAX_NAMED])}; the target is {', '.join(dict.fromkeys(own))}."


def _host(url: str) -> str:
    """Return the host of an endpoint; empty for paths and sockets."""
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower()
    except ValueError:
        return ""


def _is_same(one: str, other: str) -> bool:
    """Return True for equal names, and for a short name of a longer one."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
