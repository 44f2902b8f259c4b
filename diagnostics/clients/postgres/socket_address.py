"""Socket addresses of PostgreSQL servers, and the errors of connecting to them."""

import errno
import os
import socket
from dataclasses import dataclass

from diagnostics.clients.postgres.stream import ConnectionFailed

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
    """One address of one host: a numeric address and port, or the folder of a Unix socket."""

    host: str
    address: str
    port: int

    @property
    def local(self) -> bool:
        """True for a Unix socket."""
        return self.address.startswith(("/", "@"))

    @property
    def shown(self) -> str:
        """Address and port, or the path of the socket, as evidence shows it."""
        if self.local:
            return f"{self.address}/.s.PGSQL.{self.port}"
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def connect(address: SocketAddress, seconds: float) -> socket.socket:
    """Connect to one address within `seconds`. Raises ConnectionFailed with the operating system's error."""
    family = (
        socket.AF_UNIX if address.local else socket.AF_INET6 if ":" in address.address else socket.AF_INET
    )
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(seconds, 0.001))
        sock.connect(_socket_address(address, family))
    except OSError as error:
        sock.close()
        raise _unreachable(error, address) from None
    return sock


def _socket_address(address: SocketAddress, family: socket.AddressFamily) -> str | tuple[object, ...]:
    if address.local:
        name = address.shown
        return "\0" + name[1:] if name.startswith("@") else name
    infos = socket.getaddrinfo(address.address.encode(), address.port, family, flags=socket.AI_NUMERICHOST)
    return infos[0][4]


def _unreachable(error: OSError, address: SocketAddress) -> ConnectionFailed:
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    detail = f"{name}: {os.strerror(error.errno)}" if error.errno else str(error)
    if isinstance(error, TimeoutError) or error.errno == errno.EAGAIN:
        return ConnectionFailed("timeout", "no answer to the connection request")
    if error.errno == errno.ECONNREFUSED:
        return ConnectionFailed("refused", detail)
    if error.errno == errno.ECONNRESET:
        return ConnectionFailed("closed", detail)
    if error.errno == errno.ENOENT and address.local:
        return ConnectionFailed("socket_missing", detail)
    return ConnectionFailed("no_route" if error.errno in NO_ROUTE else "local", detail)
