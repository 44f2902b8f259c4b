"""Paths of the files of a lab."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below a lab's folder."""

    folder: Path

    @property
    def application_password(self) -> Path:
        """Password file of the application."""
        return self.folder / "app.password"

    @property
    def monitor_password(self) -> Path:
        """Password file of the monitoring role of the doctor."""
        return self.folder / "monitor.password"

    @property
    def pooler_password(self) -> Path:
        """Password file of the doctor at the pooler's admin console, while a pooler runs."""
        return self.folder / "pooler.password"

    @property
    def pgpass(self) -> Path:
        """Password file of libpq in the home folder, while a pooler runs: fixes log in at its console."""
        return self.home / ".pgpass"

    @property
    def aws_credentials(self) -> Path:
        """AWS credentials of the doctor."""
        return self.folder / "aws.credentials"

    @property
    def aws_endpoint(self) -> Path:
        """File with the URL of Secrets Manager."""
        return self.folder / "aws.endpoint"

    @property
    def connection_holder_pid(self) -> Path:
        """PID file of the process that holds connections, while it runs."""
        return self.folder / "connection-holder.pid"

    @property
    def home(self) -> Path:
        """Home folder without .aws and certificates of the user, and without their .pgpass."""
        return self.folder / "home"

    @property
    def target_file(self) -> Path:
        """Target file of the lab."""
        return self.folder / "clearpay-doctor.toml"


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically, with mode 0600."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(text, "utf-8")
    part.replace(path)
