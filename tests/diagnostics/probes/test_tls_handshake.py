"""Handshakes that fail for other reasons than the certificate, and hostile servers."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.builder import leaf
from diagnostics.lab.certificates.malformed import changed, encode
from diagnostics.lab.faults.trust import NO_CIPHER
from diagnostics.lab.process.environment import clean
from tests.diagnostics.clients.postgres.foreign_servers import (
    Behaviour,
    fake_server,
    hang_up,
    only_listen,
    sends_first,
)
from tests.diagnostics.probes.sites import Site
from tests.support.deadlines import ends_within


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_demanded_client_certificate_is_seen_whether_now_or_at_the_first_read(
    site: Site, newest: ssl.TLSVersion
) -> None:
    site.front.clients, site.front.newest = site.files.ca, newest

    assert site.looked().codes == ["tls.client_certificate_demanded"]


def test_a_client_certificate_that_is_taken_ends_the_demand(site: Site) -> None:
    site.front.clients = site.files.ca
    own = authority.write(
        site.files.ca.parent / "client", site.files.root, leaf(site.files.root, purpose=None)
    )
    tls = site.tls(
        client_cert=str(own.certificate),
        client_key=str(own.key),
    )

    found = site.looked(tls=tls)

    assert found.outcome == "pass"
    assert found.evidence["client certificate"].ok is True


def test_plain_http_is_distinguished_from_tls(site: Site) -> None:
    site.front.plain = True

    assert site.looked().codes == ["tls.plain_http"]


@pytest.mark.parametrize("begin", [b"http/1.0 400 Bad\r\n", b"\r\n<!DOCTYPE html>", b"<html>"])
def test_a_page_in_plain_http_is_recognised_however_it_begins(site: Site, begin: bytes) -> None:
    with fake_server(sends_first(begin)) as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.plain_http"]


def test_an_alert_that_demands_a_client_certificate_needs_no_request_before(site: Site) -> None:
    with fake_server(sends_first(b"\x15\x03\x03\0\x02\x02\x74")) as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.client_certificate_demanded"]


@pytest.mark.parametrize(
    "curve", [ec.SECP224R1(), ec.SECP256K1(), ec.BrainpoolP256R1()], ids=lambda curve: curve.name
)
def test_a_key_on_a_curve_that_the_client_does_not_speak_is_a_mismatch(
    site: Site, curve: ec.EllipticCurve
) -> None:
    shown = leaf(site.files.root, key=ec.generate_private_key(curve))
    site.front.present(authority.write(site.files.ca.parent / "curve", site.files.root, shown))

    assert site.looked().codes == ["tls.protocol_mismatch"]


def test_what_the_server_offers_is_shown(site: Site) -> None:
    site.front.newest, site.front.ciphers = ssl.TLSVersion.TLSv1_2, NO_CIPHER

    found = site.looked()

    assert found.codes == ["tls.protocol_mismatch"]
    assert found.evidence["server offers"].value == "TLSv1.2 with ECDHE-ECDSA-NULL-SHA"


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_a_server_of_an_old_version_is_a_mismatch(site: Site, version: str) -> None:
    with s_server(site, version, "-cipher", "ALL:@SECLEVEL=0") as port:
        found = site.looked(f"https://localhost:{port}/")

    assert found.codes == ["tls.protocol_mismatch"]
    assert str(found.evidence["server offers"].value).startswith("TLSv1")


def test_a_server_without_encryption_is_a_mismatch(site: Site) -> None:
    with s_server(site, "-tls1_2", "-cipher", "NULL:@SECLEVEL=0") as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.protocol_mismatch"]


@contextmanager
def s_server(site: Site, *options: str) -> Iterator[int]:
    """Run `openssl s_server` with options that Python does not offer; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", *options]
    command += ["-cert", str(site.files.certificate), "-key", str(site.files.key), "-www"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean()) as server:
        assert server.stdout is not None
        while b"ACCEPT" not in server.stdout.readline():
            assert server.poll() is None
        try:
            yield port
        finally:
            server.kill()


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (hang_up, "closed"),
        (only_listen, "silent"),
        (sends_first(b"SSH-2.0-x\r\n"), "speaks"),
        (sends_first(bytes(500)), "the handshake failed"),
    ],
)
def test_a_server_without_tls_is_unknown_in_time(site: Site, behave: Behaviour, reason: str) -> None:
    with fake_server(behave) as port, ends_within(4):
        found = site.looked(f"https://localhost:{port}/")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert reason in found.reason + found.evidence["handshake"].note


def test_a_server_that_drips_cannot_stretch_the_deadline(site: Site) -> None:
    def drip(client: socket.socket) -> None:
        for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
            client.sendall(bytes([byte]))
            client.settimeout(0.05)
            try:
                client.recv(1)
            except TimeoutError:
                continue

    with fake_server(drip) as port, ends_within(4):
        found = site.looked(f"https://localhost:{port}/")

    assert found.outcome == "unknown"


def test_nobody_there_is_unknown_and_no_finding(site: Site) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = site.looked(f"https://127.0.0.1:{closed.getsockname()[1]}/")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "refused" in found.reason


def test_a_certificate_that_cannot_be_read_is_reported(site: Site) -> None:
    pair = leaf(site.files.root)
    wrong = encode(0x30, encode(0x17, b"991332000000Z") * 2)
    broken = changed(pair, site.files.root, lambda fields: [*fields[:4], wrong, *fields[5:]])
    files = authority.write(site.files.ca.parent / "broken", site.files.root, pair)
    files.certificate.write_text(ssl.DER_cert_to_PEM_cert(broken), "ascii")
    site.front.present(files)

    found = site.looked()

    assert (found.outcome, found.codes) == ("fail", ["tls.invalid_certificate"])
    assert found.evidence["verify code"].value == 13
    assert "cannot be read" in str(found.evidence["chain"].value)


def test_escapes_in_a_name_reach_no_terminal(site: Site) -> None:
    shown = leaf(None, name="\x1b]0;owned\x07\x1b[31mred")
    site.front.present(authority.write(site.files.ca.parent / "odd", site.files.root, shown))

    assert "\x1b" not in repr(site.looked().evidence).encode().decode("unicode_escape")
