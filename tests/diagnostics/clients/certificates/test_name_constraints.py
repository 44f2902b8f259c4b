"""Name constraints are judged as `openssl verify` judges them."""

import ipaddress
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from diagnostics.clients.certificates.certificate import parse
from diagnostics.clients.certificates.chain import build_chain
from diagnostics.clients.tls.certificate_rules import faulty_certificate
from diagnostics.lab.certificates.authority import pem
from diagnostics.lab.certificates.builder import Pair, authority, leaf

ROOT = authority("ClearPay lab CA")
NET = x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))
OWN_NET = x509.IPAddress(ipaddress.ip_network("127.0.0.0/8"))
NAMES = ("api.example.com", "127.0.0.1")


def directory(organisation: str, name: str = "") -> x509.DirectoryName:
    parts = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name)]
    return x509.DirectoryName(x509.Name([x509.NameAttribute(kind, text) for kind, text in parts if text]))


def dns(*names: str) -> list[x509.GeneralName]:
    return [x509.DNSName(name) for name in names]


def mail(text: str) -> x509.RFC822Name:
    return x509.RFC822Name(text)


def uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def chain(
    further: Sequence[x509.GeneralName],
    *levels: tuple[Sequence[x509.GeneralName] | None, Sequence[x509.GeneralName] | None],
) -> list[Pair]:
    """Return a leaf with further names below authorities with constraints, the uppermost level first."""
    issuer, authorities = ROOT, []
    for number, (permitted, excluded) in enumerate(levels):
        constraints = x509.NameConstraints(permitted, excluded)
        issuer = authority(f"Level {number}", issuer, further=[(constraints, True)])
        authorities.append(issuer)
    names = [*dns("api.example.com"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *further]
    own = leaf(issuer, name="API", names=(), further=[(x509.SubjectAlternativeName(names), False)])
    return [own, *reversed(authorities)]


def verify(tmp_path: Path, pairs: Sequence[Pair]) -> int:
    """Return the verify code of `openssl verify`."""
    root, rest, own = (tmp_path / name for name in ("root.pem", "rest.pem", "own.pem"))
    root.write_bytes(pem(ROOT))
    rest.write_bytes(b"".join(map(pem, pairs[1:])))
    own.write_bytes(pem(pairs[0]))
    command = ["openssl", "verify", "-CAfile", str(root), "-untrusted", str(rest), str(own)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    found = re.search(r"error (\d+) at", done.stderr + done.stdout)
    return int(found[1]) if found else done.returncode


@pytest.mark.parametrize(
    ("further", "levels", "level", "words"),
    [
        ((), [(dns("example.com"), None)], None, ""),
        ((), [(dns(".example.com"), None)], None, ""),
        ((), [(dns("api.example.com"), None)], None, ""),
        ((), [(dns("EXAMPLE.com"), None)], None, ""),
        ((), [(dns(""), None)], None, ""),
        ((), [(dns("bar.example.com", "example.com"), None)], None, ""),
        ((), [(dns("ple.com"), None)], 0, "permit only ple.com, not api.example.com"),
        ((), [(dns("www.api.example.com"), None)], 0, "not api.example.com"),
        ((), [(None, dns("example.com"))], 0, "exclude example.com, and so api.example.com"),
        ((), [(None, dns("ple.com", "www.example.com"))], None, ""),
        ((), [(dns("bar.example.com"), None), (dns("example.com"), None)], 0, "permit only bar.example.com"),
        ((), [(dns("example.com"), None), (dns("bar.example.com"), None)], 1, "permit only bar.example.com"),
        ((), [([NET], None)], 0, "permit only 10.0.0.0/255.0.0.0, not 127.0.0.1"),
        ((), [([OWN_NET], None)], None, ""),
        ((), [(None, [OWN_NET])], 0, "exclude 127.0.0.0/255.0.0.0, and so 127.0.0.1"),
        ((), [([directory("ClearPay lab")], None)], None, ""),
        ((), [([directory("clearpay  LAB")], None)], None, ""),
        ((), [([directory("ClearPay lab", "API")], None)], None, ""),
        ((), [([directory("ClearPay lab", "AP")], None)], 0, "not O=ClearPay lab, CN=API"),
        ((), [([directory("Elsewhere")], None)], 0, "permit only O=Elsewhere"),
        ((mail("pay@example.com"),), [([mail("example.com")], None)], None, ""),
        ((mail("pay@a.example.com"),), [([mail("example.com")], None)], 0, "not pay@a.example.com"),
        ((mail("pay@a.example.com"),), [([mail(".example.com")], None)], None, ""),
        ((mail("pay@example.com"),), [(None, [mail("pay@example.com")])], 0, "and so pay@example.com"),
        ((uri("spiffe://example.com/pay"),), [([uri("example.com")], None)], None, ""),
        ((uri("spiffe://elsewhere.com/pay"),), [([uri("example.com")], None)], 0, "permit only example.com"),
        ((uri("https://a.example.com:8443/"),), [([uri(".example.com")], None)], None, ""),
    ],
)
def test_a_forbidden_name_is_found_where_openssl_refuses(
    tmp_path: Path,
    further: Sequence[x509.GeneralName],
    levels: list[tuple[Sequence[x509.GeneralName] | None, Sequence[x509.GeneralName] | None]],
    level: int | None,
    words: str,
) -> None:
    pairs = chain(further, *levels)
    bundle = [parse(ROOT.certificate.public_bytes(Encoding.DER))]
    built = build_chain([pair.certificate.public_bytes(Encoding.DER) for pair in pairs], bundle)

    code = verify(tmp_path, pairs)
    certificate, detail = faulty_certificate("constraint_violated", code or 47, built)

    assert built.trusted
    assert code == (0 if level is None else 48 if "exclude" in words or "and so" in words else 47)
    assert words in detail
    if level is None:
        assert detail == ""
    else:
        assert certificate is not None
        assert certificate.subject.common_name == f"Level {level}"


def test_an_authority_below_is_held_to_the_constraints_too(tmp_path: Path) -> None:
    constraints = x509.NameConstraints([directory("ClearPay lab")], None)
    upper = authority("Upper", ROOT, further=[(constraints, True)])
    lower = authority("Lower", upper, organisation="Elsewhere")
    pairs = [leaf(lower, names=("api.example.com",)), lower, upper]
    bundle = [parse(ROOT.certificate.public_bytes(Encoding.DER))]
    built = build_chain([pair.certificate.public_bytes(Encoding.DER) for pair in pairs], bundle)

    certificate, detail = faulty_certificate("constraint_violated", verify(tmp_path, pairs), built)

    assert certificate is built.path[2]
    assert "permit only O=ClearPay lab, not O=Elsewhere, CN=Lower" in detail


def test_a_common_name_counts_where_there_is_no_alternative_one(tmp_path: Path) -> None:
    constraints = x509.NameConstraints(dns("example.com"), None)
    upper = authority("Upper", ROOT, further=[(constraints, True)])
    pairs = [leaf(upper, name="api.elsewhere.com", names=()), upper]
    bundle = [parse(ROOT.certificate.public_bytes(Encoding.DER))]
    built = build_chain([pair.certificate.public_bytes(Encoding.DER) for pair in pairs], bundle)

    code = verify(tmp_path, pairs)

    assert code == 47
    assert "not api.elsewhere.com" in faulty_certificate("constraint_violated", code, built)[1]
