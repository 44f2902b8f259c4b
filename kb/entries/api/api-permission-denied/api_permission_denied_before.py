"""Refunds a payment after asking its own list whether it may.

The list stands in the program, and the API knows nothing of it: scopes are granted to the key, by an owner of
the account. So the check passes and the call fails. It also fails the other way: whatever is asked first,
here or at the API, may have changed when the call arrives.
The usual repair is the key of an administrator, which may do everything, and leaks with everything.
"""

import os
from pathlib import Path

from clearpay import Client

SCOPES = {"payments:write", "refunds:write"}


def refund(payment: str, cents: int) -> str:
    """Pay back, if the program thinks that it may."""
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    token = Path(os.environ["CLEARPAY_TOKEN_FILE"]).read_text("utf-8").strip()
    client = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    if "refunds:write" not in SCOPES:
        return ""
    return client.refund(payment, cents, token=token)


if __name__ == "__main__":
    print("refund:", refund("pay_1", 500))
