"""Certificate chains that the lab's servers present: two healthy ones, and one function for each error."""

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
Chain = tuple[Pair, ...]


def healthy(root: Pair) -> Chain:
    """Return a leaf that the trusted root signed."""
    return (leaf(root),)


def whole_chain(root: Pair) -> Chain:
    """Return a leaf with its intermediate, both valid."""
    issuing = authority(ISSUING, root)
    return leaf(issuing), issuing


def expired(root: Pair) -> Chain:
    """Return a leaf that expired yesterday."""
    return (leaf(root, begins=-90 * DAY, ends=-DAY),)


def not_yet_valid(root: Pair) -> Chain:
    """Return a leaf that becomes valid tomorrow."""
    return (leaf(root, begins=DAY),)


def wrong_name(root: Pair) -> Chain:
    """Return a leaf for another host name."""
    return (leaf(root, name="api.clearpay.example", names=("api.clearpay.example",)),)


def common_name_only(root: Pair) -> Chain:
    """Return a leaf whose only name is the subject's common name."""
    return (leaf(root, names=()),)


def self_signed(_root: Pair) -> Chain:
    """Return a self-signed leaf."""
    return (leaf(None),)


def renewed_authority(_root: Pair) -> Chain:
    """Return a leaf of an authority with the trusted name and another key."""
    return (leaf(authority(ROOT)),)


def foreign_root_sent(_root: Pair) -> Chain:
    """Return a leaf of an untrusted authority, with the root of that authority."""
    other = authority("Elsewhere Root", organisation="Elsewhere")
    return leaf(other), other


def intercepted(_root: Pair) -> Chain:
    """Return a leaf that an inspecting proxy signed, with the root of the proxy."""
    proxy = authority(PROXY, organisation="Corporate IT")
    return leaf(proxy), proxy


def missing_intermediate(root: Pair) -> Chain:
    """Return a leaf without the intermediate that signed it."""
    return (leaf(authority(ISSUING, root)),)


def expired_intermediate(root: Pair) -> Chain:
    """Return a valid leaf with an expired intermediate."""
    issuing = authority(ISSUING, root, begins=-90 * DAY, ends=-DAY)
    return leaf(issuing), issuing


def weak_key(root: Pair) -> Chain:
    """Return a leaf with an RSA key of 1024 bits."""
    return (leaf(root, key=rsa.generate_private_key(65537, 1024)),)  # noqa: S505  the weakness is intended


def weak_digest(root: Pair) -> Chain:
    """Return a leaf that is signed with SHA-1."""
    return (over_sha1(leaf(root), root),)


def wrong_purpose(root: Pair) -> Chain:
    """Return a leaf for client authentication only."""
    return (leaf(root, purpose=ExtendedKeyUsageOID.CLIENT_AUTH),)


def ca_not_ca(root: Pair) -> Chain:
    """Return a leaf that a certificate without CA:TRUE signed."""
    issuing = authority(ISSUING, root, authority=False, usage=None)
    return leaf(issuing), issuing


def foreign_constraint(root: Pair) -> Chain:
    """Return a leaf outside its intermediate's name constraints."""
    allowed = x509.NameConstraints([x509.DNSName("clearpay.example")], None)
    issuing = authority(ISSUING, root, further=[(allowed, True)])
    return leaf(issuing), issuing


def path_too_long(root: Pair) -> Chain:
    """Return a leaf below one more intermediate than the path length allows."""
    upper = authority("ClearPay lab upper CA", root, path_length=0)
    issuing = authority(ISSUING, upper)
    return leaf(issuing), issuing, upper


def unknown_extension(root: Pair) -> Chain:
    """Return a leaf with an unknown critical extension."""
    odd = x509.UnrecognizedExtension(UNKNOWN_EXTENSION, b"\x05\x00")
    return (leaf(root, further=[(odd, True)]),)


def changed_signature(root: Pair) -> Chain:
    """Return a leaf whose signature does not match."""
    return (damaged(leaf(root)),)


def expires_soon(root: Pair) -> Chain:
    """Return a leaf that expires in six days."""
    return (leaf(root, ends=6 * DAY),)


def without_authority_key(root: Pair) -> Chain:
    """Return a leaf without the authority key identifier, which strict verification requires."""
    return (leaf(root, authority_key=False),)


VARIANTS: dict[str, Callable[[Pair], Chain]] = {
    function.__name__: function
    for function in (
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
    """Write a variant beside the healthy certificate; clients trust the same root."""
    return write(files.ca.parent / name, files.root, *VARIANTS[name](files.root))


def revocation_list(files: Files, *serials: int, ends: timedelta = DAY) -> Path:
    """Write a certificate revocation list, signed by the root of these files; return its path."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(files.root.certificate.subject)
    builder = builder.last_update(now + ends - 2 * DAY).next_update(now + ends)
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial)
        builder = builder.add_revoked_certificate(revoked.revocation_date(now - timedelta(hours=1)).build())
    path = files.ca.with_name("revoked.pem")
    signed = builder.sign(files.root.key, hashes.SHA256())
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return path


def serials(files: Files) -> Iterator[int]:
    """Yield the serial numbers of the presented certificates."""
    for certificate in x509.load_pem_x509_certificates(files.certificate.read_bytes()):
        yield certificate.serial_number
