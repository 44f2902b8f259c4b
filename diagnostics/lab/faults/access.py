"""Faults in the access rules of the server: pg_hba.conf, TLS, and the privileges of the role."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.certificates import authority
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE, HBA, MONITOR
from diagnostics.lab.servers.tls_proxy import TlsProxy

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def no_hba_rule(lab: "Lab") -> Iterator[None]:
    """Remove the application's role from pg_hba.conf."""
    hba = lab.server.data / "pg_hba.conf"
    hba.write_text(HBA.replace("host all all", f"host all {MONITOR}"), "utf-8")
    lab.server.restart()  # a reload takes effect a moment later
    yield


def tls_required(lab: "Lab") -> Iterator[None]:
    """Accept TLS connections only, and set sslmode=disable in the application's URL."""
    folder = lab.layout.folder / "tls"
    folder.mkdir(exist_ok=True)
    with TlsProxy(lab.server.port, authority.make(folder), require=True) as front:
        lab.override_address(port=front.port, parameters=(("sslmode", "disable"),))
        yield


def client_certificate(lab: "Lab") -> Iterator[None]:
    """Accept TLS connections with a client certificate only, which the application does not have."""
    folder = lab.layout.folder / "tls"
    folder.mkdir(exist_ok=True)
    files = authority.make(folder)
    with TlsProxy(lab.server.port, files, require=True, clients=files.ca) as front:
        lab.override_address(port=front.port, parameters=(("sslmode", "require"),))
        yield


def tls_refused(lab: "Lab") -> Iterator[None]:
    """Set sslmode=require in the application's URL; the server has no TLS."""
    lab.override_address(parameters=(("sslmode", "require"),))
    yield


def not_permitted(lab: "Lab") -> Iterator[None]:
    """Remove the LOGIN attribute of the role."""
    lab.sql(f"ALTER ROLE {APPLICATION} NOLOGIN")
    yield


def no_connect_privilege(lab: "Lab") -> Iterator[None]:
    """Revoke the CONNECT privilege on the database from the role."""
    lab.sql(f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {APPLICATION}")
    yield
