"""A certificate of PostgreSQL is judged by the rules of libpq and the parameters of the URL."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.builder import leaf
from diagnostics.lab.certificates.variants import DAY, VARIANTS, revocation_list, serials, variant
from diagnostics.lab.process.environment import clean
from diagnostics.lab.servers.tls_proxy import TlsProxy
from diagnostics.targets.settings import TargetSettings, Thresholds
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.clients.postgres.foreign_servers import READY, FakeServer, answers
from tests.diagnostics.probes.running import run_probes
from tests.diagnostics.probes.sites import EXPECTED, Site


def database(port: int, query: str) -> Target:
    url = f"postgresql://app_user@localhost:{port}/transactions?{query}"
    own = Thresholds(connect_timeout_s=1.5)
    settings = TargetSettings(production=False, database=url, thresholds=own)
    return Target("test", (endpoint(url),), settings)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "common_name_only"])
def test_a_database_is_judged_as_the_api_is_but_for_strict_rules(site: Site, name: str) -> None:
    shown = variant(name, site.files)
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, shown) as front:
        found = run_probes(
            database(front.port, f"sslmode=verify-full&sslrootcert={site.files.ca}"), "tls", "connect"
        )

    expected = "" if name == "without_authority_key" else EXPECTED[name]
    assert found["tls"].codes == ([f"tls.{expected}"] if expected else [])
    assert found["connect"].codes == []
    if found["tls"].outcome == "fail":
        assert found["connect"].outcome == "unknown"
        assert "the probe `tls` says why" in found["connect"].reason


@pytest.mark.parametrize("mode", ["prefer", "require"])
def test_a_database_that_is_not_verified_is_no_failure(site: Site, mode: str) -> None:
    shown = variant("expired", site.files)
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, shown) as front:
        found = run_probes(database(front.port, f"sslmode={mode}"), "tls")["tls"]

    assert (found.outcome, found.codes) == ("pass", [])
    assert "as long as sslmode does not verify" in found.evidence["out of its time"].note


def test_verify_ca_asks_for_no_name(site: Site) -> None:
    shown = variant("wrong_name", site.files)
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, shown) as front:
        found = run_probes(database(front.port, f"sslmode=verify-ca&sslrootcert={site.files.ca}"), "tls")[
            "tls"
        ]

    assert found.outcome == "pass"


@pytest.mark.parametrize(
    ("query", "reason"),
    [("sslmode=disable", "never asks for TLS"), ("sslmode=require", "the server offers no TLS")],
)
def test_where_no_tls_is_spoken_there_is_nothing_to_judge(query: str, reason: str) -> None:
    with FakeServer(answers(READY)) as server:
        found = run_probes(database(server.port, query), "tls")["tls"]

    assert found.outcome == "skipped"
    assert reason in found.reason


def test_a_missing_root_certificate_of_a_database_is_an_unusable_bundle(site: Site, tmp_path: Path) -> None:
    query = f"sslmode=verify-full&sslrootcert={tmp_path / 'ca.pem'}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, site.files) as front:
        found = run_probes(database(front.port, query), "tls")["tls"]

    assert found.codes == ["tls.bundle_unreadable"]


def test_a_revocation_list_of_libpq_is_checked(site: Site) -> None:
    bad = variant("healthy", site.files)
    listed = revocation_list(site.files, *serials(bad))
    query = f"sslmode=verify-full&sslrootcert={site.files.ca}&sslcrl={listed}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, bad) as front:
        assert run_probes(database(front.port, query), "tls")["tls"].codes == ["tls.revoked"]


def test_a_name_is_compared_as_libpq_does(site: Site) -> None:
    folder, root = site.files.ca.parent, site.files.root
    starred, other = (
        authority.write(folder / name[2:], root, leaf(root, names=(name,)))
        for name in ("*.internal", "*.example")
    )
    found = []
    for shown in (starred, other):
        with FakeServer(answers(READY)) as server, TlsProxy(server.port, shown) as front:
            query = f"sslmode=verify-full&sslrootcert={site.files.ca}&hostaddr=127.0.0.1"
            url = f"postgresql://app_user@db.internal:{front.port}/transactions?{query}"
            own = TargetSettings(production=False, database=url)
            found.append(run_probes(Target("test", (endpoint(url),), own), "tls")["tls"])

    assert [result.codes for result in found] == [[], ["tls.wrong_name"]]
    assert found[1].evidence["at fault"].note.startswith("it is for *.example; the server's certificate")


def test_libpqs_bundle_is_a_file(site: Site) -> None:
    query = f"sslmode=verify-full&sslrootcert={site.files.ca.parent}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, site.files) as front:
        found = run_probes(database(front.port, query), "tls")["tls"]

    assert found.codes == ["tls.bundle_unreadable"]
    assert "reads a file only" in found.evidence["bundle"].note


def test_the_systems_authorities_are_verified_against_whatever_the_mode(site: Site) -> None:
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, site.files) as front:
        found = run_probes(database(front.port, "sslrootcert=system"), "tls")["tls"]

    assert found.codes == ["tls.unknown_authority"]


def test_libpq_wants_a_revocation_list_of_every_authority(site: Site) -> None:
    shown = variant("whole_chain", site.files)
    query = f"sslmode=verify-full&sslrootcert={site.files.ca}&sslcrl={revocation_list(site.files, 1)}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, shown) as front:
        result = run_probes(database(front.port, query), "tls")["tls"]

    assert (result.outcome, result.codes) == ("fail", ["tls.crl_unusable"])
    missing = "it has no list of O=ClearPay lab, CN=ClearPay lab issuing CA"
    assert missing in str(result.evidence["at fault"].value)


def test_a_rare_key_of_a_database_is_named(site: Site) -> None:
    shown = leaf(site.files.root, key=ec.generate_private_key(ec.SECP256K1()))
    files = authority.write(site.files.ca.parent / "rare", site.files.root, shown)
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files) as front:
        result = run_probes(database(front.port, "sslmode=require"), "tls")["tls"]

    assert (result.outcome, result.codes) == ("fail", ["tls.weak_key"])


def test_revocation_lists_of_a_folder_are_read(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "list.pem").write_bytes(revocation_list(site.files, ends=-DAY).read_bytes())
    subprocess.run(["openssl", "rehash", folder], check=True, env=clean())
    query = f"sslmode=verify-full&sslrootcert={site.files.ca}&sslcrldir={folder}"
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, site.files) as front:
        result = run_probes(database(front.port, query), "tls")["tls"]

    assert (result.outcome, result.codes) == ("fail", ["tls.crl_unusable"])
    assert "CN=ClearPay lab CA was valid until" in str(result.evidence["at fault"].value)
