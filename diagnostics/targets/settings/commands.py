"""Settings of the commands that fixes show."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """Commands of this team, which fixes show instead of those of the platform. They run only on the lab."""

    start_database: str = ""
    """Command that starts the database server; default: the one of `platform.database`."""
    restart_database: str = ""
    """Command that restarts the database server; default: the one of `platform.database`."""
    restart_application: str = ""
    """Command that restarts the application, which then reads its secrets and configuration again; default:
    the one of `platform.application`."""
    renew_certificate: str = ""
    """Command that renews the API's certificate and loads it; default: the one of `platform.api`."""
