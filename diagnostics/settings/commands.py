"""How this team does what a fix asks for."""

from dataclasses import dataclass

from kb.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """How this team does what a fix asks for; shown and copied, never run on a target that is no lab."""

    start_database: str = "sudo systemctl start postgresql"
    restart_database: str = "sudo systemctl restart postgresql"
    restart_application: str = "kubectl rollout restart deployment/payments"
    renew_certificate: str = "sudo certbot renew && sudo systemctl reload nginx"
