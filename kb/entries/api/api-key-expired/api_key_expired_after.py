"""Lists payments with the current key, and reads it again when the API refuses the one in memory.

Keep the key where it can be replaced without a deployment, and let two keys be valid at a time: make the new
one, put it in place, wait until the old one is no longer used, then delete it. A refused key is read anew
once, and tried only if it has really changed.
"""

import os
from pathlib import Path

from clearpay import Client
from clearpay.exceptions import ApiKeyExpiredError, ApiKeyRejectedError


class Payments:
    """Reads payments; outlives the exchange of its key."""

    def __init__(self, url: str, key_file: Path, ca_file: str) -> None:
        self._url, self._key_file, self._ca_file = url, key_file, ca_file
        self._key = self._read()

    def count(self) -> int:
        """Count the payments. Raises ClearPayError."""
        try:
            return self._count()
        except (ApiKeyExpiredError, ApiKeyRejectedError):
            refused, self._key = self._key, self._read()
            if self._key == refused:
                raise
        return self._count()

    def _count(self) -> int:
        return len(Client(self._url, api_key=self._key, ca_file=self._ca_file).payments())

    def _read(self) -> str:
        return self._key_file.read_text("utf-8").strip()


if __name__ == "__main__":
    key_file = Path(os.environ["CLEARPAY_API_KEY_FILE"])
    known = Payments(os.environ["CLEARPAY_API_URL"], key_file, os.environ["CLEARPAY_CA_FILE"])
    print("payments:", known.count())
