"""What requests says without a name of its own still has a meaning."""

import pytest
import requests

from diagnostics.clients.http.failures import failure


@pytest.mark.parametrize("named", [{"verify": "/nowhere/ca.pem"}, {"cert": "/nowhere/client.pem"}])
def test_a_file_of_tls_that_requests_cannot_find_is_a_matter_of_tls(named: dict[str, str]) -> None:
    with pytest.raises(OSError, match="Could not find") as caught:
        requests.get("https://127.0.0.1:1/", timeout=1, **named)  # type: ignore[arg-type]  # either of two

    assert failure(caught.value, expired=False, connected=False).problem == "tls"
