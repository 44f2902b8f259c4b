"""Verification of one certificate's signature with one key, by the OpenSSL that Python's `ssl` runs on.

Identifiers in a certificate only claim which key signed it. Python's `ssl` has no function for a single
signature, so X509_verify(3) is called in the library that is loaded anyway.
"""

import ctypes
import ssl
from functools import cache
from typing import Any, Final

from diagnostics.clients.certificates.certificate import Certificate

KEY_FAMILIES: Final = ("RSA", "EC", "DSA", "Ed")


def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Return whether the issuer's key made the signature; None if that cannot be verified."""
    if _needs_other_algorithm(certificate, issuer):
        return False
    library = _library()
    if library is None:
        return None
    handles = [_decode(library, each.der) for each in (certificate, issuer)]
    try:
        key = library.X509_get0_pubkey(handles[1]) if all(handles) else None
        result = library.X509_verify(handles[0], key) if key else -1
    finally:
        for handle in handles:
            library.X509_free(handle)
        library.ERR_clear_error()  # else `ssl` would report these errors as its own
    return None if result < 0 else bool(result)


def _needs_other_algorithm(certificate: Certificate, issuer: Certificate) -> bool:
    """Return True if the signature needs another key algorithm than the issuer's."""
    signed = certificate.signature_algorithm
    family = next((family for family in KEY_FAMILIES if signed.startswith(family)), "")
    algorithm = issuer.key.algorithm
    return bool(family) and algorithm.startswith(KEY_FAMILIES) and not algorithm.startswith(family)


def _decode(library: Any, der: bytes) -> int | None:
    """Return a handle of OpenSSL's X509; None if OpenSSL cannot read it."""
    data = ctypes.c_char_p(der)
    handle: int | None = library.d2i_X509(None, ctypes.byref(data), len(der))
    return handle


@cache
def _library() -> Any:
    """Return the loaded OpenSSL; None if this Python does not export its functions."""
    extension = getattr(ssl._ssl, "__file__", None)  # type: ignore[attr-defined]  # noqa: SLF001  None if built in
    try:
        library = ctypes.CDLL(extension)
        library.d2i_X509.restype = library.X509_get0_pubkey.restype = ctypes.c_void_p
        library.d2i_X509.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long]
        library.X509_get0_pubkey.argtypes = library.X509_free.argtypes = [ctypes.c_void_p]
        library.X509_verify.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        library.X509_free.restype = library.ERR_clear_error.restype = None
        library.ERR_clear_error.argtypes = []
    except (AttributeError, OSError):
        return None
    return library
