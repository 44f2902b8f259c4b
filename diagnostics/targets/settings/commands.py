"""Settings of the commands that fixes show."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """Commands of this team that fixes show for copying. They are run only on the lab."""

    start_database: str = "sudo systemctl start postgresql"
    """Command that starts the database server."""
    restart_database: str = "sudo systemctl restart postgresql"
    """Command that restarts the database server."""
    restart_application: str = "kubectl rollout restart deployment/payments"
    """Command that restarts the application, which then reads its secrets and configuration again."""
    renew_certificate: str = "sudo certbot renew && sudo systemctl reload nginx"
    """Command that renews the server's certificate and loads it."""
