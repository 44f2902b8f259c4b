"""Handshakes that fail for other reasons than the certificate, and hostile servers."""

import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.builder import leaf
from diagnostics.lab.certificates.malformed import changed, encode
from diagnostics.lab.faults.trust import NO_CIPHER
from tests.diagnostics.clients.postgres.foreign_servers import (
    Behaviour,
    fake_server,
    hang_up,
    only_listen,
    sends_first,
)
from tests.diagnostics.probes.sites import Site
from tests.support.deadlines import ends_within
from tests.support.tls_servers import handshake, s_server


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
    ("curve", "detail"),
    [
        (ec.SECP192R1(), "clients accept no key of this kind: EC P-192, 192 bits"),
        (ec.SECP224R1(), "clients accept no key of this kind: EC P-224, 224 bits"),
        (ec.SECP256K1(), "clients accept no key of this kind: EC secp256k1, 256 bits"),
        (ec.BrainpoolP256R1(), "clients accept no key of this kind: EC brainpoolP256r1, 256 bits"),
        (ec.BrainpoolP384R1(), "clients accept no key of this kind: EC brainpoolP384r1, 384 bits"),
        (ec.BrainpoolP512R1(), "clients accept no key of this kind: EC brainpoolP512r1, 512 bits"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_key_on_a_curve_that_clients_do_not_offer_is_named(
    site: Site, curve: ec.EllipticCurve, detail: str
) -> None:
    shown = leaf(site.files.root, key=ec.generate_private_key(curve))
    files = authority.write(site.files.ca.parent / "curve", site.files.root, shown)
    with s_server(files, "-cipher", "ALL:@SECLEVEL=0") as port:
        refusal = handshake(ssl.create_default_context(cafile=site.files.ca), port)
        result = site.looked(f"https://localhost:{port}/")

    assert "HANDSHAKE_FAILURE" in refusal
    assert (result.outcome, result.codes) == ("fail", ["tls.weak_key"])
    assert result.evidence["at fault"].note.startswith(detail)


def test_a_dsa_key_is_named(site: Site) -> None:
    folder = site.files.ca.parent
    shown = leaf(site.files.root)
    files = authority.write(folder / "dsa", site.files.root, shown)
    key = dsa.generate_private_key(2048)
    template = shown.certificate
    builder = x509.CertificateBuilder(
        template.issuer, template.subject, key.public_key(), 7,
        template.not_valid_before_utc, template.not_valid_after_utc, list(template.extensions),
    )  # fmt: skip
    own = builder.sign(site.files.root.key, hashes.SHA256())
    files.certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with s_server(files, "-cipher", "ALL:@SECLEVEL=0") as port:
        result = site.looked(f"https://localhost:{port}/")

    assert (result.outcome, result.codes) == ("fail", ["tls.weak_key"])
    assert "clients accept no key of this kind: DSA" in result.evidence["at fault"].note


def test_a_short_key_does_not_hide_a_mismatch(site: Site) -> None:
    shown = leaf(site.files.root, key=rsa.generate_private_key(65537, 1024))  # noqa: S505  it is the fault
    files = authority.write(site.files.ca.parent / "short", site.files.root, shown)
    with s_server(files, "-tls1_2", "-cipher", "NULL:@SECLEVEL=0") as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.protocol_mismatch"]


def test_a_version_that_is_too_old_comes_before_a_rare_key(site: Site) -> None:
    shown = leaf(site.files.root, key=ec.generate_private_key(ec.SECP256K1()))
    files = authority.write(site.files.ca.parent / "curve", site.files.root, shown)
    with s_server(files, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.protocol_mismatch"]


def test_a_server_for_other_application_protocols_is_a_mismatch(site: Site) -> None:
    context = ssl.create_default_context(cafile=site.files.ca)
    context.set_alpn_protocols(["http/1.1"])
    with s_server(site.files, "-alpn", "h2") as port:
        refusal = handshake(context, port)
        result = site.looked(f"https://localhost:{port}/")
        bare = site.looked(f"localhost:{port}")

    assert "NO_APPLICATION_PROTOCOL" in refusal.upper().replace(" ", "_")
    assert (result.outcome, result.codes) == ("fail", ["tls.protocol_mismatch"])
    offer = result.evidence["server offers"]
    assert (offer.value, offer.expected) == ("h2", "http/1.1")
    assert bare.outcome == "pass"


def test_certificates_of_more_than_100_kb_are_refused_with_a_finding(site: Site) -> None:
    huge = leaf(
        site.files.root, names=("localhost", *(f"n{number}.clearpay.example" for number in range(6000)))
    )
    files = authority.write(site.files.ca.parent / "huge", site.files.root, huge)
    site.front.present(files)

    refusal = handshake(ssl.create_default_context(cafile=site.files.ca), site.front.port)
    result = site.looked()

    assert refusal == "EXCESSIVE_MESSAGE_SIZE"
    assert (result.outcome, result.codes) == ("fail", ["tls.invalid_certificate"])
    assert "exceeds the 100 KB" in result.evidence["handshake"].note


def test_what_the_server_offers_is_shown(site: Site) -> None:
    site.front.newest, site.front.ciphers = ssl.TLSVersion.TLSv1_2, NO_CIPHER

    found = site.looked()

    assert found.codes == ["tls.protocol_mismatch"]
    assert found.evidence["server offers"].value == "TLSv1.2 with ECDHE-ECDSA-NULL-SHA"


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_a_server_of_an_old_version_is_a_mismatch(site: Site, version: str) -> None:
    with s_server(site.files, version, "-cipher", "ALL:@SECLEVEL=0") as port:
        found = site.looked(f"https://localhost:{port}/")

    assert found.codes == ["tls.protocol_mismatch"]
    assert str(found.evidence["server offers"].value).startswith("TLSv1")


def test_a_server_without_encryption_is_a_mismatch(site: Site) -> None:
    with s_server(site.files, "-tls1_2", "-cipher", "NULL:@SECLEVEL=0") as port:
        assert site.looked(f"https://localhost:{port}/").codes == ["tls.protocol_mismatch"]


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
