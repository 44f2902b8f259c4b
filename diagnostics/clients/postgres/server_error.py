"""What PostgreSQL says when it refuses: read off the wire, or off libpq's verbose text.

Source: PostgreSQL documentation, 55.8 "Error and Notice Message Fields".
"""

import re
from dataclasses import dataclass

SQLSTATE = re.compile(r"[0-9A-Z]{5}")
VERBOSE = re.compile(r": {2}([0-9A-Z]{5}): ([^\n]*)")
LOCATION = re.compile(r": {2}(\w+), [\w./\\-]+:\d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServerError:
    """An ErrorResponse. The text is in the server's language; SQLSTATE and routine are in none."""

    sqlstate: str
    message: str
    detail: str = ""
    routine: str = ""
    """The C function that raised it; it tells apart what shares one SQLSTATE."""

    @property
    def shown(self) -> str:
        """The error on one line, as evidence shows it."""
        return f"{self.sqlstate or 'no SQLSTATE'}: {self.message}"


def from_fields(payload: bytes) -> ServerError:
    """Read the fields of an ErrorResponse; whatever is no SQLSTATE counts as none."""
    fields = {item[:1]: item[1:].decode("utf-8", "replace") for item in payload.split(b"\0") if len(item) > 1}
    code = fields.get(b"C", "")
    sqlstate = code if SQLSTATE.fullmatch(code) else ""
    return ServerError(sqlstate, fields.get(b"M", ""), fields.get(b"D", ""), fields.get(b"R", ""))


def from_verbose(text: str) -> ServerError:
    """Read libpq's text at verbosity `verbose`; the last refusal counts, as it ended the attempt.

    An error of libpq itself carries no SQLSTATE.
    """
    refusals = list(VERBOSE.finditer(text))
    if not refusals:
        return ServerError("", text.strip())
    last = refusals[-1]
    place = LOCATION.search(text, last.end())
    return ServerError(last[1], last[2], routine=place[1] if place else "")
