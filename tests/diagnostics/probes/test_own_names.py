"""Credentials under the application's own names: found in every format, shown by these names, masked."""

import json
from pathlib import Path

import pytest

from diagnostics.targets.settings import ConfigFiles, Names, TargetSettings
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

NAMES = Names(api_key="PAYMENTS_API_KEY", secret_key="PaymentsSigning")
KEY, SECRET = "cp_test_Hk83bVq0ZsPw6Rt1", "sk_test_9aL2kQx7Bn4Wz0Tc"
WRITTEN = {
    "pay.env": "PAYMENTS_API_KEY={key}\nPaymentsSigning={secret}\n",
    "pay.json": '{{"app": {{"PAYMENTS_API_KEY": "{key}", "PaymentsSigning": "{secret}"}}}}',
    "pay.yaml": "app:\n  PAYMENTS_API_KEY: {key}\n  PaymentsSigning: {secret}\n",
    "pay.toml": '[app]\nPAYMENTS_API_KEY = "{key}"\nPaymentsSigning = "{secret}"\n',
    "pay.py": 'PAYMENTS_API_KEY = "{key}"\nPaymentsSigning = "{secret}"\n',
}


def run(folder: Path, name: str, text: str, names: Names = NAMES) -> ProbeResult:
    (folder / name).write_text(text, "utf-8")
    settings = TargetSettings(config=ConfigFiles(credentials=name, names=names))
    endpoint = Endpoint(CONFIG_KINDS["credentials"], name, name)
    return run_probes(Target("t", (endpoint,), settings, folder), "credentials")["credentials"]


@pytest.mark.parametrize("name", WRITTEN)
def test_keys_are_found_under_their_own_names_in_every_format(name: str, tmp_path: Path) -> None:
    found = run(tmp_path, name, WRITTEN[name].format(key=KEY, secret=SECRET))

    assert (found.outcome, found.reason) == ("pass" if name == "pay.env" else "warn", "")
    assert [code for code in found.codes if code != "credentials.in_source"] == []
    assert "fingerprint of the API key" in found.evidence
    assert KEY not in all_text([found])
    assert SECRET not in all_text([found])


@pytest.mark.parametrize("name", WRITTEN)
def test_problems_are_shown_by_these_names(name: str, tmp_path: Path) -> None:
    found = run(tmp_path, name, WRITTEN[name].format(key="your_key_here", secret="cp_x"))

    assert "credentials.placeholder" in found.codes
    (place,) = [item for item in found.evidence if item.endswith(" PAYMENTS_API_KEY")]
    assert place.startswith(f"{name}:")
    assert "CLEARPAY" not in all_text([found])


def test_a_key_that_is_not_there_is_missing_although_ours_is(tmp_path: Path) -> None:
    found = run(tmp_path, "pay.json", json.dumps({"api_key": KEY, "PaymentsSigning": SECRET}))

    assert "credentials.missing" in found.codes
    (item,) = [item for name, item in found.evidence.items() if name.endswith(" PAYMENTS_API_KEY")]
    assert "environment variable PAYMENTS_API_KEY" in item.note


def test_a_value_of_another_system_has_another_form(tmp_path: Path) -> None:
    stripe = run(tmp_path, ".env", "STRIPE_SECRET_KEY=rk_live_short\n", Names(api_key="STRIPE_SECRET_KEY"))
    ours = run(tmp_path, ".env", "STRIPE_SECRET_KEY=cp_live_short\n", Names(api_key="STRIPE_SECRET_KEY"))

    assert (stripe.outcome, stripe.codes) == ("pass", [])
    assert ours.codes == ["credentials.malformed"]


def test_a_name_that_says_nothing_of_a_secret_is_masked_too(tmp_path: Path) -> None:
    names = Names(api_key="PAYMENTS")
    found = run(tmp_path, ".env", f"PAYMENTS={KEY} {KEY}\nENVIRONMENT={KEY}\n", names)

    assert found.codes == ["credentials.whitespace"]
    assert KEY not in all_text([found])


def test_a_file_without_them_says_which_names_were_searched_and_which_are_near(tmp_path: Path) -> None:
    unmapped = run(tmp_path, ".env", "PARTNER_TOKEN=rk_live_short\n", Names())
    mapped = run(tmp_path, ".env", "OTHER=1\n")

    assert unmapped.outcome == mapped.outcome == "unknown"
    assert "[target.NAME.config.names] maps other names" in unmapped.reason
    assert "near: PARTNER_TOKEN (.env:1)" in unmapped.reason
    assert "PAYMENTS_API_KEY, PaymentsSigning, environment, merchant_id" in mapped.reason
