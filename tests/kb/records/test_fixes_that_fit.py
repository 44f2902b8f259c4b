"""Fixes of TLS, API and configuration: each cause has its own, for each platform and for foreign servers."""

import re
from collections.abc import Iterator

import pytest
import requests

from kb.records.fixes.ways import alternatives
from kb.records.loader import load_entries
from kb.records.models import Cause, FixStep
from kb.records.placeholders import fill

ENTRIES = load_entries()
TLS = {cause.finding: cause for cause in ENTRIES["tls-certificate"].causes}
RENEWABLE = {"tls.expired", "tls.expired_intermediate", "tls.expires_soon"}
"""Causes that the same certificate with new dates ends."""
OF_THE_CLIENT = {
    "tls.clock",
    "tls.unknown_authority",
    "tls.interception",
    "tls.crl_unusable",
    "tls.bundle_unreadable",
    "tls.bundle_overridden",
    "tls.client_certificate_demanded",
    "tls.plain_http",
    "tls.protocol_mismatch",
}
"""Causes whose fix is not a new certificate."""
OF_THE_API = [
    (entry_id, cause)
    for entry_id in ("api-unavailable", "api-slow-response")
    for cause in ENTRIES[entry_id].causes
    if cause.finding != "reach.proxy_refused"
]


def ways(cause: Cause, part: str) -> dict[str, FixStep]:
    """Return the first step on a part, by platform."""
    step = next(step for step in cause.fix if step.part == part)
    return dict(alternatives(fill(step, {})))


def commands(cause: Cause) -> Iterator[str]:
    for step in cause.fix:
        filled = fill(step, {})
        yield from (way.code for _, way in alternatives(filled)) if filled.ways else (filled.code,)


@pytest.mark.parametrize(
    "cause", [TLS[name] for name in TLS if name not in OF_THE_CLIENT], ids=lambda c: c.finding
)
def test_a_new_certificate_has_a_way_on_each_platform_and_a_message_for_the_owner(cause: Cause) -> None:
    steps = ways(cause, "api")

    assert set(steps) == {"systemd", "docker", "kubernetes", "foreign"}
    assert steps["foreign"].kind == "message"
    assert not steps["foreign"].changes
    assert "openssl s_client -connect" in steps["foreign"].code
    assert "evidence" in steps["foreign"].code


def test_the_same_renewal_is_the_fix_only_where_new_dates_are_the_cure() -> None:
    renewals = {
        finding
        for finding, cause in TLS.items()
        if any(re.search(r"certbot renew(?!.*--new-key)", command) for command in commands(cause))
    }

    assert renewals - {"tls.not_yet_valid", "tls.invalid_certificate"} == RENEWABLE
    assert {step.command for name in TLS for step in TLS[name].fix if step.command == "renew_certificate"}
    renewed = {
        name for name, cause in TLS.items() if any(s.command == "renew_certificate" for s in cause.fix)
    }
    assert renewed == RENEWABLE


def test_all_renewals_name_their_certificate() -> None:
    for cause in TLS.values():
        for command in commands(cause):
            assert "certbot renew " not in command or "certbot renew --cert-name " in command, cause.finding


@pytest.mark.parametrize(
    "finding", ["tls.wrong_name", "tls.weak_key", "tls.wrong_purpose", "tls.missing_intermediate"]
)
def test_the_command_is_the_one_of_the_cause(finding: str) -> None:
    own = {
        "tls.wrong_name": ("-d api.example.com", "/spec/dnsNames/-"),
        "tls.weak_key": ("--new-key --key-type rsa --rsa-key-size 2048", '"rotationPolicy":"Always"'),
        "tls.wrong_purpose": ("extendedKeyUsage=serverAuth", '"server auth"'),
        "tls.missing_intermediate": ("fullchain.pem", "--cert=fullchain.pem"),
    }
    systemd, kubernetes = own[finding]
    steps = ways(TLS[finding], "api")

    assert systemd in steps["systemd"].code
    assert kubernetes in steps["kubernetes"].code


def test_a_certificate_can_be_looked_at_on_the_api_and_on_postgresql() -> None:
    both = [
        name
        for name, cause in TLS.items()
        if any("-starttls postgres" in check.run for check in cause.manual_check)
        and any("-connect <api_host>:<api_port>" in check.run for check in cause.manual_check)
    ]

    assert {"tls.expired", "tls.wrong_name", "tls.missing_intermediate", "tls.protocol_mismatch"} <= set(both)
    assert len(both) >= 12


@pytest.mark.parametrize(("entry_id", "cause"), OF_THE_API, ids=lambda item: getattr(item, "finding", item))
def test_the_cure_of_a_foreign_api_is_a_message_with_the_evidence(entry_id: str, cause: Cause) -> None:
    messages = [step for step in cause.fix if step.kind == "message"]

    assert messages, f"{entry_id}: {cause.finding}"
    assert "<evidence>" in messages[0].code
    assert any(step.kind != "message" for step in cause.fix)


def test_each_check_has_a_command() -> None:
    missing = [
        cause.finding
        for entry in ENTRIES.values()
        for cause in entry.causes
        if not any(check.run for check in cause.manual_check)
    ]

    assert missing == []


def test_an_undo_takes_back_one_change_and_not_all_of_a_file() -> None:
    undos = [step.undo for entry in ENTRIES.values() for cause in entry.causes for step in cause.fix]

    assert [undo for undo in undos if "git checkout" in undo] == []


def test_variables_of_the_environment_win_as_the_record_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/env.pem")
    session = requests.Session()
    session.verify = False

    def used(verify: bool | str | None) -> object:
        return session.merge_environment_settings("https://x.example/", {}, None, verify, None)["verify"]

    assert used(None) == "/env.pem"
    assert used(True) == "/env.pem"
    assert used(False) is False
    assert used("/call.pem") == "/call.pem"
    text = " ".join(check.do for check in TLS["tls.bundle_overridden"].manual_check)
    assert "even over False, and over verify=True of a single call" in text


def test_the_rights_that_a_change_by_sql_needs_stand_beside_it() -> None:
    missing = [
        f"{cause.finding}: {step.title}"
        for entry in ENTRIES.values()
        for cause in entry.causes
        for step in cause.fix
        if step.kind == "sql" and step.changes and not step.rights
    ]

    assert missing == []


def test_the_right_to_see_statements_stands_beside_each_query_that_shows_them() -> None:
    shows = re.compile(r"pg_stat_activity.*\bquery\b|\bquery\b.*pg_stat_activity", re.DOTALL)
    missing = [
        f"{cause.finding}: {text[:60]}"
        for entry in ENTRIES.values()
        for cause in entry.causes
        for text, code, beside in (
            *((check.do, check.run, check.do) for check in cause.manual_check),
            *((step.title, step.code, step.rights) for step in cause.fix if step.kind == "sql"),
        )
        if shows.search(code) and not re.search("pg_monitor|superuser", beside)
    ]

    assert missing == []
