"""Reads the keys from the deployment alone, and does not start without them.

There is no default for a secret: a missing key ends the program before it takes a customer. The check
runs at start and covers what belongs together: both keys, and the environment. A value object keeps the
keys out of repr(), and so out of logs. Whatever was ever committed is replaced, not deleted: history
keeps it.
"""

from dataclasses import dataclass, field

from clearpay import authentication, config


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials that the client sends to the API."""

    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    merchant_id: str
    environment: str


def read() -> Credentials:
    """Load the credentials of this deployment. Raises authentication.Error at start, before any payment."""
    settings = config.load("credentials")
    authentication.check(settings)
    names = ("api_key", "secret_key", "merchant_id", "environment")
    return Credentials(**{name: settings[name] for name in names})


if __name__ == "__main__":
    credentials = read()
    print("service started with", credentials.environment)
