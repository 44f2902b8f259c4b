"""Programs and packages of some parts of the lab, which a machine may lack, and how to install them."""

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from diagnostics.lab.errors import LabError

CAP_SYS_ADMIN: Final = 21
"""Number of the capability in linux/capability.h."""
SEARCH_PATH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
"""Folders of servers are not always on the PATH of a user."""


class NotInstalled(LabError):
    """Missing program or package; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A program of the system, or a package of Python with `module`, and the command that installs it."""

    name: str
    program: str = ""
    module: str = ""
    install: str = "make system-deps"

    @property
    def found(self) -> bool:
        """True if it is installed."""
        return find_program(self.program) is not None if self.program else find_spec(self.module) is not None

    def require(self) -> None:
        """Raise NotInstalled if it is missing."""
        if not self.found:
            raise NotInstalled(f"{self.name} is not installed: {self.install}")

    def path(self) -> str:
        """Return the path of the program. Raises NotInstalled."""
        self.require()
        return str(find_program(self.program))


PGBOUNCER: Final = Requirement(
    "PgBouncer", program="pgbouncer", install="apt-get install pgbouncer, or make system-deps"
)
NGINX: Final = Requirement(
    "nginx", program="nginx", install="apt-get install nginx-light, or make system-deps"
)
GUNICORN: Final = Requirement("gunicorn", module="gunicorn", install="pip install 'clearpay-doctor[lab]'")
UVICORN: Final = Requirement("uvicorn", module="uvicorn", install="pip install 'clearpay-doctor[lab]'")
REQUIREMENTS: Final = (PGBOUNCER, NGINX, GUNICORN, UVICORN)


def find_program(name: str) -> Path | None:
    """Return the path of a program of the system, or None."""
    found = shutil.which(name, path=SEARCH_PATH)
    return Path(found) if found else None


def available(name: str) -> bool:
    """Return True if a program is installed and may do its work: `mount` needs a capability of the kernel."""
    return find_program(name) is not None and (name != "mount" or _may_mount())


def _may_mount() -> bool:
    """Return True if this process has CAP_SYS_ADMIN, by capabilities(7)."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return False
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> CAP_SYS_ADMIN & 1)


def missing() -> list[Requirement]:
    """Return what is not installed on this machine."""
    return [requirement for requirement in REQUIREMENTS if not requirement.found]
