"""A folder of a project has settings and code: settings are judged, and code is not taken for them."""

from pathlib import Path

import pytest

from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.configurations import PROBES
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

OFF = "verify_signatures: bool = False"
SLOW = "connect_timeout = 90\n    read_timeout = 90"
NAMES = """\
FORMS = {
    "credentials": {"api_key": ("api_key", "apikey"), "merchant_id": ("merchant_id",), "secret_key": ("s",)},
    "network": {"connection_timeout": ("timeout",), "read_timeout": ("response_timeout",)},
    "webhook": {"verify_signatures": ("verify",), "webhook_secret": ("hook",)},
}
LABELS = {"connect_timeout": "time to connect", "read_timeout": "time to read"}
"""
DATACLASS = f"""\
@dataclass
class Names(Record):
    api_key: str = ""
    merchant_id: str = ""
    connection_timeout: str = ""
    read_timeout: str = ""
    {OFF}
"""
ROWS = "class Setting(db.Model):\n    stripe_secret_key = db.Column(db.String)\n"
CLIENT = f"class Client:\n    {SLOW}\n\n    def pay(self):\n        return call(self)\n"
PROGRAM = f"{OFF}\nWEBHOOK_SECRET = 'x'\n\ndef verify(body):\n    return sign(body)\n"
PLAIN = f"class Network:\n    {SLOW}\n"
MODULE = "connect_timeout = 90\nread_timeout = 90\n\ndef load():\n    return 1\n"
FIELDS = f"class PaymentSettings(BaseSettings):\n    {SLOW}\n"
DECORATED = f"@dataclass\nclass PaymentConfig:\n    {SLOW}\n\ndef pay():\n    pass\n"
DICTIONARY = "WEBHOOK = {'verify_signatures': False, 'webhook_secret': KEY}\n"
EMPTY = """\
@dataclass
class ApiConfig:
    api_key: str = ""
    merchant_id: str = ""
    secret_key: str = ""
"""


def results(folder: Path, name: str, text: str) -> dict[str, ProbeResult]:
    """Return the results of all probes on a folder that has one file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return run_probes(Target("bare", (endpoint(str(folder)),), bare=True), *PROBES.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config/key_names.py", NAMES),
        ("settings/files.py", DATACLASS),
        ("models/settings.py", ROWS),
        ("app/payments.py", CLIENT),
        ("app/config_webhook_before.py", PROGRAM),
        ("settings/testing.py", "verify_signatures = False\nDEFAULT_CURRENCY = 'HRK'\n"),
        ("config/.env.test", "VERIFY_SIGNATURES=false\nDEFAULT_CURRENCY=HRK\n"),
    ],
    ids=["names", "dataclass", "rows", "client", "program", "tests", "tests-env"],
)
def test_code_is_not_taken_for_configuration(tmp_path: Path, name: str, text: str) -> None:
    found = results(tmp_path, name, text)

    assert {result.outcome for result in found.values()} == {"skipped"}, all_text(list(found.values()))


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("settings.py", PLAIN, {"timeouts"}),
        ("app/config.py", MODULE, {"timeouts"}),
        ("shop/payments.py", FIELDS, {"timeouts"}),
        ("shop/payments.py", DECORATED, {"timeouts"}),
        ("shop/network.py", "TIMEOUTS = {'connect_timeout': 90, 'read_timeout': 90}\n", {"timeouts"}),
        ("config/prod.py", "DEFAULT_CURRENCY = 'HRK'\n", {"currency"}),
        ("config_prod.py", "DEFAULT_CURRENCY = 'HRK'\n", {"currency"}),
        ("shop/webhook_config.py", DICTIONARY, {"verification"}),
    ],
    ids=["plain", "module", "base", "decorator", "constants", "placed", "variant", "dictionary"],
)
def test_settings_in_code_are_judged(tmp_path: Path, name: str, text: str, codes: set[str]) -> None:
    found = results(tmp_path, name, text)

    assert {code.partition(".")[0] for result in found.values() for code in result.codes} == codes


def test_an_empty_default_of_a_dataclass_is_a_value_that_the_program_gives(tmp_path: Path) -> None:
    found = results(tmp_path, "settings.py", EMPTY)["credentials"]

    assert "credentials.empty" not in found.codes
    assert "is empty" not in all_text([found])


def test_a_label_that_ends_in_the_word_of_a_secret_masks_no_message(tmp_path: Path) -> None:
    found = results(tmp_path, "config.py", 'SUBJECTS = {"credentials": "credentials of an API"}\n')

    assert "no credentials of an API" in found["credentials"].reason


@pytest.mark.parametrize("value", ["Private key", "ss", "", "your-private-key"])
def test_a_value_that_repeats_its_name_is_to_be_filled_in(tmp_path: Path, value: str) -> None:
    found = results(tmp_path, "settings.py", f"BRAINTREE_PRIVATE_KEY = {value!r}\n")["credentials"]

    assert found.outcome == "unknown"
    assert "placeholders or empty values only" in found.reason


@pytest.mark.parametrize(
    "value",
    [
        "values.PositiveIntegerValue(90, environ_name='WAIT', environ_prefix=None)",
        "get_int(name='WAIT', default=90, description='seconds')",
        "get_int('WAIT', 90)",
    ],
)
def test_variables_of_frameworks_have_their_defaults(tmp_path: Path, value: str) -> None:
    found = results(tmp_path, "settings.py", f"PAYMENT_API_TIMEOUT = {value}\n")["timeouts"]

    assert found.outcome == "pass"
    origin = str(found.evidence["settings.py:1 PAYMENT_API_TIMEOUT"].value)
    assert origin == "from default of $WAIT, which is not looked up"


def test_a_program_with_env_in_its_name_is_no_environment_file(tmp_path: Path) -> None:
    found = results(tmp_path, "jest.env.js", "module.exports = {}\n")["credentials"]

    assert "files not read" not in found.evidence


@pytest.mark.parametrize("value", ["${env:WAIT}", "${ssm:/shop/wait}", "{{ .Values.wait }}", "<%= wait %>"])
def test_a_text_that_a_program_fills_in_is_no_wrong_value(tmp_path: Path, value: str) -> None:
    found = results(tmp_path, "env.yml", f"default:\n  STRIPE_REQUEST_TIMEOUT: '{value}'\n")["timeouts"]

    assert found.codes == []
    assert found.outcome == "unknown"


def test_a_password_that_is_a_word_of_a_path_masks_no_path(tmp_path: Path) -> None:
    text = "PASSWORD = 'berth_reservations'\nDEFAULT_CURRENCY = 'HRK'\n"
    found = results(tmp_path, "berth_reservations/settings.py", text)["currency"]

    assert "berth_reservations/settings.py:2 DEFAULT_CURRENCY" in found.evidence
    assert "berth_reservations/settings.py:2" in all_text([found])
