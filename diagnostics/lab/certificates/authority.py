"""Certificates made on the fly: an authority of the lab's own and a server's leaf, EC P-256."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from diagnostics.lab.certificates.builder import Pair, authority, leaf

ROOT = "ClearPay lab CA"


@dataclass(frozen=True, slots=True)
class Files:
    """Where the certificates lie, as PEM, and what they were made with."""

    ca: Path
    certificate: Path
    """The server's own, and what it sends beside it."""
    key: Path
    root: Pair = field(repr=False)


def make(folder: Path) -> Files:
    """Write an authority and a leaf for 127.0.0.1 and localhost into a folder."""
    root = authority(ROOT)
    return write(folder, root, leaf(root))


def write(folder: Path, root: Pair, *shown: Pair, trusted: Pair | None = None) -> Files:
    """Write what a server shows, its own certificate first, and whom its clients trust."""
    folder.mkdir(exist_ok=True)
    files = Files(folder / "ca.pem", folder / "server.pem", folder / "server.key", root)
    files.ca.write_bytes(pem(trusted or root))
    files.certificate.write_bytes(b"".join(map(pem, shown)))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        shown[0].key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def pem(pair: Pair) -> bytes:
    """The certificate's text."""
    return pair.certificate.public_bytes(serialization.Encoding.PEM)
