"""Host names are encoded as `requests` encodes them, and refused where it refuses them."""

from urllib.parse import urlsplit

import pytest
import requests

from diagnostics.clients.http.host_names import host_as_sent


@pytest.mark.parametrize(
    ("host", "ascii_form"),
    [
        ("api.clearpay.example", "api.clearpay.example"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("\u03b2\u03cc\u03bb\u03bf\u03c2.example", "xn--nxasmm1c.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("\uff41\uff50\uff49.example", ""),
        ("api\u3002example", ""),
        ("\u4e2d\u56fd", "xn--fiqs8s"),
        ("\u2603.example", ""),
        ("a\u200b.example", ""),
    ],
)
def test_a_host_is_encoded_as_requests_encodes_it(host: str, ascii_form: str) -> None:
    try:
        theirs = urlsplit(requests.Request("GET", f"https://{host}/").prepare().url or "").hostname
    except requests.exceptions.InvalidURL:
        theirs = ""
    try:
        ours = host_as_sent(host)
    except UnicodeError:
        ours = ""

    assert ours == theirs == ascii_form
