"""Serves payments with two workers, each of which waits for a bank; its health check waits for a free worker.

A worker of a WSGI server answers one request at a time, from the first byte to the last. While it waits
for a bank, a database or a client that sends slowly, it does nothing else. Two payments occupy both
workers, and the third request, even if it is only the health check, stands in line. The bank is called
without a limit of time, so a bank that hangs keeps the workers forever, and all other requests with them.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

WORKERS = 2
CUSTOMERS = 4
BANK_S = 0.15
PAYMENTS = 3
BEAT_S = 0.02
Environment = dict[str, Any]


class Handler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Server(WSGIServer):
    """Has as many workers as gunicorn with `--workers 2`."""

    request_queue_size = 64
    workers = ThreadPoolExecutor(WORKERS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the request to the next free worker."""
        self.workers.submit(self.finish, request, client_address)

    def finish(self, request: Any, client_address: Any) -> None:
        """Answer one request."""
        self.finish_request(request, client_address)
        self.shutdown_request(request)


def charge() -> None:
    """Stands for a call of the bank, without a limit of time."""
    time.sleep(BANK_S)


def application(environ: Environment, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer health at once and a payment after the bank."""
    if environ["PATH_INFO"] == "/payments":
        charge()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"status": "ok"}']


def ask(port: int, path: str) -> float:
    """Send one request, and return how long it took."""
    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()
    return time.perf_counter() - began


def pay(port: int) -> None:
    """Send payments, one after the other."""
    for _ in range(PAYMENTS):
        ask(port, "/payments")


def main() -> None:
    """Let some customers pay at the same time, and see how late the health check is."""
    with make_server("127.0.0.1", 0, application, Server, Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        customers = [threading.Thread(target=pay, args=(server.server_port,)) for _ in range(CUSTOMERS)]
        for customer in customers:
            customer.start()
        late_ms = [ask(server.server_port, "/healthz") * 1000]
        while any(customer.is_alive() for customer in customers):
            time.sleep(BEAT_S)
            late_ms.append(ask(server.server_port, "/healthz") * 1000)
        server.shutdown()
    late_ms.sort()
    print(f"payments: {CUSTOMERS * PAYMENTS}; health, usual time taken: {late_ms[len(late_ms) // 2]:.1f} ms")


if __name__ == "__main__":
    main()
