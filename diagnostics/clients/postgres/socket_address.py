"""One address of one host, and what the operating system says about connecting to it."""

import errno
import os
import socket
from dataclasses import dataclass

from diagnostics.clients.postgres.stream import Ended

NO_ROUTE = {
    errno.EACCES,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EPERM,
}


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """One address of one host: a numeric address and port, or the folder of a unix socket."""

    host: str
    address: str
    port: int

    @property
    def local(self) -> bool:
        """Whether it is a unix socket."""
        return self.address.startswith(("/", "@"))

    @property
    def shown(self) -> str:
        """The address as evidence names it."""
        if self.local:
            return f"{self.address}/.s.PGSQL.{self.port}"
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def connect(door: SocketAddress, seconds: float) -> socket.socket:
    """Connect to one address. Raises Ended: what the operating system, or its silence, says."""
    family = socket.AF_UNIX if door.local else socket.AF_INET6 if ":" in door.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(seconds, 0.001))
        sock.connect(_socket_address(door, family))
    except OSError as error:
        sock.close()
        raise _unreachable(error, door) from None
    return sock


def _socket_address(door: SocketAddress, family: socket.AddressFamily) -> str | tuple[object, ...]:
    if door.local:
        name = door.shown
        return "\0" + name[1:] if name.startswith("@") else name
    found = socket.getaddrinfo(door.address.encode(), door.port, family, flags=socket.AI_NUMERICHOST)
    return found[0][4]


def _unreachable(error: OSError, door: SocketAddress) -> Ended:
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    detail = f"{name}: {os.strerror(error.errno)}" if error.errno else str(error)
    if isinstance(error, TimeoutError) or error.errno == errno.EAGAIN:
        return Ended("timeout", "no answer to the connection request")
    if error.errno == errno.ECONNREFUSED:
        return Ended("refused", detail)
    if error.errno == errno.ECONNRESET:
        return Ended("closed", detail)
    if error.errno == errno.ENOENT and door.local:
        return Ended("socket_missing", detail)
    return Ended("no_route" if error.errno in NO_ROUTE else "local", detail)
