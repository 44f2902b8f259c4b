"""Serves the same payments with threads enough to wait, and keeps some of them free foreverybody else.

What only waits costs no CPU: let it wait in threads (gunicorn: `--worker-class gthread --threads 16`), or
in an event loop. Bound how many of them may wait for one bank: beyond that a payment is answered 503 with
Retry-After at once, and whoever asks for something else still finds a worker. Give each call a limit of
time below that of the server. What computes needs processes, one for each CPU, and not threads.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

THREADS = 16
AT_THE_BANK = 8
CUSTOMERS = 4
BANK_S = 0.15
BANK_LIMIT_S = 2.0
PAYMENTS = 3
BEAT_S = 0.02
Environment = dict[str, Any]

places = threading.BoundedSemaphore(AT_THE_BANK)


class Handler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Server(WSGIServer):
    """Has as many threads as gunicorn with `--threads 16`."""

    request_queue_size = 64
    workers = ThreadPoolExecutor(THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the request to the next free thread."""
        self.workers.submit(self.finish, request, client_address)

    def finish(self, request: Any, client_address: Any) -> None:
        """Answer one request."""
        self.finish_request(request, client_address)
        self.shutdown_request(request)


def charge(timeout_s: float) -> None:
    """Stands for a call of the bank that takes no longer than `timeout_s`."""
    time.sleep(min(BANK_S, timeout_s))


def application(environ: Environment, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer health at once, and a payment after the bank if there is a place."""
    if environ["PATH_INFO"] == "/payments":
        if not places.acquire(blocking=False):
            start_response("503 Service Unavailable", [("Retry-After", "1")])
            return []
        try:
            charge(BANK_LIMIT_S)
        finally:
            places.release()
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
    """Let the same customers pay at the same time, and see how late the health check is."""
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
