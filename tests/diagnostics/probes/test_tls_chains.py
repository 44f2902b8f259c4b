"""Unusual chains are accepted if OpenSSL accepts them, else reported with the right finding."""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509

from diagnostics.clients.tls.endpoint import STRICT
from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.certificates.malformed import encode
from tests.diagnostics.clients.postgres.foreign_servers import Behaviour, fake_server
from tests.diagnostics.probes.odd_certificates import (
    TRUE,
    Link,
    der,
    extended,
    extension,
    handshake_with,
    key_of,
    replaced,
)
from tests.diagnostics.probes.odd_chains import CONSTRAINTS, OLD, REFUSED, TAKEN, Case, below, issuing
from tests.diagnostics.probes.running import ProbeResult
from tests.diagnostics.probes.sites import Site


def shown(site: Site, chain: Sequence[Link], trusted: Link | None = None) -> Path:
    """Install a chain on the site; return the bundle that its clients trust."""
    first = key_of(chain[0])
    files = certificates.write(site.files.ca.parent / "chains", site.files.root, first)
    files.certificate.write_text("".join(ssl.DER_cert_to_PEM_cert(der(link)) for link in chain), "ascii")
    if trusted is not None:
        files.ca.write_text(ssl.DER_cert_to_PEM_cert(der(trusted)), "ascii")
    site.front.present(files)
    return files.ca


def openssl(port: int, ca: Path) -> tuple[int, str]:
    """Return the verify code and message of a Python client without strict rules."""
    context = ssl.create_default_context(cafile=ca)
    context.hostname_checks_common_name = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        try:
            context.wrap_socket(sock, server_hostname="localhost").close()
        except ssl.SSLCertVerificationError as error:
            return error.verify_code, error.verify_message
    return 0, ""


def looked(site: Site, ca: Path) -> ProbeResult:
    return site.looked(tls=site.tls(ca_file=str(ca)))


@pytest.mark.parametrize("name", TAKEN)
def test_what_openssl_takes_passes_however_odd_it_is(site: Site, name: str) -> None:
    ca = shown(site, TAKEN[name](site.files.root))

    found = looked(site, ca)

    assert openssl(site.front.port, ca) == (0, "")
    assert found.outcome == "pass", found


@pytest.mark.parametrize("name", REFUSED)
def test_what_openssl_refuses_has_a_finding_and_openssls_sentence(site: Site, name: str) -> None:
    case: Case = REFUSED[name]
    chain = case.make(site.files.root)
    sent = chain if case.trusts is None else [link for at, link in enumerate(chain) if at != case.trusts]
    ca = shown(site, sent, None if case.trusts is None else chain[case.trusts])

    found = looked(site, ca)
    code, sentence = openssl(site.front.port, ca)

    assert code, "OpenSSL takes it"
    assert found.evidence["verify code"].value == code
    assert found.evidence["verify code"].note == sentence
    assert (found.outcome, found.codes) == ("fail", [f"tls.{case.finding}"])
    assert case.at in found.evidence["at fault"].note
    others = "\n".join(
        str(evidence.value) for evidence in found.all_evidence if evidence.name == "also wrong"
    )
    assert all(words in others for words in case.also)
    assert bool(others) == bool(case.also), others


EXPIRED = Case(lambda root: below(issuing(root, **OLD)), "expired_intermediate", "intermediate")


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_demand_for_a_certificate_hides_no_chain(site: Site, newest: ssl.TLSVersion) -> None:
    ca = shown(site, EXPIRED.make(site.files.root))
    site.front.clients, site.front.newest = site.files.ca, newest

    found = looked(site, ca)

    assert found.codes == ["tls.expired_intermediate"]
    assert found.steps.count("handshake") == 1
    assert found.evidence["sent"].value == 2


def sends(*chain: bytes) -> Behaviour:
    """Return a server that sends these bytes as its certificates and then waits."""

    def behave(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(handshake_with(chain))
        while client.recv(1000):
            continue

    return behave


GARBAGE = encode(0x30, b"no certificate")


@pytest.mark.parametrize("what", ["garbage", "cut off", "garbage behind it", "garbage after it", "thousands"])
def test_what_is_no_certificate_is_refused_and_named(site: Site, what: str) -> None:
    good = der(leaf(site.files.root))
    sent = {
        "garbage": (GARBAGE,),
        "cut off": (good[:-9],),
        "garbage behind it": (good + b"\0\0",),
        "garbage after it": (good, GARBAGE),
        "thousands": (b"",) * 5000,
    }
    with fake_server(sends(*sent[what])) as port:
        found = site.looked(f"https://localhost:{port}/")

    assert (found.outcome, found.codes) == ("fail", ["tls.invalid_certificate"])
    assert "cannot be read" in str(found.evidence["chain"].value)
    assert len(found.all_evidence) < 20


def test_no_certificate_at_all_is_not_an_invalid_one(site: Site) -> None:
    with fake_server(sends()) as port:
        found = site.looked(f"https://localhost:{port}/")

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "sent no certificate" in found.reason


@pytest.mark.parametrize(
    "odd", [extension(CONSTRAINTS, b"\x30\0", TRUE), extension("2.5.29.15", b"\x03\x01\x09"), None]
)
def test_an_unusable_certificate_is_not_reported_as_a_wrong_name(site: Site, odd: bytes | None) -> None:
    root = site.files.root
    kind = encode(0x30, encode(0x30, encode(0x06, b"\x2a\x03\x04")) + encode(0x03, b"\0key"))
    link = extended(leaf(root), root, odd) if odd else replaced(leaf(root), root, 6, kind)
    with fake_server(sends(der(link))) as port:
        found = site.looked(f"https://localhost:{port}/")

    assert (found.outcome, found.codes) == ("fail", ["tls.invalid_certificate"])
    assert "OpenSSL" in found.evidence["at fault"].note


@pytest.mark.skipif(STRICT, reason="strict rules are this Python's own")
def test_a_root_that_only_strict_rules_refuse_is_a_warning(site: Site) -> None:
    root = authority("Old root", organisation="Custom")
    bare = extended(root, root, without=CONSTRAINTS)
    ca = shown(site, [leaf(root)], bare)

    found = looked(site, ca)

    assert (found.outcome, found.codes) == ("warn", ["tls.strict"])
    assert "has no basic constraints" in found.evidence["from Python 3.13 on"].note


@pytest.mark.parametrize("trusted", [False, True])
def test_a_path_that_ends_at_a_trusted_intermediate_is_no_warning_for_its_root(
    site: Site, *, trusted: bool
) -> None:
    root = authority("Old root", organisation="Custom")
    bare = extended(root, root, extension(CONSTRAINTS, encode(0x30, TRUE)), without=CONSTRAINTS)
    own, upper = below(authority("Custom issuing", root))
    ca = shown(site, [own, upper], bare)
    if trusted:
        ca.write_text(ssl.DER_cert_to_PEM_cert(der(upper)) + ca.read_text("ascii"), "ascii")

    result = looked(site, ca)

    assert openssl(site.front.port, ca) == (0, "")
    expected = ("pass", []) if trusted else ("fail" if STRICT else "warn", ["tls.strict"])
    assert (result.outcome, result.codes) == expected


def test_a_root_that_was_renewed_with_its_key_is_not_said_to_have_another(site: Site) -> None:
    old = authority("Bank Root", organisation="Bank")
    renewed = authority("Bank Root", organisation="Bank", key=old.key)
    certificate = old.certificate
    identifier = x509.SubjectKeyIdentifier.from_public_key(old.key.public_key()).digest
    named = x509.AuthorityKeyIdentifier(
        identifier, [x509.DirectoryName(certificate.issuer)], certificate.serial_number
    )
    issuing = authority(
        "Bank issuing", old, organisation="Bank", authority_key=False, further=[(named, False)]
    )
    ca = shown(site, [*below(issuing)], renewed)

    result = looked(site, ca)

    assert openssl(site.front.port, ca)[0] == 20
    assert (result.outcome, result.codes) == ("fail", ["tls.invalid_certificate"])
    note = result.evidence["at fault"].note
    serials = [f"{pair.certificate.serial_number:x}" for pair in (old, renewed)]
    assert note.startswith("the key of O=Bank, CN=Bank Root signed it, but it names the serial number ")
    assert all(serial in note for serial in serials)
    assert "or trust the former certificate of that authority too" in note
    ca.write_bytes(ca.read_bytes() + certificates.pem(old))
    assert looked(site, ca).outcome == "pass"


def test_a_trusted_intermediate_alone_is_enough_from_python_3_13_on(site: Site) -> None:
    own, upper = below(issuing(site.files.root))
    ca = shown(site, [own, upper], upper)

    found = looked(site, ca)

    assert (found.outcome, found.codes) == (("pass", []) if STRICT else ("fail", ["tls.unknown_authority"]))
