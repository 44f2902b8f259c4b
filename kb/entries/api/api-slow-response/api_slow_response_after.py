"""Asks the API and gives up in time, however slowly the answer drips.

Read in pieces and look at the clock between them: each read is bounded by the timeout, all of them by the
deadline. Then the caller can decide, queue the work, or answer its own caller, before its own time is over.
Choose the deadline from measurements: the slowest one of a thousand answers, and half as much again.
"""

import os
import sys
import time

import requests

DEADLINE_S = 0.5
MOST_BYTES = 1_000_000


class TooSlow(Exception):
    """The whole answer did not come in time."""


def ask(url: str, ca_file: str) -> bytes:
    """Return the body of a response. Raises TooSlow, requests.RequestException."""
    until, body = time.monotonic() + DEADLINE_S, b""
    with requests.get(url, verify=ca_file, timeout=DEADLINE_S, stream=True) as response:
        while piece := response.raw.read1(16_384):
            body += piece
            if time.monotonic() > until or len(body) > MOST_BYTES:
                raise TooSlow(f"{url}: {len(body)} bytes in {DEADLINE_S} s, and more to come")
    return body


if __name__ == "__main__":
    began, code = time.monotonic(), 0
    try:
        print("bytes:", len(ask(os.environ["CLEARPAY_API_URL"] + "/healthz", os.environ["CLEARPAY_CA_FILE"])))
    except (TooSlow, requests.Timeout) as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    print(f"taken: {time.monotonic() - began:.3f}")
    sys.exit(code)
