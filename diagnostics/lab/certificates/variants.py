"""What a server can show instead of a healthy certificate: a function for each says what is wrong."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from diagnostics.lab.certificates.authority import ROOT, Files, write
from diagnostics.lab.certificates.builder import Pair, authority, leaf
from diagnostics.lab.certificates.malformed import damaged, over_sha1

DAY = timedelta(days=1)
ISSUING = "ClearPay lab issuing CA"
PROXY = "Corporate Web Inspection CA"
UNKNOWN_EXTENSION = ObjectIdentifier("1.3.6.1.4.1.55555.1")
Shown = tuple[Pair, ...]


def healthy(root: Pair) -> Shown:
    """A leaf that the trusted root signed."""
    return (leaf(root),)


def whole_chain(root: Pair) -> Shown:
    """A leaf with its intermediate, both in order."""
    issuing = authority(ISSUING, root)
    return leaf(issuing), issuing


def expired(root: Pair) -> Shown:
    """It ended yesterday."""
    return (leaf(root, begins=-90 * DAY, ends=-DAY),)


def not_yet_valid(root: Pair) -> Shown:
    """It begins tomorrow."""
    return (leaf(root, begins=DAY),)


def wrong_name(root: Pair) -> Shown:
    """It is for another host."""
    return (leaf(root, name="api.clearpay.example", names=("api.clearpay.example",)),)


def common_name_only(root: Pair) -> Shown:
    """Its only name is the subject's common name."""
    return (leaf(root, names=()),)


def self_signed(_root: Pair) -> Shown:
    """It signed itself."""
    return (leaf(None),)


def renewed_authority(_root: Pair) -> Shown:
    """An authority of the same name signed it with a new key."""
    return (leaf(authority(ROOT)),)


def foreign_root_sent(_root: Pair) -> Shown:
    """An authority that nobody trusts signed it, and comes along."""
    other = authority("Elsewhere Root", organisation="Elsewhere")
    return leaf(other), other


def intercepted(_root: Pair) -> Shown:
    """A proxy on the way signed it."""
    proxy = authority(PROXY, organisation="Corporate IT")
    return leaf(proxy), proxy


def missing_intermediate(root: Pair) -> Shown:
    """An intermediate signed it, and does not come along."""
    return (leaf(authority(ISSUING, root)),)


def expired_intermediate(root: Pair) -> Shown:
    """It is in its time, its intermediate is not."""
    issuing = authority(ISSUING, root, begins=-90 * DAY, ends=-DAY)
    return leaf(issuing), issuing


def weak_key(root: Pair) -> Shown:
    """Its key is RSA with 1024 bits."""
    return (leaf(root, key=rsa.generate_private_key(65537, 1024)),)  # noqa: S505  it is the fault


def weak_digest(root: Pair) -> Shown:
    """It is signed over SHA-1."""
    return (over_sha1(leaf(root), root),)


def wrong_purpose(root: Pair) -> Shown:
    """It is for clients only."""
    return (leaf(root, purpose=ExtendedKeyUsageOID.CLIENT_AUTH),)


def ca_not_ca(root: Pair) -> Shown:
    """A certificate that is no authority signed it."""
    issuing = authority(ISSUING, root, authority=False, usage=None)
    return leaf(issuing), issuing


def foreign_constraint(root: Pair) -> Shown:
    """Its intermediate may sign for another domain only."""
    allowed = x509.NameConstraints([x509.DNSName("clearpay.example")], None)
    issuing = authority(ISSUING, root, further=[(allowed, True)])
    return leaf(issuing), issuing


def path_too_long(root: Pair) -> Shown:
    """Its intermediate's intermediate may sign leaves only."""
    upper = authority("ClearPay lab upper CA", root, path_length=0)
    issuing = authority(ISSUING, upper)
    return leaf(issuing), issuing, upper


def unknown_extension(root: Pair) -> Shown:
    """It has a critical extension that nobody knows."""
    odd = x509.UnrecognizedExtension(UNKNOWN_EXTENSION, b"\x05\x00")
    return (leaf(root, further=[(odd, True)]),)


def changed_signature(root: Pair) -> Shown:
    """It was changed after it was signed, so that its signature does not fit."""
    return (damaged(leaf(root)),)


def expires_soon(root: Pair) -> Shown:
    """It ends in six days."""
    return (leaf(root, ends=6 * DAY),)


def without_authority_key(root: Pair) -> Shown:
    """It does not name the key that signed it, which only strict rules ask for."""
    return (leaf(root, authority_key=False),)


VARIANTS: dict[str, Callable[[Pair], Shown]] = {
    one.__name__: one
    for one in (
        healthy,
        whole_chain,
        expired,
        not_yet_valid,
        wrong_name,
        common_name_only,
        self_signed,
        renewed_authority,
        foreign_root_sent,
        intercepted,
        missing_intermediate,
        expired_intermediate,
        weak_key,
        weak_digest,
        wrong_purpose,
        ca_not_ca,
        foreign_constraint,
        path_too_long,
        unknown_extension,
        changed_signature,
        expires_soon,
        without_authority_key,
    )
}


def variant(name: str, files: Files) -> Files:
    """Write a variant beside the healthy certificate; its clients trust the same authority."""
    return write(files.ca.parent / name, files.root, *VARIANTS[name](files.root))


def revocation_list(files: Files, *serials: int) -> Path:
    """Write a list of revoked certificates, signed by the authority of these files."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(files.root.certificate.subject)
    builder = builder.last_update(now - timedelta(hours=1)).next_update(now + DAY)
    for serial in serials:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1))
        builder = builder.add_revoked_certificate(one.build())
    path = files.ca.with_name("revoked.pem")
    signed = builder.sign(files.root.key, hashes.SHA256())
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return path


def serials(files: Files) -> Iterator[int]:
    """The serial numbers of what a server shows."""
    for one in x509.load_pem_x509_certificates(files.certificate.read_bytes()):
        yield one.serial_number
