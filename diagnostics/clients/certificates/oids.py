"""Names of the object identifiers in certificates.

Source: RFC 5280 (extensions, attributes, purposes), RFC 3279, 4055, 5480, 5639, 5758, 8410 (keys,
signatures).
"""

from collections.abc import Mapping
from typing import Final

ATTRIBUTES: Final[Mapping[str, str]] = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "DC",
}
PURPOSES: Final[Mapping[str, str]] = {
    "2.5.29.37.0": "any purpose",
    "1.3.6.1.5.5.7.3.1": "TLS server",
    "1.3.6.1.5.5.7.3.2": "TLS client",
    "1.3.6.1.5.5.7.3.3": "code signing",
    "1.3.6.1.5.5.7.3.4": "e-mail protection",
    "1.3.6.1.5.5.7.3.8": "time stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP signing",
    "1.3.6.1.4.1.311.10.3.3": "TLS server (Microsoft)",
    "2.16.840.1.113730.4.1": "TLS server (Netscape)",
}
SIGNATURE_ALGORITHMS: Final[Mapping[str, str]] = {
    "1.2.840.113549.1.1.4": "RSA with MD5",
    "1.2.840.113549.1.1.5": "RSA with SHA-1",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.1.11": "RSA with SHA-256",
    "1.2.840.113549.1.1.12": "RSA with SHA-384",
    "1.2.840.113549.1.1.13": "RSA with SHA-512",
    "1.2.840.10045.4.1": "ECDSA with SHA-1",
    "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
    "1.2.840.10040.4.3": "DSA with SHA-1",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
CURVES: Final[Mapping[str, tuple[str, int]]] = {
    "1.2.840.10045.3.1.1": ("P-192", 192),
    "1.3.132.0.33": ("P-224", 224),
    "1.2.840.10045.3.1.7": ("P-256", 256),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.132.0.34": ("P-384", 384),
    "1.3.132.0.35": ("P-521", 521),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
KEY_ALGORITHMS: Final[Mapping[str, str]] = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSA",
    "1.2.840.10045.2.1": "EC",
    "1.2.840.10040.4.1": "DSA",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
EXTENSIONS: Final[Mapping[str, str]] = {
    "2.5.29.14": "subject key identifier",
    "2.5.29.15": "key usage",
    "2.5.29.17": "subject alternative name",
    "2.5.29.19": "basic constraints",
    "2.5.29.30": "name constraints",
    "2.5.29.31": "CRL distribution points",
    "2.5.29.32": "certificate policies",
    "2.5.29.33": "policy mappings",
    "2.5.29.35": "authority key identifier",
    "2.5.29.36": "policy constraints",
    "2.5.29.37": "extended key usage",
    "2.5.29.54": "inhibit any policy",
    "1.3.6.1.5.5.7.1.1": "authority information access",
}
"""Extensions that OpenSSL knows."""
NOT_PARSED_BY_OPENSSL: Final = frozenset(
    {"2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54", "1.3.6.1.5.5.7.1.1"}
)
"""Extensions that OpenSSL does not parse in every certificate, so that errors in them are not fatal."""
SUPPORTED_CRITICAL: Final = frozenset(EXTENSIONS) - {"2.5.29.14", "2.5.29.35", "1.3.6.1.5.5.7.1.1"} | {
    "1.3.6.1.5.5.7.1.7",  # IP addresses and AS numbers (RFC 3779)
    "1.3.6.1.5.5.7.1.8",
    "1.3.6.1.5.5.7.1.14",  # proxy certificates
    "1.3.6.1.5.5.7.48.1.5",  # OCSP no check
    "2.16.840.1.113730.1.1",  # Netscape certificate type
}
"""Extensions that OpenSSL accepts as critical. Source: X509_supported_extension of OpenSSL 3."""
KEY_USAGES: Final = (
    "digital signature",
    "non-repudiation",
    "key encipherment",
    "data encipherment",
    "key agreement",
    "certificate signing",
    "CRL signing",
    "encipher only",
)
"""The bits of key usage, from the first."""
