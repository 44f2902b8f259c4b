"""The server of the exporter: from the target file to the end by a signal."""

import asyncio
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from diagnostics.errors import InvalidTarget, UsageError
from diagnostics.exporter.application import Application
from diagnostics.exporter.children import Children
from diagnostics.exporter.examinations import Examinations, Limits
from diagnostics.exporter.modules import modules_of
from diagnostics.exporter.web_config import WebConfig
from diagnostics.run.knowledge import catalogue_of
from diagnostics.targets.target_file import Config, read

MAX_CONNECTIONS = 1024
KEEP_ALIVE_S = 75
"""Longer than the usual interval of scrapes, so that a connection is used again."""
STOP_S = 5
"""Seconds for scrapes that run when the server ends."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Address that the exporter listens at."""

    host: str = "127.0.0.1"
    port: int = 9877


def serve(
    config: Config, kb: Callable[[], tuple[str, ...]], listen: Listen, limits: Limits, web: WebConfig
) -> None:
    """Serve until a signal. Raises UsageError, InvalidRecord before it listens.

    `kb` returns the folders of a team's entries: the file that names them is read again on `/-/reload`.
    """
    path, named = _place(config)
    targets, modules = _read(config, kb())
    children = Children([str(path), "named" if named else "found", *kb()])
    examinations = Examinations(children, targets, modules, limits)

    def read_again() -> None:
        examinations.replace(*_read(read(path, named=named), kb()))

    application = Application(examinations, children, web, read_again)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host=listen.host,
            port=listen.port,
            ssl_certfile=web.cert_file or None,
            ssl_keyfile=web.key_file or None,
            ssl_ca_certs=web.client_ca_file or None,
            ssl_cert_reqs=ssl.CERT_REQUIRED if web.client_ca_file else ssl.CERT_NONE,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
            access_log=False,
            server_header=False,
            log_level="error",
            lifespan="on",
            ws="none",
        )
    )
    asyncio.run(_run(server, application))


async def _run(server: uvicorn.Server, application: Application) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, application.reload)
    await server.serve()


def _place(config: Config) -> tuple[Path, bool]:
    """Return the path of the target file, and True if it is trusted by being named."""
    if config.file is None:
        raise UsageError("no target file; name one with --config, or write clearpay-doctor.toml")
    return config.file.path, config.file.named


def _read(config: Config, kb: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    targets = tuple(config.settings.target)
    if not targets:
        raise InvalidTarget(f"{config.path}: has no target")
    return targets, modules_of(config.settings, catalogue_of(kb))
