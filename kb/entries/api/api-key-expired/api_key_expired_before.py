"""Lists payments with the key that it read when it was deployed.

Nothing looks at the key's end before it comes, and nothing reads the key again after somebody has put a new
one in its place. So on one day all programs with this key fail in the same second, and only a new deployment
helps. Waiting for the error in the constructor is no use either: a client is made without asking the API.
"""

import os
from pathlib import Path

from clearpay import Client

KEY = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8")


def payments() -> int:
    """Count the payments."""
    client = Client(os.environ["CLEARPAY_API_URL"], api_key=KEY, ca_file=os.environ["CLEARPAY_CA_FILE"])
    return len(client.payments())


if __name__ == "__main__":
    print("payments:", payments())
