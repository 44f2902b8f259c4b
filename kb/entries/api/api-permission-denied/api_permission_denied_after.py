"""Refunds a payment, and treats a refusal at the call as the answer that it is.

Ask nobody beforehand: make the call, and handle 403 there. It does not go away by itself, so nothing is
repeated; the refund is kept for a person, with the scope that the API names.
The key of this program has the scopes that it needs and no other, and no other program has it.
"""

import os
import sys
from pathlib import Path

from clearpay import Client
from clearpay.exceptions import PermissionDeniedError


def refund(client: Client, payment: str, cents: int, *, token: str) -> str | None:
    """Pay back in minor units; None where it waits for a grant. Raises other ClearPayErrors."""
    try:
        return client.refund(payment, cents, token=token)
    except PermissionDeniedError as error:
        sys.stderr.write(f"refund of {payment} waits for a grant: {error}\n")
        return None


if __name__ == "__main__":
    key = Path(os.environ["CLEARPAY_API_KEY_FILE"]).read_text("utf-8").strip()
    current = Path(os.environ["CLEARPAY_TOKEN_FILE"]).read_text("utf-8").strip()
    narrow = Client(os.environ["CLEARPAY_API_URL"], api_key=key, ca_file=os.environ["CLEARPAY_CA_FILE"])
    done = refund(narrow, "pay_1", 500, token=current)
    print("refund:", done)
    sys.exit(0 if done else 1)
