"""Processes of a local server: those that serve, and the traits of event loops and of workers (proc(5)).

gunicorn and uvicorn start workers that share the listening socket of their parent, which serves nothing.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
EVENT_POLL: Final = "anon_inode:[eventpoll]"
SOCKET: Final = re.compile(r"socket:\[(\d+)\]")
LIBRARIES: Final = (
    ("gevent", re.compile(r"/gevent/")),
    ("uvloop", re.compile(r"/uvloop/")),
    ("asyncio", re.compile(r"/_asyncio\.")),
    ("libuv", re.compile(r"/(node|nodejs|deno|bun)$", re.MULTILINE)),
)
"""Libraries of event loops by a file that the process has mapped; the first match counts."""
ESTABLISHED, LISTENING = "01", "0A"
"""States of TCP in /proc/net/tcp."""
REMOTE, STATE, INODE = 2, 3, 9
"""Columns of /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class ProcessTraits:
    """Traits of the processes that serve."""

    pids: tuple[int, ...]
    polls: bool
    """True if one of them has an epoll instance, without which Linux has no event loop."""
    library: str
    """Library of an event loop that one of them has loaded; empty if there is none."""


def serving_processes(pid: int, ports: Collection[int] = (), proc: Path = PROC) -> tuple[int, ...]:
    """Return the processes that serve: those that hold connections from these local ports, if there are any.

    Otherwise the children that share a listening socket with the process, otherwise the process itself.
    """
    family = [pid, *_descendants(pid, proc)]
    sockets = {member: set(_socket_inodes(member, proc)) for member in family}
    accepted = set(_inodes(pid, proc, ESTABLISHED, ports)) if ports else set()
    owners = tuple(member for member in family if sockets[member] & accepted)
    if owners:
        return owners
    listening = sockets[pid] & set(_inodes(pid, proc, LISTENING))
    return tuple(member for member in family[1:] if sockets[member] & listening) or (pid,)


def process_traits(pids: Iterable[int], proc: Path = PROC) -> ProcessTraits | None:
    """Return the traits of processes; None if their files cannot be read (not Linux, another user)."""
    members = tuple(pids)
    try:
        files = [str(path.readlink()) for pid in members for path in _descriptors(pid, proc)]
        maps = "\n".join((proc / str(pid) / "maps").read_text("utf-8", "replace") for pid in members)
    except OSError:
        return None
    library = next((name for name, pattern in LIBRARIES if pattern.search(maps)), "")
    return ProcessTraits(members, EVENT_POLL in files, library) if files else None


def _descendants(pid: int, proc: Path) -> Iterator[int]:
    for path in (proc / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text("ascii").split()):
                yield child
                yield from _descendants(child, proc)


def _descriptors(pid: int, proc: Path) -> list[Path]:
    """Return the open files of a process; one that is closed meanwhile is left out. Raises OSError."""
    return [path for path in (proc / str(pid) / "fd").iterdir() if path.is_symlink()]


def _socket_inodes(pid: int, proc: Path) -> Iterator[str]:
    with suppress(OSError):
        for path in _descriptors(pid, proc):
            with suppress(OSError):
                if match := SOCKET.match(str(path.readlink())):
                    yield match[1]


def _inodes(pid: int, proc: Path, state: str, remote_ports: Collection[int] | None = None) -> Iterator[str]:
    """Yield the inodes of TCP sockets in a state, with these remote ports if they are given."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (proc / str(pid) / "net" / name).read_text("ascii").splitlines()[1:]:
                columns = line.split()
                port = int(columns[REMOTE].rpartition(":")[2], 16)
                if columns[STATE] == state and (remote_ports is None or port in remote_ports):
                    yield columns[INODE]
