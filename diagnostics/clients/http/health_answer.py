"""Judgement of the body of a health answer: 200 may come from a login page, or from a service that fails."""

import re
from typing import Any, Final

from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed

FAILING: Final = frozenset({"down", "error", "fail", "failed", "failing", "out_of_service", "unhealthy"})
"""Values of `status` that say the service is down: of Spring Boot, health+json drafts and others."""
FLAGS: Final = ("healthy", "ok", "success", "up")
SPACE: Final = re.compile(r"\s+")
BOM: Final = b"\xef\xbb\xbf"


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body; None if the body is anything else."""
    try:
        document = parse_json(body)
    except Malformed:
        return None
    return document if isinstance(document, dict) else None


def is_html(body: bytes, content_type: str) -> bool:
    """Return True for an HTML page. A plain text that is sent as text/html, as Flask sends `OK`, is none."""
    start = body.removeprefix(BOM).lstrip()
    if start[:1] == b"<":
        xml = "xml" in content_type and "xhtml" not in content_type
        return not xml or b"<html" in start[:1000].lower()
    return "html" in content_type and b"<" in body and json_object(body) is None


def health_problem(body: bytes, content_type: str, promised: str) -> str:
    """Return the reason why a body is not the answer of a healthy service; empty if it is.

    `promised` is a text that the answer contains, compared without white space; without one, any answer is
    accepted that is not an HTML page and does not state a failure itself.
    """
    if promised:
        text = SPACE.sub("", body.decode("utf-8", "replace"))
        return "" if SPACE.sub("", promised) in text else f"without the text {promised!r}"
    if is_html(body, content_type):
        return "with an HTML page"
    document = json_object(body) if body.lstrip()[:1] == b"{" else None
    return _stated_failure(document or {})


def _stated_failure(document: dict[str, Any]) -> str:
    status = document.get("status")
    if isinstance(status, str) and status.strip().lower() in FAILING:
        return f"and says status: {status}"
    flag = next((name for name in FLAGS if document.get(name) is False), "")
    return f"and says {flag}: false" if flag else ""
