"""Probes of configuration files: no finding on good files, exact ones on bad files, no secret shown."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.configurations import GOOD, PROBES, run_on_file, write_file
from tests.diagnostics.probes.running import all_text, run_probes

KEY, SECRET, HOOK = "cp_live_Canary1aaaaaaaaa", "sk_live_Canary2bbbbbbbbb", "whsec_Canary3cccccccccc"
GOOD_PYTHON = {
    "credentials": """
CONFIG = {"api_key": os.environ["K"], "merchant_id": os.environ["M"], "secret_key": os.getenv("S"),
          "environment": "production"}
""",
    "webhook": """
CONFIG = {"verify_signatures": True, "signature_header": "Clearpay-Signature", "tolerance_seconds": 300,
          "webhook_secret": os.environ["W"], "events_to_process": ["payment.approved", "refund.*"]}
""",
}
GOOD_ENV = {
    "credentials": f"API_KEY={KEY}\nMERCHANT_ID=merchant_8841\nSECRET_KEY={SECRET}\nENVIRONMENT=production\n",
    "network": "CONNECTION_TIMEOUT=3.05\nREAD_TIMEOUT=10\nMAX_RETRIES=2\nBACKOFF_FACTOR=1.5\n",
    "currency": "SUPPORTED_CURRENCIES=USD,JPY\nDEFAULT_CURRENCY=USD\nMIN_AMOUNT_USD=1.00\n"
    "MIN_AMOUNT_JPY=100\nMAX_AMOUNT_USD=2000.00\nMAX_AMOUNT_JPY=300000\n",
    "webhook": f"VERIFY_SIGNATURES=true\nSIGNATURE_HEADER=clearpay-signature\nWEBHOOK_SECRET={HOOK}\n"
    "TOLERANCE_SECONDS=300\nEVENTS_TO_PROCESS=payment.approved,refund.processed\n",
}


def good() -> Iterator[tuple[str, str, str]]:
    """Yield role, suffix and text of good files."""
    for role, tree in GOOD.items():
        yield role, ".py", f"CONFIG = {tree!r}\n"
        yield role, ".json", json.dumps(tree, indent=2)
        yield role, ".yaml", json.dumps({"clearpay": tree})  # JSON is YAML
        yield role, ".toml", "\n".join(_toml(tree))
    yield from ((role, ".py", text) for role, text in GOOD_PYTHON.items())
    yield from ((role, ".env", text) for role, text in GOOD_ENV.items())


def _toml(tree: dict[str, object]) -> Iterator[str]:
    for key, value in tree.items():
        if not isinstance(value, dict):
            yield f"{key} = {json.dumps(value)}"
    for key, value in tree.items():
        if isinstance(value, dict):
            pairs = (f"{name} = {_inline(item)}" for name, item in value.items())
            yield f"[{key}]\n" + "\n".join(pairs)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("role", "suffix", "text"), [pytest.param(*case, id="".join(case[:2])) for case in good()]
)
def test_a_good_configuration_gives_no_finding(role: str, suffix: str, text: str, tmp_path: Path) -> None:
    result = run_on_file(write_file(tmp_path, f"config{suffix}", text), role)

    assert (result.outcome, result.codes, result.reason) == ("pass", [], "")


@pytest.mark.parametrize("role", GOOD)
def test_a_bare_path_is_recognised_by_its_keys_and_the_other_probes_skip_it(
    role: str, tmp_path: Path
) -> None:
    path = write_file(tmp_path, "settings.py", f"ANY_NAME = {GOOD[role]!r}\n")

    results = run_probes(Target("bare", (endpoint(str(path)),), bare=True), *PROBES.values())

    assert {name: result.outcome for name, result in results.items()} == {
        name: "pass" if other == role else "skipped" for other, name in PROBES.items()
    }


def test_a_folder_and_a_file_of_another_kind_are_skipped(tmp_path: Path) -> None:
    text = write_file(tmp_path, "notes.txt", "read_timeout = 0")

    for path in (tmp_path, text):
        result = run_probes(Target("bare", (endpoint(str(path)),), bare=True), "timeouts")["timeouts"]
        assert result.outcome == "skipped"


def test_the_settings_of_the_guide_take_ten_minutes_and_the_sum_is_shown(tmp_path: Path) -> None:
    text = "C = {'connection_timeout': 30, 'read_timeout': 120, 'max_retries': 3, 'retry_delay': 2, "

    text += "'backoff_factor': 1.5}"

    result = run_on_file(write_file(tmp_path, "network.py", text), "network")

    assert result.codes == ["timeouts.connect_too_long", "timeouts.longer_than_proxy", "timeouts.worst_case"]
    assert (result.evidence["worst case"].value, result.evidence["worst case"].unit) == (609.5, "s")
    assert result.evidence["worst case"].note == "4 x (30 + 120) + 9.5 of pauses = 609.5 s"


def test_a_job_that_may_wait_says_so(tmp_path: Path) -> None:
    path = write_file(tmp_path, "network.env", "CONNECT_TIMEOUT=5\nREAD_TIMEOUT=50\nMAX_RETRIES=3\n")

    patient = run_on_file(path, "network", thresholds=Thresholds(call_budget_s=600))

    assert (run_on_file(path, "network").codes, patient.codes) == (["timeouts.worst_case"], [])


@pytest.mark.parametrize(
    "value", ["None", "0", "-1", "float('nan')", "1e400", "'10'", "True", "[]", "10**9", "os.environ['X']"]
)
def test_no_value_of_a_timeout_breaks_the_probe(value: str, tmp_path: Path) -> None:
    text = (
        f"C = {{'connection_timeout': 3, 'read_timeout': {value}, 'max_retries': 2, 'backoff_factor': 1e300}}"
    )

    found = run_on_file(write_file(tmp_path, "network.py", text), "network")

    assert found.outcome in {"fail", "unknown"}


@pytest.mark.parametrize(
    ("role", "text", "reason"),
    [
        ("network", "{'connect_timeout': 3, 'read_timeout': os.environ['X']}", "read_timeout is $X of the"),
        ("network", "{'connect_timeout': 3, 'read_timeout': settings.x}", "read_timeout is "),
        ("network", "{'connect_timeout': 3, 'read_timeout': 9, 'max_retries': f()}", "max_retries is a call"),
        ("currency", "{'supported_currencies': f(), 'default_currency': 'EUR'}", "supported_currencies is a"),
        (
            "currency",
            "{'supported_currencies': [], 'default_currency': 'EUR'}",
            "lists no code of a currency",
        ),
        ("currency", "{'supported_currencies': 'EUR', 'default_currency': 'EUR'}", "lists no code"),
        (
            "webhook",
            "{'signature_header': os.environ['H'], 'tolerance_seconds': 300}",
            "signature_header is $H",
        ),
    ],
)
def test_a_value_that_the_file_does_not_state_is_not_green(
    role: str, text: str, reason: str, tmp_path: Path
) -> None:
    found = run_on_file(write_file(tmp_path, "config.py", f"CONFIG = {text}"), role)

    assert found.outcome in {"unknown", "fail"}
    assert reason in found.reason


def test_every_problem_has_its_line_a_message_and_the_value_to_write(tmp_path: Path) -> None:
    text = 'C = {\n "supported_currencies": ["HRK", "XAU", "usd"],\n "default_currency": "EUR",\n}\n'

    result = run_on_file(write_file(tmp_path, "money.py", text), "currency")

    assert result.codes == ["currency.withdrawn", "currency.unknown", "currency.default_unsupported"]
    default = result.evidence["money.py:3 default_currency"]
    assert default.value == "is EUR, which supported_currencies does not list"
    assert default.note.startswith("write: one of HRK, XAU, usd")


@pytest.mark.parametrize(
    ("code", "amount", "codes"),
    [
        ("JPY", "100.5", ["currency.minor_unit"]),
        ("JPY", "100.0", []),
        ("KWD", "0.125", []),
        ("KWD", "0.1255", ["currency.minor_unit"]),
        ("USD", "1e2", []),
        ("USD", "NaN", []),
        ("USD", "1e999999", []),
    ],
)
def test_amounts_are_checked_against_the_minor_unit(
    code: str, amount: str, codes: list[str], tmp_path: Path
) -> None:
    limits = {"supported_currencies": [code], "min_amount": {code: amount}, "max_amount": {code: "90000"}}

    assert run_on_file(write_file(tmp_path, "money.json", json.dumps(limits)), "currency").codes == codes


def test_no_secret_is_shown_however_the_file_is_wrong(tmp_path: Path) -> None:
    values = {"api_key": KEY, "merchant_id": "m1", "secret_key": SECRET, "environment": "sandbox"}
    broken = {
        "wrong.py": f"CONFIG = {values!r}\n",
        "mixed.json": json.dumps(values | {"secret_key": SECRET.replace("live", "test")}),
        "spaced.yaml": json.dumps(values | {"api_key": f" {KEY} "}),
        "prefix.toml": f'api_key = "{KEY[8:]}"\nsecret_key = "{SECRET[8:]}"\n',
        "syntax.py": f'CONFIG = {{"api_key": "{KEY}" "secret_key" = "{SECRET}"}}\n',
        "syntax.json": f'{{"api_key": "{KEY}" "secret_key": "{SECRET}"}}',
        "syntax.toml": f'api_key = "{KEY}\nsecret_key = {SECRET}\n',
        "syntax.yaml": f"api_key: {KEY}\n  secret_key: [{SECRET}\n",
        "syntax.env": f"API_KEY={KEY}\n{SECRET}\n",
        "called.py": f'CONFIG = {{"api_key": decrypt("{KEY}"), "secret_key": f"{SECRET}"}}\n',
    }

    for name, text in broken.items():
        result = run_on_file(write_file(tmp_path, name, text), "credentials")
        assert result.outcome != "error", (name, result.reason)
        assert "Canary" not in all_text([result]), name


def test_the_default_of_a_variable_stands_in_the_source_too(tmp_path: Path) -> None:
    names = ("api_key", "merchant_id", "secret_key", "environment")
    values = ", ".join(f'"{name}": os.getenv("{name}", "{KEY}")' for name in names)

    result = run_on_file(
        write_file(tmp_path, "keys.py", f"import os\nCONFIG = {{{values}}}\n"), "credentials"
    )

    assert (result.outcome, result.codes) == ("warn", ["credentials.in_source"])
    assert "Canary" not in all_text([result])


def test_the_secret_of_webhooks_is_not_shown(tmp_path: Path) -> None:
    text = f'webhook_secret = "{HOOK}"\nsignature_header = "{HOOK}"\nverify_signatures = false\n'

    result = run_on_file(write_file(tmp_path, "hooks.toml", text), "webhook")

    assert "verification.off" in result.codes
    assert "Canary" not in all_text([result])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    key=st.sampled_from(["api_key", "secret_key", "merchant_id", "environment"]),
    value=st.text(st.characters(codec="utf-8"), max_size=30) | st.integers() | st.none() | st.booleans(),
)
def test_any_value_of_a_credential_is_judged(key: str, value: object, tmp_path: Path) -> None:
    values = {
        "api_key": KEY,
        "merchant_id": "m1",
        "secret_key": SECRET,
        "environment": "production",
        key: value,
    }

    result = run_on_file(write_file(tmp_path, "any.json", json.dumps(values)), "credentials")

    assert result.outcome in {"pass", "warn", "fail"}, result.reason
