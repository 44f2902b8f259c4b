"""Errors of requests without a class of their own are classified."""

from pathlib import Path

import pytest
import requests

from diagnostics.clients.http.failures import classify


@pytest.mark.parametrize("option", ["verify", "cert"])
def test_a_file_of_tls_that_requests_cannot_find_is_a_matter_of_tls(tmp_path: Path, option: str) -> None:
    missing = {option: str(tmp_path / "missing.pem")}
    with pytest.raises(OSError, match="Could not find") as caught:
        requests.get("https://127.0.0.1:1/", timeout=1, **missing)  # type: ignore[arg-type]  # either of two

    assert classify(caught.value, expired=False, connected=False).problem == "tls"
