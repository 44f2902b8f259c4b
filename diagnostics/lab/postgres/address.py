"""Address of the lab's database for the application and the doctor."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Host, or folder of a unix socket, and the other components of the URL."""

    host: str
    port: int
    database: str
    parameters: tuple[tuple[str, str], ...] = ()

    def url(self, role: str, database: str = "") -> str:
        """Return the URL for libpq, without a password."""
        name = quote(database or self.database, safe="")
        if self.host.startswith("/"):
            authority, parameters = "", (("host", self.host), ("port", str(self.port)), *self.parameters)
        else:
            authority, parameters = f"{self.host}:{self.port}", self.parameters
        query = f"?{urlencode(parameters, safe='/', quote_via=quote)}" if parameters else ""
        return f"postgresql://{quote(role, safe='')}@{authority}/{name}{query}"
