"""The files are compared with the API's description of the account; missing values are not judged."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.targets.settings import ConfigFiles
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target
from kb.records.dataclass_io import build
from tests.diagnostics.probes.api_doubles import Page, api, playing
from tests.diagnostics.probes.configurations import GOOD
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

KEY = "cp_test_canary4f9b1c77d2e8"
PROBES = ("credentials", "timeouts", "currency", "reach", "latency", "key", "agreement")
ACCOUNT = {"merchant": "merchant_8841", "environment": "test", "currencies": ["KWD", "USD", "JPY"]}
CREDENTIALS = {
    "api_key": KEY,
    "secret_key": "sk_test_canary90c1e5ab7f34",
    "merchant_id": "merchant_8841",
    "environment": "sandbox",
}
FILES: dict[str, Mapping[str, object]] = {
    "credentials": CREDENTIALS, "network": GOOD["network"], "currency": GOOD["currency"],
}  # fmt: skip


def run_all(
    folder: Path, files: Mapping[str, Mapping[str, object]], account: object
) -> dict[str, ProbeResult]:
    """Run all probes involved on a target with these files, and an API with this account."""
    paths = {role: folder / f"{role}.json" for role in files}
    for role, path in paths.items():
        path.write_text(json.dumps(files[role]))
    page = (
        account if isinstance(account, Page) else Page(200, json.dumps(account), {"Content-Type": "a/json"})
    )
    with playing({"/v1/me": page}) as server:
        target = api(server.url, key=KEY)
        named = tuple(Endpoint(CONFIG_KINDS[role], str(path), path.name) for role, path in paths.items())
        config = build(ConfigFiles, {role: str(path) for role, path in paths.items()})
        whole = Target("test", (*target.endpoints, *named), replace(target.settings, config=config))
        return run_probes(whole, *PROBES)


def test_files_that_agree_with_the_account_pass(tmp_path: Path) -> None:
    result = run_all(tmp_path, FILES, ACCOUNT)["agreement"]

    assert (result.outcome, result.codes, result.reason) == ("pass", [], "")
    assert all(item.ok for item in result.evidence.values())
    assert set(result.evidence) == {
        "same key", "environment in the file", "merchant in the file", "currencies in the file only",
        "read timeout in the file",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "evidence"),
    [
        ({"environment": "live"}, "agreement.environment", "environment in the file"),
        ({"merchant": "merchant_1"}, "agreement.merchant", "merchant in the file"),
        ({"currencies": ["USD"]}, "agreement.currency", "currencies in the file only"),
    ],
)
def test_what_the_api_tells_otherwise_is_a_warning(
    tmp_path: Path, changes: dict[str, object], code: str, evidence: str
) -> None:
    result = run_all(tmp_path, FILES, ACCOUNT | changes)["agreement"]

    assert (result.outcome, result.codes) == ("warn", [code])
    assert [name for name, item in result.evidence.items() if item.ok is False] == [evidence]


def test_a_read_timeout_shorter_than_the_api_needs_is_a_warning(tmp_path: Path) -> None:
    network = {**GOOD["network"], "read_timeout": 0.0001}

    result = run_all(tmp_path, FILES | {"network": network}, ACCOUNT)["agreement"]

    assert (result.outcome, result.codes) == ("warn", ["agreement.read_timeout"])


def test_another_key_than_the_one_that_was_asked_with_leaves_it_open(tmp_path: Path) -> None:
    other = {**CREDENTIALS, "api_key": "cp_test_canary77aa31c0be96", "merchant_id": "merchant_2"}

    results = run_all(tmp_path, {"credentials": other}, ACCOUNT)

    assert (results["agreement"].outcome, results["agreement"].codes) == ("unknown", [])
    assert "is not secrets.api_key" in results["agreement"].reason
    assert "canary" not in all_text(list(results.values()))


@pytest.mark.parametrize("account", [{}, {"merchant": 7, "environment": None, "currencies": "USD"}, []])
def test_what_the_api_does_not_tell_is_no_disagreement(tmp_path: Path, account: object) -> None:
    result = run_all(tmp_path, FILES, account)["agreement"]

    assert result.codes == []
    assert set(result.evidence) <= {"same key", "read timeout in the file"}


def test_an_api_that_refuses_the_key_leaves_open_what_it_would_have_told(tmp_path: Path) -> None:
    page = Page(401, {"error": {"type": "api_key_expired"}})

    results = run_all(tmp_path, {"credentials": CREDENTIALS}, page)

    assert results["key"].codes == ["key.expired"]
    assert (results["agreement"].outcome, results["agreement"].codes) == ("unknown", [])


def test_where_nobody_asked_the_api_it_has_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(CREDENTIALS))
    with playing() as server:
        target = api(server.url, key=KEY)
        file = Endpoint("credentials file", str(path), path.name)
        whole = replace(target, endpoints=(*target.endpoints, file))
        result = run_probes(whole, "credentials", "reach", "agreement")["agreement"]

    assert result.outcome == "skipped"


def test_without_files_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert run_all(tmp_path, {}, ACCOUNT)["agreement"].outcome == "skipped"
