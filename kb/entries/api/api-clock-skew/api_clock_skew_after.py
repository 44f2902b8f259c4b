"""Compares its clock with the API's before it trusts any time in a token, and says so when they differ.

Every answer has a Date. Measure the difference once at start and whenever a token is refused for its times.
Do not correct for it in the program: the clock is wrong for certificates, logs and bookings too. Allow a
minute, which networks and rounding need, and stop with the number above that.
"""

import os
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
from clearpay import Client

LEEWAY_S = 60.0


class ClockSkew(Exception):
    """Our clock and the API's differ by more than tokens allow."""


def check_clock(url: str, ca_file: str) -> float:
    """Return the API's clock minus ours, in seconds. Raises ClockSkew, requests.RequestException."""
    before = time.time()
    response = requests.get(f"{url}/healthz", verify=ca_file, timeout=(3.05, 10))
    ours = (before + time.time()) / 2
    difference = parsedate_to_datetime(response.headers["Date"]).timestamp() + 0.5 - ours
    if abs(difference) > LEEWAY_S:
        raise ClockSkew(f"the API's clock is {difference:+.0f} s off ours: look at chronyc tracking")
    return difference


if __name__ == "__main__":
    api, trusted = os.environ["CLEARPAY_API_URL"], os.environ["CLEARPAY_CA_FILE"]
    print(f"clocks agree within {abs(check_clock(api, trusted)):.0f} s")
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    client = Client(api, api_key=key, ca_file=trusted)
    current, _ = client.auth.generate_token()
    print("payment:", client.pay(1000, "USD", token=current))
