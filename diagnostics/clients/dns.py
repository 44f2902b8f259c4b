"""Name resolution that ends: getaddrinfo obeys no timeout, so it waits on a thread of its own."""

import queue
import socket
import threading

from diagnostics.errors import CannotTell

NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

LONGEST_LABEL = 63
"""Bytes between two dots of a name (RFC 1035, 2.3.4)."""


class HostNotFound(Exception):
    """The resolver answered: the name has no address."""


def resolve(host: str, seconds: float) -> tuple[str, ...]:
    """Addresses of a host in the order in which a client tries them.

    Raises HostNotFound where there are none, CannotTell where the resolver gave no answer in time.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(host, answers), name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        answer = CannotTell(f"the resolver gave no answer for {host} within {seconds:.1f} s")
    # RFC 6761, 6.4: no name below .invalid exists, whatever a resolver that is down says.
    if isinstance(answer, CannotTell) and host.rstrip(".").lower().endswith(".invalid"):
        answer = HostNotFound(host)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _is_plain(host: str) -> bool:
    """Whether each label has a length that DNS takes; IDNA says of the others that they exist nowhere."""
    return all(0 < len(label) <= LONGEST_LABEL for label in host.removesuffix(".").split("."))


def _ask(host: str, answers: "queue.SimpleQueue[tuple[str, ...] | Exception]") -> None:
    try:
        # As bytes a plain name needs no IDNA, whose tables take longer to load than the resolver to answer.
        name = host.encode("ascii") if host.isascii() and _is_plain(host) else host
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        answers.put(HostNotFound(host))  # a label that is empty or too long exists nowhere
    except socket.gaierror as error:
        known = error.errno in NOT_FOUND
        reason = CannotTell(f"the resolver cannot answer for {host}: {error.strerror}")
        answers.put(HostNotFound(host) if known else reason)
    except OSError as error:
        answers.put(CannotTell(f"the resolver cannot answer for {host}: {error.strerror}"))
    else:
        answers.put(tuple(dict.fromkeys(str(address[0]) for *_, address in found)))
