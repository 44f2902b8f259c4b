"""Asks the API with a timeout that stands for each read, and believes that it stands for the call.

The timeout of `requests` is the longest silence between two reads. An answer that comes in pieces, each just
in time, takes as long as it likes, and the thread waits with it. An API that is slow from the first byte on
ends in an error, although it would have answered: both limits were guessed, and neither was measured.
"""

import os
import time

import requests

SILENCE_S = 0.5


def ask() -> int:
    """Return the length of the response."""
    clearpay, trusted = os.environ["CLEARPAY_API_URL"], os.environ["CLEARPAY_CA_FILE"]
    return len(requests.get(f"{clearpay}/healthz", verify=trusted, timeout=SILENCE_S).content)


if __name__ == "__main__":
    began = time.monotonic()
    print("bytes:", ask())
    print(f"taken: {time.monotonic() - began:.3f}")
