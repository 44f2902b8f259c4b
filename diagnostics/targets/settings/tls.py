"""How the application trusts and shows certificates."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls(Record):
    """For https and host:port; a database's TLS comes from its URL. Paths are relative to the target file."""

    ca_file: str = ""
    """PEM file of the authorities that the application trusts; default: what its library would use."""
    server_name: str = ""
    """The name that the certificate must have; default: the host."""
    client_cert: str = ""
    """PEM file of the certificate that the application shows, where the server demands one."""
    client_key: str = ""
    """PEM file of its key; default: in the same file."""
    crl_file: str = ""
    """PEM file of revoked certificates that the application checks; most check none."""
    env_file: str = ""
    """File of NAME=value lines that the application starts with; default: the doctor's own environment."""
    issuer: str = ""
    """A part of the name of the authority that issues the server's certificates: another one is a proxy's."""
