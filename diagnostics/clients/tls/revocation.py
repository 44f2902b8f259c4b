"""Reasons why a certificate revocation list (CRL) cannot be used for a chain.

OpenSSL refuses every certificate whose list it is told to check and cannot use.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from diagnostics.clients.certificates.revocation_list import RevocationList, lists_in
from diagnostics.clients.tls.trust_failures import FailureReason, VerificationFailure

REVOCATION_LIST_CODES: Final = frozenset({3, 5, 8, 11, 12, 15, 16, 33, 35, 36, 44, 54})
"""Verify codes about a list, and not about a certificate."""
UNABLE_TO_GET_CRL: Final = 3
MAX_SHOWN: Final = 3


def unusable_list(failure: VerificationFailure) -> FailureReason:
    """Return the list that is out of date or missing, else OpenSSL's sentence about it."""
    path = Path(failure.crl_file)
    files = sorted(path.iterdir()) if failure.crl_file and path.is_dir() else [path]
    lists = [entry for file in files for entry in lists_in(file)]
    detail = _missing(failure, lists) if failure.code == UNABLE_TO_GET_CRL else _out_of_date(failure, lists)
    return FailureReason("crl_unusable", f"{failure.crl_file}: {detail or failure.message}")


def _missing(failure: VerificationFailure, lists: Sequence[RevocationList]) -> str:
    """Return the first authority of the path that has no list in the file."""
    for link in failure.chain.path:
        if not any(entry.issuer.matches(link.issuer) for entry in lists):
            present = ", ".join(str(entry.issuer) for entry in lists[:MAX_SHOWN]) or "none"
            return f"it has no list of {link.issuer}; it has: {present}"
    return ""


def _out_of_date(failure: VerificationFailure, lists: Sequence[RevocationList]) -> str:
    for entry in lists:
        if entry.next_update is not None and entry.next_update < failure.now:
            return f"the list of {entry.issuer} was valid until {entry.next_update:%Y-%m-%d %H:%M:%SZ}"
        if entry.this_update > failure.now:
            return f"the list of {entry.issuer} is valid from {entry.this_update:%Y-%m-%d %H:%M:%SZ} on"
    return ""
