"""Login of the application: exchange the API key for a token."""

import http.client
import json
from contextlib import closing
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.layout import write_private

TIMEOUT_S = 5.0
PORT_FILE = "api.port"
KEY_FILE = "api.key"
TOKEN_FILE = "api.token"  # noqa: S105  a name


def fetch_token(folder: Path) -> None:
    """Write a new token for the application; keep the old one without an answer. Raises LabError.

    The request bypasses the TLS proxy, so that faults of the proxy do not change the token.
    """
    try:
        port, key = (int((folder / PORT_FILE).read_text("utf-8")), (folder / KEY_FILE).read_text("utf-8"))
    except OSError as error:
        raise LabError(f"{folder}: no lab is running there: {error.strerror}") from None
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as api:
        try:
            api.request("POST", "/v1/auth/token", headers={"X-Api-Key": key})
            answer = api.getresponse()
            document = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException):
            return  # a restart succeeds without the API; the first payment fails
    if answer.status == http.client.OK:
        write_private(folder / TOKEN_FILE, document["access_token"])
