"""Responses by which a web server refuses the client's certificate after a complete TLS handshake.

nginx answers with a page, and so do the gateways built on it. Apache httpd does if a location demands one.
Source: ngx_http_special_response.c (codes 495 and 496), mod_ssl (ssl_engine_kernel.c).
"""

from typing import Final

CODES: Final = frozenset({495, 496})
"""nginx's own statuses, which an `error_page` may let through."""
PAGES: Final = (
    b"No required SSL certificate was sent",
    b"The SSL certificate error",
    b"Cannot perform Post-Handshake Authentication",
)
MIN_STATUS, MAX_STATUS = 400, 403


def certificate_refusal(status: int, body: bytes) -> str:
    """Return the server's sentence about the client's certificate; empty if the response is not about it."""
    if MIN_STATUS <= status <= MAX_STATUS:
        page = next((page for page in PAGES if page in body), b"")
        return page.decode("ascii")
    return f"status {status} of nginx" if status in CODES else ""
