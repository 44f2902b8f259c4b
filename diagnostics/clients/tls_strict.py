"""What the rules of RFC 5280 forbid that older Pythons take: strict verification is the default from 3.13 on.

Source: OpenSSL, X509_VERIFY_PARAM_set_flags(3), "X509_V_FLAG_X509_STRICT".
"""

from collections.abc import Sequence
from typing import Final

from diagnostics.clients.tls_culprit import may_sign
from diagnostics.clients.x509 import Certificate

STRICT_CODES: Final = frozenset({*range(80, 94)})
"""Verify codes that only VERIFY_X509_STRICT gives."""
STRICTER: Final = STRICT_CODES | {79}
"""Those that it may have caused: it takes no root of X.509's first version for an authority (79)."""


def strict_flaw(path: Sequence[Certificate]) -> tuple[Certificate | None, str]:
    """The certificate of a path that VERIFY_X509_STRICT may refuse, and why; empty where nothing shows."""
    for one in path:
        said = one.extensions
        flaws = {
            "has no authority key identifier": not one.self_issued and not said.authority_key,
            "signed another one and does not say that it is an authority": one is not path[0]
            and said.authority is None,
            "is an authority without subject key identifier": said.authority is True and not said.subject_key,
            "is an authority without key usage": said.authority is True and said.usage is None,
            "has basic constraints that are not critical": said.authority is True
            and not said.firm_constraints,
            "has a path length and is no authority": said.path_length is not None and not said.authority,
            "may sign certificates and is no authority": not said.authority and may_sign(one),
            "has no subject and alternative names that are not critical": not one.subject.shown
            and not said.firm_names,
            "has an issuer without a name": not one.issuer.shown,
            "is of an old version of X.509": one.version < 3,  # noqa: PLR2004
            "has key identifiers that are critical": said.firm_keys,
        }
        found = next((flaw for flaw, there in flaws.items() if there), "")
        if found:
            return one, f"it {found}"
    return None, ""
