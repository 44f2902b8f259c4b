"""Starts with keys from the source, overlaid by a file; a forgotten key shows at the first payment.

Keys in the source belong to everybody who can read the repository, and stay in its history when they are
deleted. They also hide that a deployment forgot one: the service starts, looks well, and
fails with its first customer. Nothing compares the keys with each other or with the environment.
"""

from clearpay import authentication, config

CLEARPAY_CONFIG = {
    "api_key": "cp_live_7c41d09ab2e8f635d1907ea4",
    "merchant_id": "merchant_00000000",
    "secret_key": "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
    "environment": "production",
}


def pay(amount: str) -> str:
    """Send a payment with whatever keys there are."""
    settings = CLEARPAY_CONFIG | config.load("credentials")
    authentication.check(settings)
    return f"payment of {amount} sent to {settings['environment']}"


if __name__ == "__main__":
    print("service started")
    print(pay("25.00"))
