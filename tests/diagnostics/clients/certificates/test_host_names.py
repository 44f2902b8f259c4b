"""Names are compared by the rules of libpq, which differ from those of OpenSSL."""

from collections.abc import Sequence
from pathlib import Path

import psycopg2
import pytest

from diagnostics.clients.certificates.certificate import parse
from diagnostics.clients.certificates.host_names import covers, covers_for_libpq
from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.servers.tls_proxy import TlsProxy
from tests.diagnostics.clients.postgres.foreign_servers import READY, FakeServer, answers, attempt_startup
from tests.diagnostics.probes.odd_certificates import der

ROOT = authority("ClearPay lab CA")
HOST = "db.internal"


@pytest.mark.parametrize(
    ("names", "common", "host", "taken"),
    [
        ((HOST,), "", HOST, True),
        (("DB.Internal",), "", HOST, True),
        (("*.internal",), "", HOST, True),  # OpenSSL requires two labels after a wildcard
        (("*.internal",), "", "a.db.internal", False),
        (("*.db.internal",), "", "my_db.db.internal", True),
        (("d*.internal",), "", HOST, False),
        ((HOST,), "", "db.internal.", False),
        ((), HOST, HOST, True),
        ((), "*.internal", HOST, True),
        (("other.internal",), HOST, HOST, False),
        (("127.0.0.1",), HOST, HOST, True),  # no name of the host's kind
        (("127.0.0.1",), "", "127.0.0.1", True),
        (("127.0.0.2",), "127.0.0.1", "127.0.0.1", False),
        ((), "127.0.0.1", "127.0.0.1", True),
        ((HOST,), "127.0.0.1", "127.0.0.1", True),
        (("::1",), "", "::1", True),
        (("::1",), "", "::2", False),
    ],
)
def test_libpq_and_we_agree_on_a_name(
    tmp_path: Path, names: Sequence[str], common: str, host: str, *, taken: bool
) -> None:
    shown = leaf(ROOT, names=names, name=common)
    files = certificates.write(tmp_path / "db", ROOT, shown)
    query = f"sslmode=verify-full&sslrootcert={files.ca}"

    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files) as front:
        refusal = refused_by_libpq(front.port, host, query)
        ours = attempt_startup(front.port, query, name=host)

    assert (refusal == "") == taken, refusal
    assert ours.problem == ("" if taken else "certificate")
    assert covers_for_libpq(parse(der(shown)), host) == taken


def refused_by_libpq(port: int, host: str, query: str) -> str:
    """Return libpq's message about a certificate; empty if it accepts it."""
    address = f"[{host}]" if ":" in host else host
    try:
        psycopg2.connect(f"postgresql://app_user@{address}:{port}/db?{query}&hostaddr=127.0.0.1").close()
    except psycopg2.OperationalError as error:
        return str(error)
    return ""


def test_verify_full_needs_a_name_and_not_an_address_alone(tmp_path: Path) -> None:
    files = certificates.make(tmp_path / "db")
    query = f"sslmode=verify-full&sslrootcert={files.ca}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files) as front:
        url = f"postgresql://app_user@/db?hostaddr=127.0.0.1&port={front.port}&{query}"
        with pytest.raises(psycopg2.OperationalError, match="host name must be specified"):
            psycopg2.connect(url)

    assert not covers_for_libpq(parse(der(leaf(ROOT))), "")


@pytest.mark.parametrize(
    ("names", "wanted", "taken"),
    [
        (("*.pay.example",), "api.pay.example", True),
        (("*.example",), "pay.example", False),
        (("xn--bcher-kva.example",), "bücher.example", True),
        (("127.0.0.1",), "127.0.0.1", True),
        (("localhost",), "a..b", False),
    ],
)
def test_evidence_follows_the_rules_of_openssl(names: tuple[str, ...], wanted: str, *, taken: bool) -> None:
    assert covers(names, wanted) == taken
