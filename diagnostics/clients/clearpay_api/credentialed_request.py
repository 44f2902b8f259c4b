"""Requests with a credential of the application: never in the clear, and none again that was rejected."""

import hashlib

from diagnostics.clients.clearpay_api.proxy_limits import send_at_pace
from diagnostics.clients.http.messages import Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell
from diagnostics.targets.target import on_loopback


def send_with_credential(context: Context, credential: str, header: str, scheme: str) -> Response:
    """Send a GET of the me path with a credential. Raises CannotTell: no response, or rejected before."""
    if credential_digest(credential) in context.rejected:
        raise CannotTell("this credential was rejected before; a rejected one is never tried again")
    if context.endpoint.kind == "http" and not on_loopback(context.endpoint):
        raise CannotTell("the address is http://, and a credential is never sent in the clear")
    path = context.target.settings.contract.me_path
    try:
        return send_at_pace(context, path, {header: f"{scheme} {credential}".strip()})
    except NoResponse as failure:
        raise CannotTell(f"GET {path} got no answer: {failure.problem}: {failure.detail}") from None


def credential_digest(credential: str) -> bytes:
    """Return the digest by which a rejected credential is remembered."""
    return hashlib.sha256(credential.encode()).digest()
