"""A configuration file has a mistake: keys of the API, timeouts, currencies, verification of webhooks."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

SOURCE = """\
CLEARPAY_CONFIG = {{
    "api_key": "{api_key}",
    "merchant_id": "{merchant_id}",
    "secret_key": "{secret_key}",
    "environment": "sandbox",
}}
"""


def credentials_missing(lab: "Lab") -> Iterator[None]:
    """The line with the secret key is gone."""
    _set(lab, "SECRET_KEY", None)
    yield


def credentials_empty(lab: "Lab") -> Iterator[None]:
    """The deployment filled in an empty API key: its secret store had none."""
    _set(lab, "API_KEY", "")
    yield


def credentials_placeholder(lab: "Lab") -> Iterator[None]:
    """Somebody deployed the example as it is."""
    _set(lab, "API_KEY", "cp_test_xxxxxxxxxxxxxxxxxxxxxxxx")
    yield


def credentials_whitespace(lab: "Lab") -> Iterator[None]:
    """A space came along when the key was copied."""
    _set(lab, "API_KEY", '"' + _value(lab, "API_KEY") + ' "')
    yield


def credentials_malformed(lab: "Lab") -> Iterator[None]:
    """The end of the key was cut off when it was copied."""
    _set(lab, "API_KEY", "cp_test")
    yield


def credentials_mixed_pair(lab: "Lab") -> Iterator[None]:
    """The secret key is the live one, the API key that of the sandbox."""
    _set(lab, "SECRET_KEY", _value(lab, "SECRET_KEY").replace("_test_", "_live_"))
    yield


def credentials_wrong_environment(lab: "Lab") -> Iterator[None]:
    """The environment was switched to production, the keys were not."""
    _set(lab, "ENVIRONMENT", "production")
    yield


def credentials_in_source(lab: "Lab") -> Iterator[None]:
    """The keys stand in a Python file of the repository."""
    names = ("api_key", "merchant_id", "secret_key")
    text = SOURCE.format(**{name: _value(lab, name.upper()) for name in names})
    lab.configs.names["credentials"] = "config.py"
    lab.configs.write("credentials", text)
    lab.publish()
    yield


def no_timeout(lab: "Lab") -> Iterator[None]:
    """Reading has no timeout."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": None')
    yield


def not_a_number(lab: "Lab") -> Iterator[None]:
    """The timeout is written with its unit, as a text."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": "10s"')
    yield


def unit(lab: "Lab") -> Iterator[None]:
    """The timeout is written in milliseconds, and read in seconds."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 10000')
    yield


def connect_too_long(lab: "Lab") -> Iterator[None]:
    """Connecting may take half a minute."""
    lab.configs.change("network", '"connection_timeout": 3.05', '"connection_timeout": 30')
    yield


def longer_than_proxy(lab: "Lab") -> Iterator[None]:
    """Reading may take two minutes, behind a load balancer that cuts after one."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 120')
    yield


def backoff(lab: "Lab") -> Iterator[None]:
    """The pauses between retries become shorter instead of longer."""
    lab.configs.change("network", '"backoff_factor": 2', '"backoff_factor": 0.5')
    yield


def retry_of_post(lab: "Lab") -> Iterator[None]:
    """Payments are sent again without an idempotency key."""
    lab.configs.change("network", '"idempotency_keys": True', '"idempotency_keys": False')
    yield


def worst_case(lab: "Lab") -> Iterator[None]:
    """Each timeout is reasonable, and five retries of all of them are not."""
    lab.configs.change("network", '"max_retries": 2', '"max_retries": 5')
    yield


def withdrawn(lab: "Lab") -> Iterator[None]:
    """A supported currency has been withdrawn: Croatia pays in euros."""
    lab.configs.change("currency", '"GBP"', '"HRK"')
    yield


def unknown_currency(lab: "Lab") -> Iterator[None]:
    """A supported currency is misspelt."""
    lab.configs.change("currency", '"GBP"', '"GPB"')
    yield


def default_unsupported(lab: "Lab") -> Iterator[None]:
    """The default currency is not among the supported ones."""
    lab.configs.change("currency", 'default_currency = "USD"', 'default_currency = "EUR"')
    yield


def duplicates(lab: "Lab") -> Iterator[None]:
    """A currency is listed twice after a merge."""
    lab.configs.change("currency", '"JPY"]', '"JPY", "USD"]')
    yield


def limits_missing(lab: "Lab") -> Iterator[None]:
    """A currency was added without its largest amount."""
    lab.configs.change("currency", 'JPY = "300000"\n', "")
    yield


def limits_inverted(lab: "Lab") -> Iterator[None]:
    """The smallest amount is larger than the largest."""
    lab.configs.change("currency", 'GBP = "1.00"', 'GBP = "5000.00"')
    yield


def not_positive(lab: "Lab") -> Iterator[None]:
    """The smallest amount is zero."""
    lab.configs.change("currency", 'USD = "1.00"', 'USD = "0"')
    yield


def minor_unit(lab: "Lab") -> Iterator[None]:
    """A limit in yen has two digits behind the point, and the yen has none."""
    lab.configs.change("currency", 'JPY = "100"', 'JPY = "0.50"')
    yield


def float_money(lab: "Lab") -> Iterator[None]:
    """A limit is written as a float."""
    lab.configs.change("currency", 'USD = "1.00"', "USD = 1.1")
    yield


def verification_off(lab: "Lab") -> Iterator[None]:
    """Somebody switched verification off to get a test through."""
    lab.configs.change("webhook", '"verify_signatures": True', '"verify_signatures": False')
    yield


def verification_no_secret(lab: "Lab") -> Iterator[None]:
    """The line with the secret is gone."""
    lab.configs.change("webhook", '    "webhook_secret": os.environ["CLEARPAY_WEBHOOK_SECRET"],\n', "")
    yield


def verification_placeholder(lab: "Lab") -> Iterator[None]:
    """The secret is that of the example."""
    _webhook_secret(lab, "whsec_xxxxxxxxxxxxxxxxxxxxxxxx")
    yield


def verification_header(lab: "Lab") -> Iterator[None]:
    """The header is written with an underscore."""
    lab.configs.change("webhook", '"clearpay-signature"', '"clearpay_signature"')
    yield


def verification_no_tolerance(lab: "Lab") -> Iterator[None]:
    """The tolerance is zero, so no delivery is ever young enough."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 0')
    yield


def verification_tolerance_long(lab: "Lab") -> Iterator[None]:
    """The tolerance is written in milliseconds: three and a half days."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 300000')
    yield


def verification_no_events(lab: "Lab") -> Iterator[None]:
    """No type of event is left to process."""
    events = re.search(r'"events_to_process": \[.*\]', lab.configs.path("webhook").read_text("utf-8"))
    lab.configs.change("webhook", events[0] if events else "", '"events_to_process": []')
    yield


def verification_unknown_event(lab: "Lab") -> Iterator[None]:
    """A type of event is misspelt: it never arrives, and nobody is told."""
    lab.configs.change("webhook", '"payment.approved"', '"payment.aproved"')
    yield


def verification_secret_in_source(lab: "Lab") -> Iterator[None]:
    """The secret stands in a Python file of the repository."""
    _webhook_secret(lab, lab.configs.webhook_secret)
    yield


def _webhook_secret(lab: "Lab", secret: str) -> None:
    lab.configs.change("webhook", 'os.environ["CLEARPAY_WEBHOOK_SECRET"]', f'"{secret}"')


def _value(lab: "Lab", name: str) -> str:
    text = lab.configs.path("credentials").read_text("utf-8")
    return text.partition(f"CLEARPAY_{name}=")[2].partition("\n")[0]


def _set(lab: "Lab", name: str, value: str | None) -> None:
    line = f"CLEARPAY_{name}={_value(lab, name)}\n"
    lab.configs.change("credentials", line, "" if value is None else f"CLEARPAY_{name}={value}\n")
