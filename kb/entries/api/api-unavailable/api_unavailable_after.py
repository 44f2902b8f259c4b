"""Reads payments, bridges a short outage, and calls a long one by its name.

Retry what changes nothing, a few times, with growing pauses: connections that fail, and 502, 503 and 504.
A payment is not retried like this: send it with an idempotency key, or it may be booked twice.
Check that the answer is the API's before parsing it, and raise one exception that says who was asked.
"""

import os

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

RETRY = Retry(total=3, backoff_factor=0.2, status_forcelist=(502, 503, 504), allowed_methods=("GET",))
TIMEOUT_S = (3.05, 10.0)


class ApiUnavailable(Exception):
    """The API did not answer; whatever did is in the text."""


def read(session: requests.Session, path: str) -> object:
    """GET a document of the API. Raises ApiUnavailable."""
    url = os.environ["CLEARPAY_API_URL"] + path
    try:
        response = session.get(url, verify=os.environ["CLEARPAY_CA_FILE"], timeout=TIMEOUT_S)
        response.raise_for_status()
    except requests.RequestException as error:
        raise ApiUnavailable(f"{url}: {error}") from error
    kind = response.headers.get("Content-Type", "")
    if not kind.startswith("application/json"):
        raise ApiUnavailable(f"{url}: answered with {kind or 'no content type'}, so it was not the API")
    return response.json()


if __name__ == "__main__":
    with requests.Session() as api:
        api.mount("https://", HTTPAdapter(max_retries=RETRY))
        print("health:", read(api, "/healthz"))
