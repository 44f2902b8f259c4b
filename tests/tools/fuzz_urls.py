"""Fuzzer of addresses: an endpoint with its hosts, or one line with the expected form.

Usage: python -m tests.tools.fuzz_urls --seconds 60 --seed 1
"""

import os
import random
import sys
from typing import Final
from unittest.mock import patch

from diagnostics.clients.http.get_request import proxy_of
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection
from diagnostics.clients.http.messages import Request
from diagnostics.clients.http.request_target import request_target
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.tls.web_request import get_request
from diagnostics.errors import CannotTell, UsageError
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target, endpoint, hosts_of
from diagnostics.targets.target_file import Config, default_target
from diagnostics.targets.validation import password_in, problems
from kb.parsers.characters import unsafe_character
from kb.parsers.malformed import Malformed
from kb.parsers.url import query_parameters, split_url
from tests.support.fuzzing import main, mutated, text_of

URLS: Final = (

    b"postgresql://app:p%40ss@db.internal:5432/transactions?sslmode=verify-full&target_session_attrs=read-write",
    b"postgresql+psycopg2://app@h1:1,h2:2/db?host=a:1&host=b", b"postgresql:///db?host=/var/run",
    b"postgresql://[::1]/x",
    b"https://user:pw@api.clearpay.example:8443/v1/x?y=1#z", b"http://127.0.0.1:9",
    b"http://\xc3\xa4.example/\xc3\xbc?\xe2\x82\xac",
    b"db.internal:5432", b"[::1]:5432", b"./folder", b"http://127.0.0.1:8000/work?a=b c",
)  # fmt: skip


def attempt(source: random.Random) -> None:
    """Use a mutated address in every place that takes one."""
    data = source.choice(URLS)
    url = text_of(mutated(data, source) if source.random() < 0.95 else data)
    if source.random() < 0.2:
        url = url.replace("\n", "").replace("\0", "")
    _split(url)
    _ = password_in(url), query_parameters(url)
    for settings in (TargetSettings(database=url), TargetSettings(api=url)):
        list(problems("fuzzed", settings))
    try:
        point = endpoint(url)
    except UsageError as error:
        if len(str(error)) > 1000:
            raise AssertionError("a very long message") from None
        return
    if unsafe_character(point.name):
        raise AssertionError(f"unsafe characters in {point.name!a}")
    target = Target("fuzzed", (point,))
    _ = target.production, hosts_of(point), placeholder_values(target)
    if point.kind == "postgresql":
        _database(url)
    elif point.kind in {"http", "https"}:
        _web(url)


def _split(url: str) -> None:
    try:
        parts = split_url(url)
    except Malformed as error:
        if len(str(error)) > 10_000:
            raise AssertionError("a very long message") from None
        return
    if "," not in parts.netloc:
        _ = parts.port, parts.hostname


def _database(url: str) -> None:
    try:
        _ = connection_settings(url).hosts
    except (CannotTell, UsageError) as error:
        _ = str(error)
    try:
        default_target(Config(), {"DATABASE_URL": url})
    except UsageError as error:
        _ = str(error)


def _web(url: str) -> None:
    request_target(url)
    get_request(url, "host")
    with SocketDeadline(1.0) as deadline, KeepAliveConnection(url, None, deadline):
        pass
    clean = url.replace("\0", "")
    try:
        with patch.dict(os.environ, {"http_proxy": clean.encode("utf-8", "replace").decode()}):
            proxy_of(Request("http://127.0.0.1:9/", 1.0))
        proxy_of(Request("http://127.0.0.1:9/", 1.0, proxy=url))
        proxy_of(Request(url, 1.0))
    except CannotTell as error:
        _ = str(error)


if __name__ == "__main__":
    sys.exit(main("fuzz_urls", attempt))
