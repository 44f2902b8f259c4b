"""Certificates of the lab's own authority: a root and a server's leaf, EC P-256."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from diagnostics.lab.certificates.builder import Pair, authority, leaf

ROOT = "ClearPay lab CA"


@dataclass(frozen=True, slots=True)
class Files:
    """PEM files of a server and its clients, and the root that signed them."""

    ca: Path
    certificate: Path
    """Leaf and intermediates."""
    key: Path
    root: Pair = field(repr=False)


def make(folder: Path) -> Files:
    """Write a root and a leaf for 127.0.0.1 and localhost into a folder."""
    root = authority(ROOT)
    return write(folder, root, leaf(root))


def write(folder: Path, root: Pair, *chain: Pair, trusted: Pair | None = None) -> Files:
    """Write the chain that a server presents, leaf first, and the root that its clients trust."""
    folder.mkdir(exist_ok=True)
    files = Files(folder / "ca.pem", folder / "server.pem", folder / "server.key", root)
    files.ca.write_bytes(pem(trusted or root))
    files.certificate.write_bytes(b"".join(map(pem, chain)))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        chain[0].key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def pem(pair: Pair) -> bytes:
    """Return the certificate in PEM."""
    return pair.certificate.public_bytes(serialization.Encoding.PEM)
