"""An address, a negative answer, a failure and a timeout of the resolver are distinguished."""

import socket
import threading

import pytest

from diagnostics.clients.dns import HostNotFound, resolve
from diagnostics.errors import CannotTell
from tests.support.deadlines import ends_within


def test_an_address_resolves_to_itself() -> None:
    assert resolve("127.0.0.1", 2) == ("127.0.0.1",)


def test_localhost_has_addresses_of_loopback() -> None:
    assert set(resolve("localhost", 2)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("name", ["clearpay-db.invalid", "x" * 64 + ".invalid", "a..b"])
def test_a_name_that_cannot_exist_is_not_found(name: str) -> None:
    with pytest.raises(HostNotFound):
        resolve(name, 2)


def test_a_resolver_that_is_down_leaves_the_question_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", down)

    with pytest.raises(CannotTell, match="Temporary failure"):
        resolve("db.internal", 2)
    with pytest.raises(HostNotFound):
        resolve("clearpay-db.invalid", 2)


def test_a_resolver_that_hangs_costs_no_more_than_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: hanging.wait(10) and [])

    with ends_within(0.1), pytest.raises(CannotTell, match=r"no answer for db\.internal within 0\.1 s"):
        resolve("db.internal", 0.1)

    hanging.set()
