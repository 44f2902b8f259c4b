"""TLS and basic auth of the exporter, from a file in the form that Prometheus' own exporters read."""

import base64
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnostics.errors import UsageError
from kb.parsers.malformed import Malformed
from kb.parsers.plain_file import read_plain_file
from kb.parsers.yaml_document import parse_yaml

MAX_BYTES = 100_000
MAX_USERS = 100
MAX_KNOWN = 100
"""Passwords whose check is remembered: bcrypt takes a tenth of a second, and a scraper comes every few."""
TLS_KEYS = {"cert_file", "key_file", "client_ca_file", "client_auth_type"}
FILES = ("cert_file", "key_file", "client_ca_file")
KEYS = {"tls_server_config", "basic_auth_users"}
CLIENT_AUTH = ("NoClientCert", "RequireAndVerifyClientCert")
DIGEST = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")
NOBODY = b"$2b$10$7EqJtq98hPqEX7fNZaFWoO5yRBu2Y4Jr8V1BSCTKfDkfm7n8LQzqW"
"""Digest for users that do not exist, so that their check takes as long."""


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Certificate, key and users of the exporter; empty values for what is not used."""

    cert_file: str = ""
    key_file: str = field(default="", repr=False)
    client_ca_file: str = ""
    users: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Digests of bcrypt by user."""
    known: set[bytes] = field(default_factory=set, repr=False, compare=False)
    salt: bytes = field(default_factory=lambda: os.urandom(16), repr=False, compare=False)

    def knows(self, authorization: str) -> bool | None:
        """Return True for a header that was checked before, False for a malformed one, otherwise None."""
        if not self.users:
            return True
        if _credentials(authorization) is None:
            return False
        return True if self._digest(authorization) in self.known else None

    def allows(self, authorization: str) -> bool:
        """Return True if the header has a user with the right password. It takes a tenth of a second."""
        import bcrypt  # noqa: PLC0415  only with users

        user, password = _credentials(authorization) or ("", b"")
        allowed = bcrypt.checkpw(password[:72], self.users.get(user, NOBODY)) and user in self.users
        if allowed and len(self.known) < MAX_KNOWN:
            self.known.add(self._digest(authorization))
        return allowed

    def _digest(self, authorization: str) -> bytes:
        return hmac.digest(self.salt, authorization.encode("utf-8", "replace"), "sha256")


def read_web_config(path: Path) -> WebConfig:
    """Read the file. Raises UsageError, which repeats no value."""
    try:
        text, _ = read_plain_file(path, MAX_BYTES)
        data = parse_yaml(text.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (Malformed, UnicodeDecodeError):
        raise UsageError(f"{path}: is no YAML of a web configuration") from None
    if not isinstance(data, dict) or (unknown := data.keys() - KEYS):
        names = ", ".join(sorted(map(str, unknown))) if isinstance(data, dict) else "no table"
        raise UsageError(f"{path}: {names}: expected {' and '.join(sorted(KEYS))}")
    users = _users(path, data.get("basic_auth_users"))
    files = _tls(path, data.get("tls_server_config"))
    certificate, key, authority = (files.get(name, "") for name in FILES)
    return WebConfig(certificate, key, authority, users)


def _tls(path: Path, table: Any) -> dict[str, str]:
    if table is None:
        return {}
    if not isinstance(table, dict) or table.keys() - TLS_KEYS:
        raise UsageError(f"{path}: tls_server_config: expected {', '.join(sorted(TLS_KEYS))}")
    kind = table.get("client_auth_type", CLIENT_AUTH[1] if "client_ca_file" in table else CLIENT_AUTH[0])
    if kind not in CLIENT_AUTH or (kind == CLIENT_AUTH[1]) != ("client_ca_file" in table):
        raise UsageError(
            f"{path}: client_auth_type: {CLIENT_AUTH[0]}, or {CLIENT_AUTH[1]} with client_ca_file"
        )
    files = {}
    for key in FILES:
        name = table.get(key, "")
        if not isinstance(name, str) or (key != "client_ca_file" and not name):
            raise UsageError(f"{path}: tls_server_config.{key}: expected the path of a file")
        if name and not (path.parent / name).is_file():
            raise UsageError(f"{path}: tls_server_config.{key}: no such file")
        files[key] = str(path.parent / name) if name else ""
    return files


def _users(path: Path, table: Any) -> dict[str, bytes]:
    if table is None:
        return {}
    if not isinstance(table, dict) or len(table) > MAX_USERS:
        raise UsageError(f"{path}: basic_auth_users: expected at most {MAX_USERS} users with digests")
    users = {}
    for name, digest in table.items():
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            raise UsageError(f"{path}: basic_auth_users: expected a digest of bcrypt: htpasswd -nBC 10 USER")
        users[str(name)] = digest.encode()
    return users


def _credentials(authorization: str) -> tuple[str, bytes] | None:
    """Return user and password of a header of basic auth (RFC 7617); None for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).partition(b":")
    except ValueError:  # no base64, or no ASCII
        return None
    return (user.decode("utf-8", "replace"), password) if colon else None
