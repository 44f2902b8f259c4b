"""Pays with the token that was there when it started, until the API takes it no more.

A token has an end, and this program neither looks at it nor asks for another. It works for as long as one
token lives, then fails with every payment until somebody restarts it.
The usual repair, a new token for each payment, trades this error for the next: the limit of token requests.
"""

import os
from pathlib import Path

from clearpay import Client

TOKEN = Path(os.environ["CLEARPAY_TOKEN_FILE"]).read_text("utf-8").strip()


def pay() -> str:
    """Book a payment of 10.00 USD."""
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    client = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    return client.pay(1000, "USD", token=TOKEN)


if __name__ == "__main__":
    print("payment:", pay())
