"""Base of the TCP servers on loopback: ready when started, gone when ended."""

import socket
import struct
import threading
from typing import Self

MAX_CONNECTIONS = 64
"""Concurrent connections; a further one waits in the backlog."""
POLL_S = 0.02


class Listener:
    """TCP server that calls `handle` in a thread for each connection, and ends all when it closes."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._open = False
        self._socket = _listening(0)
        self.port = int(self._socket.getsockname()[1])

    def handle(self, client: socket.socket) -> None:
        """Serve one connection in its thread; it is closed afterwards."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.refuse()
        with self._lock:
            clients, threads = list(self._clients), list(self._threads)
        for client in clients:
            _shut(client)
        for thread in threads:
            thread.join()

    def refuse(self) -> None:
        """Stop listening, so that the kernel refuses further connections. Open ones stay."""
        if self._open:
            self._open = False
            # Closing alone would leave accept() blocked in its thread, and the port open.
            _shut(self._socket)
            self._accepting.join()
        self._socket.close()

    def resume(self) -> None:
        """Listen again on the same port."""
        if self._socket.fileno() == -1:
            self._socket = _listening(self.port)
        self._socket.settimeout(POLL_S)
        self._open = True
        self._accepting = threading.Thread(target=self._accept, name="lab-accept", daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while self._open:
            if not self._free.acquire(timeout=POLL_S):
                continue
            try:
                client, _ = self._socket.accept()
            except OSError:
                self._free.release()
                continue
            thread = threading.Thread(target=self._serve, args=(client,), name="lab-serve", daemon=True)
            with self._lock:
                self._clients.add(client)
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.handle(client)
        except OSError:
            return
        finally:
            with self._lock:
                self._clients.discard(client)
            self._free.release()


def reset(connection: socket.socket) -> None:
    """Close a connection with RST, as a crashed peer or a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def cut(connection: socket.socket) -> None:
    """Close a connection with FIN, and drain it so that no RST overtakes the FIN."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(1)
    while connection.recv(65536):
        pass


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=MAX_CONNECTIONS)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
