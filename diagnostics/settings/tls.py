"""How the application trusts and shows certificates."""

from dataclasses import dataclass

from kb.models import Record


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
