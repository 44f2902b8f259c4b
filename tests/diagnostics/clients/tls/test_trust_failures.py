"""Every verify code of OpenSSL that refuses a certificate has a finding."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from diagnostics.clients.certificates.certificate import parse
from diagnostics.clients.certificates.chain import build_chain
from diagnostics.clients.tls.refusal import reason_of
from diagnostics.clients.tls.trust_failures import VerificationFailure, ended_by_form
from diagnostics.lab.certificates.builder import authority, leaf

OPEN = {
    *(17, 50, 69, 70),  # out of memory, application verification, invalid call, failed lookup
    *range(56, 62), *(63, 65),  # rules that are not enabled
    *(71, 73, 74, 75),  # certificate transparency and OCSP
}  # fmt: skip
FORM = {1, 4, 6, 7, 13, 14, 22, 24, 37, 40, 41, 42, 45, 55, 72, 76, 77, 78, 94}
LISTS = {3, 5, 8, 11, 12, 15, 16, 33, 35, 36, 44, 54}
LAST = 94
NOW = datetime.now(UTC)


def failure_of(code: int, *, trusted: bool = False) -> VerificationFailure:
    root = authority("Some root")
    sent, bundle = (pair.certificate.public_bytes(Encoding.DER) for pair in (leaf(root), root))
    known = [parse(bundle)] if trusted else []
    return VerificationFailure(code, "some sentence", build_chain([sent], known, NOW), known, [], NOW)


@pytest.mark.parametrize("code", range(1, LAST + 1))
def test_a_code_is_a_finding_or_really_open(code: int) -> None:
    assert bool(reason_of(failure_of(code)).finding) == (code not in OPEN)


@pytest.mark.parametrize("code", sorted(FORM))
def test_a_refused_form_is_named_whatever_could_be_read_of_it(code: int) -> None:
    unread = VerificationFailure(code, "some sentence", build_chain([b"garbage"], [], NOW), [], [], NOW)

    assert reason_of(failure_of(code, trusted=True)).finding == "invalid_certificate"
    assert reason_of(unread).finding == "invalid_certificate"
    assert reason_of(unread).detail


@pytest.mark.parametrize("code", sorted(LISTS))
def test_a_list_that_cannot_be_used_is_named_with_openssls_sentence(code: int) -> None:
    reason = reason_of(failure_of(code))

    assert (reason.finding, reason.certificate) == ("crl_unusable", None)
    assert reason.detail


@pytest.mark.parametrize("code", [2, 20])
def test_a_trusted_path_that_openssl_does_not_find_is_an_invalid_chain(code: int) -> None:
    reason = reason_of(failure_of(code, trusted=True))

    assert (reason.finding, "finds no path to it" in reason.detail) == ("invalid_certificate", True)


def test_a_handshake_that_ends_with_readable_certificates_says_nothing_of_them() -> None:
    good, bad = failure_of(0).chain, build_chain([b"garbage"], [], NOW)

    assert not ended_by_form("ASN1_LIB", good, at_certificates=False)
    assert not ended_by_form("LENGTH_MISMATCH", bad, at_certificates=False)
    assert ended_by_form("ASN1_LIB", bad, at_certificates=False)


def test_a_message_is_too_large_for_certificates_only_in_their_place() -> None:
    nothing = build_chain([], [], NOW)

    assert ended_by_form("EXCESSIVE_MESSAGE_SIZE", nothing, at_certificates=True)
    assert not ended_by_form("EXCESSIVE_MESSAGE_SIZE", nothing, at_certificates=False)
