"""Pays with a token whose times it compares with its own clock alone.

The token looks good here, because it has begun and has not ended by this machine's clock. The API goes by
its own. Asking for another token does not help for long, and the error names the token, not the clock, so
people look for hours in the wrong place.
"""

import base64
import json
import os
import time
from pathlib import Path

from clearpay import Client


def pay() -> str:
    """Book a payment, if the token is good by our clock."""
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    token = Path(os.environ["CLEARPAY_TOKEN_FILE"]).read_text("utf-8").strip()
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    if claims["exp"] <= time.time():
        raise SystemExit("the token has expired")
    client = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    return client.pay(1000, "USD", token=token)


if __name__ == "__main__":
    print("payment:", pay())
