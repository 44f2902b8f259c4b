"""Errors of PostgreSQL, parsed from the ErrorResponse message or from libpq's verbose text.

Source: PostgreSQL documentation, 55.8 "Error and Notice Message Fields".
"""

import re
from dataclasses import dataclass

from diagnostics.clients.postgres.login.server_text import decode

SQLSTATE = re.compile(r"[0-9A-Z]{5}")
VERBOSE = re.compile(r": {2}([0-9A-Z]{5}): ([^\n]*)")
LOCATION = re.compile(r": {2}(\w+), [\w./\\-]+:\d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServerError:
    """One ErrorResponse. The message is in the server's language; SQLSTATE and routine are not translated."""

    sqlstate: str
    message: str
    detail: str = ""
    routine: str = ""
    """C function that raised the error; it distinguishes errors that share one SQLSTATE."""

    @property
    def shown(self) -> str:
        """SQLSTATE and message on one line, as evidence shows them."""
        return f"{self.sqlstate or 'no SQLSTATE'}: {self.message}"


def from_fields(payload: bytes) -> ServerError:
    """Parse the payload of an ErrorResponse; a malformed SQLSTATE is left empty."""
    fields = {item[:1]: decode(item[1:]) for item in payload.split(b"\0") if len(item) > 1}
    code = fields.get(b"C", "")
    sqlstate = code if SQLSTATE.fullmatch(code) else ""
    return ServerError(sqlstate, fields.get(b"M", ""), fields.get(b"D", ""), fields.get(b"R", ""))


def from_verbose(text: str) -> ServerError:
    """Parse libpq's text at verbosity `verbose`; of several errors the last one, which ended the attempt.

    An error of libpq itself has no SQLSTATE.
    """
    errors = list(VERBOSE.finditer(text))
    if not errors:
        return ServerError("", text.strip())
    last = errors[-1]
    location = LOCATION.search(text, last.end())
    return ServerError(last[1], last[2], routine=location[1] if location else "")
