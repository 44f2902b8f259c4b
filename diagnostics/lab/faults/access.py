"""The server's rules keep the application out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.certificates import authority
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE, HBA, MONITOR
from diagnostics.lab.servers.tls_proxy import TlsFront

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def no_hba_rule(lab: "Lab") -> Iterator[None]:
    """pg_hba.conf has no line for the application's role."""
    hba = lab.server.data / "pg_hba.conf"
    hba.write_text(HBA.replace("host all all", f"host all {MONITOR}"), "utf-8")
    lab.server.restart()  # a reload would be seen a little later
    yield


def tls_required(lab: "Lab") -> Iterator[None]:
    """The server takes TLS only, and the application turns it off."""
    folder = lab.layout.folder / "tls"
    folder.mkdir(exist_ok=True)
    with TlsFront(lab.server.port, authority.make(folder), require=True) as front:
        lab.override_address(port=front.port, parameters=(("sslmode", "disable"),))
        yield


def tls_refused(lab: "Lab") -> Iterator[None]:
    """The application demands TLS of a server that has none."""
    lab.override_address(parameters=(("sslmode", "require"),))
    yield


def not_permitted(lab: "Lab") -> Iterator[None]:
    """The role may not log in."""
    lab.sql(f"ALTER ROLE {APPLICATION} NOLOGIN")
    yield


def no_connect_privilege(lab: "Lab") -> Iterator[None]:
    """The role may log in, but not to this database."""
    lab.sql(f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {APPLICATION}")
    yield
