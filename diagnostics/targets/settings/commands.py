"""How this team does what a fix asks for."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """How this team does what a fix asks for; shown and copied, never run on a target that is no lab."""

    start_database: str = "sudo systemctl start postgresql"
    """Starts the database server."""
    restart_database: str = "sudo systemctl restart postgresql"
    """Restarts it."""
    restart_application: str = "kubectl rollout restart deployment/payments"
    """Restarts the application, so that it reads its secrets and configuration anew."""
    renew_certificate: str = "sudo certbot renew && sudo systemctl reload nginx"
    """Renews the server's certificate and loads it."""
