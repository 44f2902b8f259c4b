"""Name resolution with a time limit: getaddrinfo has none, so it runs on a thread of its own."""

import queue
import socket
import threading

from diagnostics.errors import CannotTell

NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

MAX_LABEL_BYTES = 63
"""Bytes between two dots of a name (RFC 1035, 2.3.4)."""


class HostNotFound(Exception):
    """The resolver answered that the name has no address."""


def resolve(host: str, seconds: float) -> tuple[str, ...]:
    """Return the addresses of a host in the order in which a client tries them.

    Raises HostNotFound if there are none, CannotTell if the resolver failed or did not answer in time.
    """
    results: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_resolve, args=(host, results), name=f"resolve {host}", daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        result = CannotTell(f"the resolver gave no answer for {host} within {seconds:.1f} s")
    # RFC 6761, 6.4: no name below .invalid exists, even if the resolver is down.
    if isinstance(result, CannotTell) and host.rstrip(".").lower().endswith(".invalid"):
        result = HostNotFound(host)
    if isinstance(result, Exception):
        raise result
    return result


def _has_valid_labels(host: str) -> bool:
    """Return True if every label is 1 to 63 bytes long; the IDNA codec refuses the others."""
    return all(0 < len(label) <= MAX_LABEL_BYTES for label in host.removesuffix(".").split("."))


def _resolve(host: str, results: "queue.SimpleQueue[tuple[str, ...] | Exception]") -> None:
    """Put the addresses or the exception into the queue."""
    try:
        # Bytes bypass the IDNA codec, whose tables take longer to load than the resolver takes to answer.
        name = host.encode("ascii") if host.isascii() and _has_valid_labels(host) else host
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        results.put(HostNotFound(host))  # a label that is empty or too long
    except socket.gaierror as error:
        failure = CannotTell(f"the resolver cannot answer for {host}: {error.strerror}")
        results.put(HostNotFound(host) if error.errno in NOT_FOUND else failure)
    except OSError as error:
        results.put(CannotTell(f"the resolver cannot answer for {host}: {error.strerror}"))
    else:
        results.put(tuple(dict.fromkeys(str(address[0]) for *_, address in found)))
