"""Settings of TLS: trusted authorities, expected name, client certificate."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls(Record):
    """TLS of https and host:port; that of a database is in its URL. Paths are relative to the target file."""

    ca_file: str = ""
    """PEM file of the authorities that the application trusts; default: that of its library."""
    server_name: str = ""
    """Name that the certificate must have; default: the host."""
    client_cert: str = ""
    """PEM file of the application's certificate, if the server requires one."""
    client_key: str = ""
    """PEM file of that certificate's key; default: in the same file."""
    crl_file: str = ""
    """PEM file of revoked certificates (CRL), if the application checks one; most do not."""
    env_file: str = ""
    """File of NAME=value lines with the application's environment; default: that of this command."""
    issuer: str = ""
    """Part of the name of the authority that issues the server's certificates; any other means a proxy."""
