"""Calls the API with timeouts that look generous: one call may take ten minutes before anybody hears of it.

30 s to connect and 120 s to read, tried four times, with pauses of 2, 3 and 4.5 s: 609.5 s. The customer
left after 20, the load balancer ended the connection after 60. An address that does not answer within 3 s
rarely answers within 30. There is no deadline for the whole, and all clients retry at the same time: the
pauses are not random. A read timeout of requests counts between two bytes, so a server that sends slowly
never reaches it. The call for the API's health has no timeout at all.
"""

import os

import requests
from clearpay import config, networking

CLEARPAY_NETWORK_CONFIG = {
    "connection_timeout": 30,
    "read_timeout": 120,
    "max_retries": 3,
    "retry_delay": 2,
    "backoff_factor": 1.5,
}


def connect() -> str:
    """Make a client with what the file says, and the above where it says nothing."""
    settings = CLEARPAY_NETWORK_CONFIG | config.load("network")
    networking.check(settings)
    return f"a call ends after {networking.worst_case(settings):g} s at the latest"


def health() -> int:
    """Return the status of the API, whenever it arrives."""
    address = f"{os.environ['CLEARPAY_API_URL']}/healthz"
    return requests.get(address, verify=os.environ["CLEARPAY_CA_FILE"]).status_code


if __name__ == "__main__":
    print(connect())
    print("the API answers", health())
