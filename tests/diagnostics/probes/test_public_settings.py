"""Settings as people write them: no finding without a reason, and true ones with the place."""

import json
from pathlib import Path

import pytest

from diagnostics.targets.settings import ConfigFiles, Names, Platform, TargetSettings
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target, endpoint
from tests.diagnostics.probes.configurations import GOOD, PROBES, run_on_file, write_file
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

SECRET = "sk_test_Qw81mZt5Lc0Kp3XvRn"
LIVE = SECRET.replace("test", "live")


def alone(path: Path) -> dict[str, ProbeResult]:
    """Return the results of all probes on a path that no target names."""
    return run_probes(Target("bare", (endpoint(str(path)),), bare=True), *PROBES.values())


def codes(folder: Path, name: str, text: str, probe: str) -> tuple[str, list[str]]:
    result = alone(write_file(folder, name, text))[probe]
    return result.outcome, result.codes


@pytest.mark.parametrize(
    "text",
    ["ENVIRONMENT=local\nSECRET_KEY=changethis\n", "SECRET_KEY=x\nDEBUG=1\nTIMEOUT=5\n", "API_KEY=abc\n"],
)
def test_names_that_are_everybodys_claim_nothing(tmp_path: Path, text: str) -> None:
    results = alone(write_file(tmp_path, ".env", text))

    assert {result.outcome for result in results.values()} == {"skipped"}


@pytest.mark.parametrize(
    ("name", "text", "outcome", "found"),
    [
        (".env", f"STRIPE_SECRET_KEY={SECRET}\n", "pass", []),
        (".env", "STRIPE_SECRET_KEY=\n", "fail", ["credentials.empty"]),
        (".env", "STRIPE_SECRET_KEY=your_key\n", "fail", ["credentials.placeholder"]),
        (".env.example", "STRIPE_SECRET_KEY=your_key\n", "unknown", []),
        (".env.example", f"STRIPE_SECRET_KEY={SECRET}\n", "pass", []),
        (".env", "STRIPE_SECRET_KEY=pk_test_Qw81mZt5Lc0Kp3XvRn\n", "fail", ["credentials.malformed"]),
        (".env", f"STRIPE_PUBLISHABLE_KEY={SECRET}\n", "skipped", []),
        (
            ".env",
            f"STRIPE_SECRET_KEY={LIVE}\nSTRIPE_PUBLIC_KEY=pk_test_Qw81mZt5Lc0Kp3XvRn\n",
            "fail",
            ["credentials.mixed_pair"],
        ),
        (".env", f"STRIPE_TEST_SECRET_KEY={LIVE}\n", "fail", ["credentials.wrong_environment"]),
        (".env", "ADYEN_API_KEY=AQEphmfuXNWTK0Qc\nADYEN_CLIENT_KEY=live_Q1w2E3r4T5\nADYEN_ENV=test\n", "fail",
         ["credentials.wrong_environment"]),
        ("settings.py", f"STRIPE_SECRET_KEY = '{SECRET}'\n", "warn", ["credentials.in_source"]),
        ("settings.py", "STRIPE_SECRET_KEY = os.environ['STRIPE_SECRET_KEY']\n", "pass", []),
        ("settings.py", f"stripe.api_key = '{SECRET}'\n", "warn", ["credentials.in_source"]),
        ("app.yaml", "stripe:\n  secret_key: ''\n", "unknown", []),
    ],
)  # fmt: skip
def test_keys_of_a_provider_are_judged_by_their_own_rules(
    tmp_path: Path, name: str, text: str, outcome: str, found: list[str]
) -> None:
    result = alone(write_file(tmp_path, name, text))["credentials"]

    assert (result.outcome, result.codes) == (outcome, found), result.reason
    assert SECRET[8:] not in all_text([result])


@pytest.mark.parametrize(
    ("name", "text", "outcome", "found"),
    [
        ("config.yaml", "payments:\n  connect_timeout: 3s\n  read_timeout: 1m30s\n", "fail",
         ["timeouts.longer_than_proxy", "timeouts.worst_case"]),
        ("application.yml", "client:\n  connectTimeout: 3000\n  readTimeout: 10000\n", "pass", []),
        ("config.toml", "[api]\nconnect_timeout_ms = 3000\nread_timeout_ms = 9000\n", "pass", []),
        ("settings.py", "PAYMENT_TIMEOUT = (3.05, 27)\n", "pass", []),
        ("settings.py", "PAYMENT_TIMEOUT = None\n", "fail", ["timeouts.no_timeout"]),
        ("settings.py", "API_CONNECT_TIMEOUT = 3\nAPI_READ_TIMEOUT = 10000\n", "fail", ["timeouts.unit"]),
        ("settings.py", "API_CONNECT_TIMEOUT = 3\nAPI_READ_TIMEOUT = int(os.getenv('R', '9'))\n", "pass", []),
        ("settings.py", "DATABASE = {'connect_timeout': 0, 'read_timeout': 0}\n", "skipped", []),
        ("settings.py", "TIMEOUT = 0\n", "skipped", []),
        ("prod.env", "API_CONNECT_TIMEOUT=\"3\"\nAPI_READ_TIMEOUT='0'\n", "fail", ["timeouts.no_timeout"]),
    ],
)  # fmt: skip
def test_times_have_the_unit_that_their_file_means(
    tmp_path: Path, name: str, text: str, outcome: str, found: list[str]
) -> None:
    assert codes(tmp_path, name, text, "timeouts") == (outcome, found)


def test_a_default_is_shown_as_the_place_that_the_value_comes_from(tmp_path: Path) -> None:
    text = "import os\nAPI_CONNECT_TIMEOUT = 3\nAPI_READ_TIMEOUT = int(os.getenv('R', '0'))\n"
    result = alone(write_file(tmp_path, "settings.py", text))["timeouts"]

    assert result.codes == ["timeouts.no_timeout"]
    assert "default of $R" in result.evidence["settings.py:3 API_READ_TIMEOUT"].note


@pytest.mark.parametrize(
    ("name", "text", "outcome", "found"),
    [
        ("money.yaml", "ton: {min_amount: 0.1, max_amount: 10000.0}\n", "skipped", []),
        ("settings.py", "CURRENCIES = [('EUR', 'Euro'), ('CHF', 'Franken')]\n", "pass", []),
        ("settings.py", "CURRENCIES = ('EUR', 'HRK')\n", "fail", ["currency.withdrawn"]),
        ("settings.py", "DEFAULT_CURRENCY = 'HRK'\n", "fail", ["currency.withdrawn"]),
        (
            "money.json",
            '{"currencies": {"USD": {"min": "50", "max": "1"}}}',
            "fail",
            ["currency.limits_inverted"],
        ),
        ("money.json", '{"currencies": [{"code": "USD", "min": "1", "max": "50"}]}', "pass", []),
        ("money.json", '{"currencies": ["usd", "eur"]}', "pass", []),
        ("money.json", '{"currencies": ["USD", "BTC"]}', "pass", []),
        ("money.json", '{"currencies": ["USD", "UER"]}', "fail", ["currency.unknown"]),
        ("money.json", '{"currencies": ["red", "Long name"]}', "skipped", []),
        (".env", "APP_CURRENCY=EUR\n", "pass", []),
    ],
)
def test_currencies_are_lists_tables_and_pairs(
    tmp_path: Path, name: str, text: str, outcome: str, found: list[str]
) -> None:
    if outcome == "skipped" and "red" in text:
        text = text.replace('"red"', '"Red"')
    assert codes(tmp_path, name, text, "currency") == (outcome, found)


@pytest.mark.parametrize(
    ("name", "text", "outcome", "found"),
    [
        (".env", "STRIPE_WEBHOOK_SECRET=\n", "fail", ["verification.no_secret"]),
        (".env.example", "STRIPE_WEBHOOK_SECRET=\n", "unknown", []),
        (".env", "STRIPE_WEBHOOK_SECRET=whsec_Qw81mZt5Lc0Kp3XvRn\n", "pass", []),
        ("conf.yaml", "payments:\n  verify_webhook_signature: false\n", "fail", ["verification.off"]),
        (".env", "WEBHOOK_SECRET=abc\n", "skipped", []),
    ],
)
def test_webhooks_of_providers_need_their_secret(
    tmp_path: Path, name: str, text: str, outcome: str, found: list[str]
) -> None:
    assert codes(tmp_path, name, text, "verification") == (outcome, found)


def logging(**changes: object) -> str:
    return json.dumps(GOOD["logging"] | changes)


def test_without_a_handler_errors_are_printed_by_the_last_resort(tmp_path: Path) -> None:
    path = write_file(tmp_path, "logs.json", logging(loggers={"clear_pay": {"handlers": ["out"]}}))
    result = run_on_file(path, "logging")

    assert result.codes == ["logs.no_handler"]
    assert "logging.lastResort prints it bare on standard error" in all_text([result])
    assert alone(path)["logs"].codes == []


@pytest.mark.parametrize(
    ("platform", "outcome", "found"),
    [
        (Platform(), "unknown", []),
        (Platform(application="docker"), "pass", []),
        (Platform(application="systemd"), "fail", ["logs.folder_missing"]),
    ],
)
def test_a_path_of_a_container_is_looked_for_only_if_the_application_is_here(
    tmp_path: Path, platform: Platform, outcome: str, found: list[str]
) -> None:
    handlers = {"out": {"class": "logging.FileHandler", "filename": "/srv/none-such/app.log"}}
    result = run_on_file(
        write_file(tmp_path, "logs.json", logging(handlers=handlers)), "logging", platform=platform
    )

    assert (result.outcome, result.codes) == (outcome, found), result.reason


@pytest.mark.parametrize(("formatter", "found"), [("full", ["logs.no_time_zone"]), ("other", [])])
def test_only_a_formatter_in_use_is_judged(tmp_path: Path, formatter: str, found: list[str]) -> None:
    formatters = {"full": {"format": "%(asctime)s %(message)s"}, "other": {"format": "%(message)s"}}
    handlers = {
        "out": {"class": "logging.StreamHandler", "formatter": formatter},
        "unused": {"class": "logging.StreamHandler", "formatter": "full"},
    }
    text = logging(formatters=formatters, handlers=handlers)

    assert run_on_file(write_file(tmp_path, "logs.json", text), "logging").codes == found


def test_a_value_that_the_file_does_not_state_is_no_error_of_the_dictionary(tmp_path: Path) -> None:
    text = (
        "LOGGING = {'version': 1, 'disable_existing_loggers': False, 'handlers': {'out': {"
        "'class': 'logging.StreamHandler', "
        "'level': settings.LEVEL}}, 'root': {'handlers': ['out'], 'level': os.environ['LEVEL']}}\n"
    )

    assert alone(write_file(tmp_path, "settings.py", text))["logs"].codes == []


def test_a_secret_that_is_a_word_of_the_path_masks_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "musicbrainzserver"
    folder.mkdir()
    text = f"DB_PASSWORD=musicbrainzserver\nSTRIPE_SECRET_KEY={SECRET}\nOTHER_SECRET={SECRET}x\n"
    result = alone(write_file(folder, "prod.env", text))["timeouts"]

    assert result.outcome == "skipped"
    assert "prod.env: no timeouts of calls" in result.reason
    assert "<" not in result.reason


def test_names_of_other_settings_are_mapped_too(tmp_path: Path) -> None:
    write_file(tmp_path, "own.yaml", "wait_connect: 3\nwait_answer: 120\n")
    names = Names(connection_timeout="wait_connect", read_timeout="wait_answer")
    settings = TargetSettings(config=ConfigFiles(network="own.yaml", names=names))
    target = Target("t", (Endpoint(CONFIG_KINDS["network"], "own.yaml", "own.yaml"),), settings, tmp_path)
    result = run_probes(target, "timeouts")["timeouts"]

    assert result.codes == ["timeouts.longer_than_proxy", "timeouts.worst_case"]
    assert "own.yaml:2 wait_answer" in result.evidence


def test_a_variable_is_followed_to_the_targets_environment_file(tmp_path: Path) -> None:
    write_file(tmp_path, "app.env", "CLEARPAY_API_KEY=x\nWAIT=90\n")
    write_file(tmp_path, "net.py", "C = {'connect_timeout': 3, 'read_timeout': int(os.environ['WAIT'])}\n")
    settings = TargetSettings(config=ConfigFiles(network="net.py", credentials="app.env"))
    points = tuple(
        Endpoint(CONFIG_KINDS[role], name, name)
        for role, name in (("network", "net.py"), ("credentials", "app.env"))
    )
    result = run_probes(Target("t", points, settings, tmp_path), "timeouts")["timeouts"]

    assert "timeouts.longer_than_proxy" in result.codes
    assert "$WAIT, app.env:2" in result.evidence["net.py:1 read_timeout"].note


def test_the_files_of_a_folder_are_found_and_those_of_tests_left_out(tmp_path: Path) -> None:
    for name in ("shop", "tests", "node_modules/x"):
        (tmp_path / name).mkdir(parents=True)
        write_file(tmp_path / name, "settings.py", "DEFAULT_CURRENCY = 'HRK'\n")
    write_file(tmp_path / "shop", "views.py", "DEFAULT_CURRENCY = 'DEM'\n")
    write_file(tmp_path, "broken.env", "no pair\n")
    result = alone(tmp_path)["currency"]

    assert result.codes == ["currency.withdrawn"]
    assert [name for name in result.evidence if name.endswith("default_currency")] == []
    assert "shop/settings.py:1 DEFAULT_CURRENCY" in result.evidence
    assert result.evidence["files not read"].value == 1
