"""Where a lab keeps its files, for every process that works in it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The files below a lab's folder."""

    folder: Path

    @property
    def application_password(self) -> Path:
        """The credential that the application uses."""
        return self.folder / "app.password"

    @property
    def monitor_password(self) -> Path:
        """The credential of the role that the doctor looks with."""
        return self.folder / "monitor.password"

    @property
    def aws_credentials(self) -> Path:
        """The doctor's own AWS credentials."""
        return self.folder / "aws.credentials"

    @property
    def aws_endpoint(self) -> Path:
        """The address of Secrets Manager."""
        return self.folder / "aws.endpoint"

    @property
    def hog_pid(self) -> Path:
        """The process that holds connections, while there is one."""
        return self.folder / "hog.pid"

    @property
    def home(self) -> Path:
        """An empty home folder: no .pgpass, no .aws, no certificates of a person."""
        return self.folder / "home"

    @property
    def target_file(self) -> Path:
        """The lab as a target."""
        return self.folder / "clearpay-doctor.toml"


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(text, "utf-8")
    part.replace(path)
