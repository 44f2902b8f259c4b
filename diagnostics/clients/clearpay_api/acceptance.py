"""Evidence in an answer to `me_path` that the API accepted a credential.

A status of 200 is not enough: many APIs answer an unknown caller with 200 and an error in the body, or with
the same public document for everybody. A field that only an accepted credential gets is the evidence.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from diagnostics.clients.clearpay_api.requests import error_type
from diagnostics.clients.http.messages import Response
from diagnostics.clients.json_shape import value_at
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell
from diagnostics.targets.settings import Contract

FLAGS: Final = frozenset({"success", "ok", "authenticated", "authorized", "active", "valid"})
"""Members that are false if the caller was refused; `active` is that of RFC 7662, 2.2."""
ERRORS: Final = frozenset({"error", "errors", "fault", "exception"})
"""Members that are empty or absent if the caller was accepted."""
STATUSES: Final = frozenset({"status", "code", "statuscode", "status_code", "result", "message"})
REFUSED: Final = frozenset(
    {
        "error",
        "fail",
        "failed",
        "failure",
        "unauthorized",
        "unauthenticated",
        "forbidden",
        "denied",
        "invalid",
    }
)
"""Values of those members that say the caller was refused."""
ANONYMOUS: Final = frozenset({"anonymous", "guest", "none", "null", "public", "undefined", "unknown"})
"""Names that servers give to a caller whom they do not know."""
MAX_NAMES: Final = 8


def require_acceptance(context: Context, response: Response, credential: str) -> None:
    """Report the field that shows acceptance. Raises CannotTell if the answer has none, or says the opposite.

    `credential` is `key` or `token`.
    """
    contract = context.target.settings.contract
    document: Mapping[str, Any] = response.document or {}
    answered = f"GET {contract.me_path} answered {response.status}"
    error = error_type(context, response)
    refusal = error if error in contract.key_errors else "" if contract.caller_field else _refusal(document)
    if refusal:
        raise CannotTell(f"{answered}, but the body says {refusal}: the {credential} is not proven")
    field = next(_fields_of_caller(contract, document), "")
    if not field:
        raise CannotTell(f"{answered}, but {_missing(context, contract, document)}")
    context.evidence(credential, "accepted", ok=True, note=f"the answer has {field}")


def _fields_of_caller(contract: Contract, document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the fields about the caller that the answer has with a value."""
    fields = (
        (contract.caller_field,)
        if contract.caller_field
        else (contract.merchant_field, contract.scopes_field, contract.expires_field)
    )
    for field in fields:
        value = value_at(document, field)
        named = bool(value) and str(value).strip().lower() not in ANONYMOUS
        if named and (value is not True or contract.caller_field):
            yield field


def _refusal(document: Mapping[str, Any]) -> str:
    """Return the member of a document that says the caller was refused; empty if there is none."""
    for name, value in document.items():
        key, text = name.lower(), str(value).strip().lower()
        refused = (
            (key in FLAGS and text in {"false", "0"})
            or (key in ERRORS and bool(value) and text not in ANONYMOUS)
            or (key in STATUSES and (text in REFUSED or _is_error_status(text)))
        )
        if refused:
            return f"{name}: {text[:60]}"
    return ""


def _is_error_status(text: str) -> bool:
    return text.isdecimal() and len(text) == 3 and int(text) >= HTTPStatus.BAD_REQUEST  # noqa: PLR2004  a status


def _missing(context: Context, contract: Contract, document: Mapping[str, Any]) -> str:
    """Return what the answer lacks, and the setting that names a field of it."""
    names = [name[:40] for name in document][:MAX_NAMES]
    has = f"it has {', '.join(names)}" if names else "it is empty"
    prefix = f"target.{context.target.name}.contract"
    if contract.caller_field:
        return f"without {contract.caller_field}, which {prefix}.caller_field names ({has})"
    fields = f"{contract.merchant_field}, {contract.scopes_field} or {contract.expires_field}"
    return (
        f"without {fields}, so that it may be the answer to anybody ({has}); set {prefix}.caller_field to a "
        "field that only an accepted credential gets"
    )
