"""Checks of kind `http`: one GET of the API without a credential, and the answer that is expected."""

import json
from typing import Any, Final

from diagnostics.clients.clearpay_api.requests import send_get
from diagnostics.clients.http.messages import Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value
from diagnostics.errors import CannotTell
from kb.checks.model import Check, Constant, HttpCheck

ABSENT: Final = "absent"
MAX_TEXT: Final = 200
MS_PER_S: Final = 1000


def run_http_check(context: Context, code: str, check: Check, request: HttpCheck) -> None:
    """Send the GET, and record an answer other than the expected one as a finding.

    Raises CannotTell where no answer came: the probes of the API examine that.
    """
    try:
        response = send_get(context, request.path)
    except NoResponse as failure:
        raise CannotTell(f"no answer to GET {request.path}: {failure.problem}: {failure.detail}") from None
    right = [
        _compare(context, f"status of {request.path}", response.status, request.expect.status),
        _in_time(context, response, request),
    ]
    if request.expect.text:
        has = request.expect.text.encode() in response.body
        context.evidence(
            "text", has, expected=True, ok=has, note=f"the answer contains {request.expect.text!r}"
        )
        right.append(has)
    document = _document(response) if request.expect.json else None
    for pointer, expected in request.expect.json.items():
        right.append(_compare(context, pointer, _shown(at_pointer(document, pointer)), expected))
    if not all(right):
        context.finding(code, check.level)


def _compare(context: Context, name: str, value: Value, expected: Constant) -> bool:
    right = value == expected and isinstance(value, bool) == isinstance(expected, bool)
    context.evidence(name, value, expected=expected, ok=right)
    return right


def _in_time(context: Context, response: Response, request: HttpCheck) -> bool:
    took, most = round(response.phases.total, 1), request.within_s * MS_PER_S
    context.evidence("took", took, expected=f"at most {most:g}", unit="ms", ok=took <= most)
    return took <= most


def _document(response: Response) -> Any:
    """Return the JSON of an answer, None if it is not JSON."""
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return None


def at_pointer(document: Any, pointer: str) -> Any:
    """Return the value at a JSON Pointer (RFC 6901); ABSENT if there is none."""
    value = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif (
            isinstance(value, list)
            and name.isdecimal()
            and len(name) < len("10000")
            and int(name) < len(value)
        ):
            value = value[int(name)]
        else:
            return ABSENT
    return value


def _shown(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return value[:MAX_TEXT] if isinstance(value, str) else value
    return "an object" if isinstance(value, dict) else "a list"
