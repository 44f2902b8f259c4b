"""Names of evidence by which configuration and API are compared: some probes state, `agreement` reads."""

from typing import Final

KEY: Final = "fingerprint of the API key"
"""Of the literal key in the file, and of the key that the API took."""
ENVIRONMENT: Final = "environment"
"""`live` or `test`, as keys have it, whatever word the file uses."""
MERCHANT: Final = "merchant"
CURRENCIES: Final = "currencies"
READ_TIMEOUT: Final = "read timeout"
"""In seconds."""
FASTEST: Final = "fastest answer"
"""In milliseconds."""
