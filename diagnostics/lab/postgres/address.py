"""Where the lab's database is, as the application and the doctor are told."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A host, or the folder of a unix socket, with what else stands in the URL."""

    host: str
    port: int
    database: str
    parameters: tuple[tuple[str, str], ...] = ()

    def url(self, role: str, database: str = "") -> str:
        """A URL without a password, as libpq reads it."""
        name = quote(database or self.database, safe="")
        if self.host.startswith("/"):
            place, parameters = "", (("host", self.host), ("port", str(self.port)), *self.parameters)
        else:
            place, parameters = f"{self.host}:{self.port}", self.parameters
        query = f"?{urlencode(parameters, safe='/', quote_via=quote)}" if parameters else ""
        return f"postgresql://{quote(role, safe='')}@{place}/{name}{query}"
