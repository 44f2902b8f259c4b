"""Precedence of the configured bundle, that of requests, and one from the environment."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import authority
from diagnostics.lab.process.environment import clean
from diagnostics.targets.settings import Tls
from tests.diagnostics.probes.odd_certificates import der
from tests.diagnostics.probes.sites import Site


@pytest.mark.parametrize("content", [None, "", "no certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_bundle_that_cannot_be_used_is_named_with_its_path(
    site: Site, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content, "ascii")

    found = site.looked(tls=Tls(ca_file=str(bundle), env_file=str(site.environment)))

    assert found.codes == ["tls.bundle_unreadable"]
    assert str(bundle) in found.evidence["bundle"].note


def test_the_environments_bundle_is_what_requests_trusts_where_nothing_is_configured(
    site: Site, tmp_path: Path
) -> None:
    env = tmp_path / "env"
    env.write_text(f"# of the deployment\nexport REQUESTS_CA_BUNDLE='{site.files.ca}'\n", "utf-8")

    found = site.looked(tls=Tls(env_file=str(env)))

    assert found.outcome == "pass"
    assert "REQUESTS_CA_BUNDLE" in str(found.evidence["trusts"].value)


def test_without_any_setting_the_bundle_of_requests_decides(site: Site) -> None:
    found = site.looked(tls=Tls(env_file=str(site.environment)))

    assert found.codes == ["tls.unknown_authority"]
    assert "certifi" in str(found.evidence["trusts"].value)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_declared_variable_that_wins_over_the_bundle_fails(
    site: Site, tmp_path: Path, variable: str
) -> None:
    other, env = certificates.make(tmp_path / "other"), tmp_path / "env"
    env.write_text(f"{variable}={other.ca}\n", "utf-8")

    found = site.looked(tls=Tls(ca_file=str(site.files.ca), env_file=str(env)))

    assert (found.outcome, found.codes) == ("fail", ["tls.bundle_overridden"])
    assert found.evidence[variable].ok is False


def test_a_variable_of_the_doctors_own_is_a_warning(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.make(tmp_path / "other").ca))

    assert site.looked(tls=Tls(ca_file=str(site.files.ca))).outcome == "warn"


def test_a_variable_with_a_bundle_that_serves_as_well_is_no_finding(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = tmp_path / "same.pem"
    same.write_bytes(site.files.ca.read_bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(same))

    found = site.looked(tls=Tls(ca_file=str(site.files.ca)))

    assert (found.outcome, found.evidence["REQUESTS_CA_BUNDLE"].ok) == ("pass", True)


def test_a_bundle_may_hold_several_authorities_and_a_folder_has_them_by_hash(
    site: Site, tmp_path: Path
) -> None:
    other = certificates.make(tmp_path / "other").ca.read_text("ascii")
    several, folder = tmp_path / "several.pem", tmp_path / "folder"
    several.write_text(f"# two\n{other}{site.files.ca.read_text('ascii')}", "ascii")
    folder.mkdir()
    (folder / "ca.pem").write_bytes(site.files.ca.read_bytes())

    before = site.looked(tls=site.tls(ca_file=str(folder)))
    subprocess.run(["openssl", "rehash", folder], check=True, env=clean())

    assert site.looked(tls=site.tls(ca_file=str(several))).outcome == "pass"
    assert before.codes == ["tls.bundle_unreadable"]
    assert "openssl rehash" in before.evidence["bundle"].note
    assert site.looked(tls=site.tls(ca_file=str(folder))).outcome == "pass"


def test_a_bundle_is_read_by_us_only_after_a_refusal(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    original = Path.open

    def record(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(path)
        return original(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", record)
    accepted = site.looked()
    after_success = opened.count(site.files.ca)
    site.front.plain = True
    site.looked()
    after_failure = opened.count(site.files.ca)
    site.front.restore(certificates.make(site.files.ca.parent / "refused"))
    refused = site.looked()

    assert (accepted.outcome, refused.outcome) == ("pass", "fail")
    assert (after_success, after_failure, opened.count(site.files.ca)) == (0, 0, 1)


def test_one_broken_certificate_makes_a_bundle_unusable_as_for_python(site: Site, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    bundle.write_text(site.files.ca.read_text("ascii") + broken, "ascii")

    found = site.looked(tls=site.tls(ca_file=str(bundle)))

    assert found.codes == ["tls.bundle_unreadable"]
    assert "a certificate in it is broken" in found.evidence["bundle"].note


@pytest.mark.parametrize("kind", ["ca.der", "key.pem"])
def test_a_bundle_in_another_format_has_no_certificates(site: Site, tmp_path: Path, kind: str) -> None:
    bundle = tmp_path / kind
    own = {"ca.der": der(site.files.root), "key.pem": site.files.key.read_bytes()}
    bundle.write_bytes(own[kind])

    found = site.looked(tls=site.tls(ca_file=str(bundle)))

    assert found.codes == ["tls.bundle_unreadable"]
    assert "no certificate" in found.evidence["bundle"].note


def test_a_trusted_intermediate_is_not_taken_for_a_root(site: Site, tmp_path: Path) -> None:
    issuing = authority("ClearPay lab issuing CA", site.files.root)
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(certificates.pem(issuing))

    assert site.looked(tls=site.tls(ca_file=str(bundle))).codes == ["tls.unknown_authority"]
