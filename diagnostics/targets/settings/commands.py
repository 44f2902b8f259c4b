"""Settings of the commands of fixes."""

from dataclasses import dataclass

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands(Record):
    """Commands of this team, in place of those of the platform. Only `fix` runs them, with consent."""

    start_database: str = ""
    """Command that starts the database server; default: the one of `platform.database`."""
    restart_database: str = ""
    """Command that restarts the database server; default: the one of `platform.database`."""
    restart_application: str = ""
    """Command that restarts the application, which then reads its secrets and configuration again; default:
    the one of `platform.application`."""
    renew_certificate: str = ""
    """Command that renews the API's certificate and loads it; default: the one of `platform.api`."""
    reissue_certificate: str = ""
    """Command that issues the API's certificate again, with a new key, its names and its whole chain, and
    loads it; default: the steps of each cause for `platform.api`."""
