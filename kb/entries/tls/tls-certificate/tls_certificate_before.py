"""Asks the API how it is, with a bundle of authorities that is set for the whole process.

The bundle goes into the configuration that every client of the process shares, so that two clients with two
authorities are not possible, and the last one to set it decides for all. It becomes the session's own
`verify`, and REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE of the environment silently win over that. The switch
ssl_verify=False ends the error and the protection: anybody in between can then read the key that is sent
with each request. It stays off long after the certificate is renewed.
"""

import os

from clearpay import network

network.config.CA_BUNDLE_PATH = os.environ["CLEARPAY_CA_FILE"]


def connect() -> network.Client:
    """Return a client; "for debugging only" it accepts every certificate."""
    address = os.environ["CLEARPAY_API_URL"]
    if "CLEARPAY_DEBUG" in os.environ:
        return network.Client(address, ssl_verify=False)
    return network.Client(address, crl_file=os.environ.get("CLEARPAY_CRL_FILE"))


if __name__ == "__main__":
    print("API:", connect().get("/healthz")["status"])
