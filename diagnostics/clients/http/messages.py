"""HTTP request and response as plain data that can be read without a library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from diagnostics.clients.http.health_answer import is_html, json_object

MAX_BODY_BYTES: Final = 64 * 1024
"""Bytes of a response body that are read; the API's own responses are smaller."""


@dataclass(frozen=True, slots=True)
class Request:
    """URL, headers and time limit of a GET."""

    url: str = field(repr=False)
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    client_files: tuple[str, str] | str = ""
    """Client certificate and key, or the one file that has both; empty if the application has none."""
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Phases:
    """Milliseconds of each phase of one request."""

    resolve: float
    connect: float
    tls: float
    first_byte: float
    body: float

    @property
    def total(self) -> float:
        """Milliseconds from the name resolution to the last byte."""
        return self.resolve + self.connect + self.tls + self.first_byte + self.body


@dataclass(frozen=True, slots=True)
class Response:
    """Response of a server; its texts may contain secrets and are reported through the context only."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Values by lower-case name; repeated headers are joined by commas (RFC 9110, 5.3)."""
    body: bytes = field(repr=False)
    phases: Phases
    at: float
    """Local time in seconds since the epoch, halfway between request and response."""

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The JSON object in the body; None if the body is anything else."""
        return json_object(self.body)

    @property
    def too_long(self) -> bool:
        """True if the body was not read to its end: an application that reads all of it may never finish."""
        return len(self.body) >= MAX_BODY_BYTES

    @property
    def html(self) -> bool:
        """True for an HTML page, which the API itself never sends."""
        return is_html(self.body, self.headers.get("content-type", ""))
