"""Every verify code of OpenSSL is a finding, but where it only says that something could not be asked."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from diagnostics.clients.certificates.certificate import parse
from diagnostics.clients.certificates.chain import walk
from diagnostics.clients.tls.refusal import verdict_of
from diagnostics.clients.tls.trust_failures import INVALID, VerificationFailure, cannot_be_read
from diagnostics.lab.certificates.builder import authority, leaf

OPEN = {
    *(1, 17, 50, 69, 70),  # unspecified, out of memory, an application's own, a wrong call, a failed look-up
    *(3, 5, 8, 11, 12, 15, 16, 33, 35, 36, 44, 54),  # the revocation list
    *range(56, 62), *(63, 65),  # rules that no application of ours asks for
    *(71, 73, 74, 75),  # answers of others: logs and OCSP
}  # fmt: skip
LAST = 94
NOW = datetime.now(UTC)


def case_of(code: int, *, trusted: bool = False) -> VerificationFailure:
    root = authority("Some root")
    sent, bundle = (one.certificate.public_bytes(Encoding.DER) for one in (leaf(root), root))
    known = [parse(bundle)] if trusted else []
    return VerificationFailure(code, "some sentence", walk([sent], known, NOW), known, [], NOW)


@pytest.mark.parametrize("code", range(1, LAST + 1))
def test_a_code_is_a_finding_or_really_open(code: int) -> None:
    assert bool(verdict_of(case_of(code)).fact) == (code not in OPEN)


@pytest.mark.parametrize("code", sorted({*INVALID, 7}))
def test_a_refused_form_is_named_whatever_could_be_read_of_it(code: int) -> None:
    unread = VerificationFailure(code, "some sentence", walk([b"garbage"], [], NOW), [], [], NOW)

    assert verdict_of(case_of(code, trusted=True)).fact == "invalid_certificate"
    assert verdict_of(unread).fact == "invalid_certificate"
    assert verdict_of(unread).why


def test_a_trusted_path_that_openssl_does_not_find_stays_open() -> None:
    verdict = verdict_of(case_of(20, trusted=True))

    assert (verdict.fact, "finds no way to it" in verdict.why) == ("", True)


def test_a_handshake_that_ends_with_readable_certificates_says_nothing_of_them() -> None:
    good, bad = case_of(0).chain, walk([b"garbage"], [], NOW)

    assert not cannot_be_read("ASN1_LIB", good)
    assert not cannot_be_read("LENGTH_MISMATCH", bad)
    assert cannot_be_read("ASN1_LIB", bad)
