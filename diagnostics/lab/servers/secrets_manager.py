"""AWS Secrets Manager, simulated by moto in this process on loopback."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

_accounts = itertools.count(100_000_000_001)


class _Quiet(MotoRequestHandler):
    """Request handler without an access log: stderr belongs to the user of the lab."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  the name is werkzeug's
        pass


class _Account:
    """Middleware with an AWS account of its own: moto has one state per process, with a part per account."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._account = str(next(_accounts))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._account
        return self._application(environ, start_response)


@contextmanager
def serving() -> Iterator[str]:
    """Serve an empty Secrets Manager on loopback; yield its URL."""
    application = _Account(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="lab-secrets", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
