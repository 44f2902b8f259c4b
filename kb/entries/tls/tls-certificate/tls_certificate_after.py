"""Asks the API how it is, with a bundle of authorities that belongs to this client alone.

Give `verify` a path with each request. Then no variable of the environment wins over it, and no other client
of the process is touched. There is no switch that turns verification off: if a certificate is refused,
the call fails with the reason. Read the bundle when the program starts, not at the first payment: a wrong
path is an error of the deployment. Keep an own bundle only for an authority that is not public.
"""

import os
import ssl
from pathlib import Path

from clearpay.network import Client


def client() -> Client:
    """Return a client that trusts the deployment's CA bundle. Raises OSError if the bundle cannot be read."""
    bundle = Path(os.environ["CLEARPAY_CA_FILE"])
    ssl.create_default_context(cafile=str(bundle))
    return Client(
        os.environ["CLEARPAY_API_URL"],
        ca_file=str(bundle),
        crl_file=os.environ.get("CLEARPAY_CRL_FILE"),
    )


if __name__ == "__main__":
    print("API:", client().get("/healthz")["status"])
