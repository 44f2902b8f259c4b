"""Every certificate that is refused has its finding, and OpenSSL refuses it with the same code."""

from datetime import timedelta

import pytest

from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.certificates.variants import DAY, VARIANTS, revocation_list, serials, variant
from diagnostics.lab.servers.dated_https import DatedServer
from tests.diagnostics.probes.sites import EXPECTED, TAKEN, Site, openssl


def test_every_variant_of_the_lab_has_an_expected_finding() -> None:
    assert set(EXPECTED) == set(VARIANTS)
    assert len(VARIANTS) >= 15


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_has_its_finding_and_openssl_agrees(site: Site, name: str) -> None:
    site.front.present(variant(name, site.files))

    found = site.looked()
    code = openssl(site.front.port, site.files.ca)

    assert found.codes == ([f"tls.{EXPECTED[name]}"] if EXPECTED[name] else [])
    assert (code == 0) == (name in TAKEN)
    if code:
        assert found.outcome == "fail"
        assert found.evidence["verify code"].value == code


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "common_name_only"])
def test_a_bare_host_and_port_are_judged_alike(site: Site, name: str) -> None:
    site.front.present(variant(name, site.files))

    web, bare = site.looked(), site.looked(f"localhost:{site.front.port}")

    assert (bare.outcome, bare.codes) == (web.outcome, web.codes)


def test_a_common_name_counts_where_openssl_counts_it_and_not_for_http(site: Site) -> None:
    site.front.present(variant("common_name_only", site.files))

    assert site.looked(f"localhost:{site.front.port}").outcome == "pass"
    assert site.looked().codes == ["tls.wrong_name"]
    assert "ignore a common name" in site.looked().evidence["at fault"].note


@pytest.mark.parametrize(
    ("names", "wanted", "taken"),
    [
        (("*.clearpay.example",), "api.clearpay.example", True),
        (("*.clearpay.example",), "a.b.clearpay.example", False),
        (("*.clearpay.example",), "clearpay.example", False),
        (("a*.clearpay.example",), "api.clearpay.example", False),
        (("API.clearpay.example",), "api.CLEARPAY.example", True),
        (("127.0.0.1",), "127.0.0.1", True),
        (("127.0.0.1",), "127.0.0.2", False),
        (("::1",), "::1", True),
    ],
)
def test_names_are_matched_as_openssl_matches_them(
    site: Site, names: tuple[str, ...], wanted: str, *, taken: bool
) -> None:
    shown = leaf(site.files.root, names=names)
    site.front.present(certificates.write(site.files.ca.parent / "named", site.files.root, shown))
    tls = site.tls(server_name=wanted)

    found = site.looked(tls=tls)

    assert (found.outcome, found.codes) == (("pass", []) if taken else ("fail", ["tls.wrong_name"]))


@pytest.mark.parametrize("name", [".clearpay.example", "a" * 64 + ".example", "clearpay..example"])
def test_a_name_that_no_server_can_have_is_one_clear_sentence(site: Site, name: str) -> None:
    found = site.looked(tls=site.tls(server_name=name))

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "not a valid server name" in found.reason


def test_of_two_that_expired_the_servers_own_is_named(site: Site) -> None:
    old = {"begins": timedelta(days=-9), "ends": timedelta(days=-1)}
    issuing = authority("ClearPay lab issuing CA", site.files.root, **old)
    shown = (leaf(issuing, **old), issuing)
    site.front.present(certificates.write(site.files.ca.parent / "both", site.files.root, *shown))

    assert site.looked().codes == ["tls.expired"]


def test_a_revoked_certificate_is_seen_where_a_list_is_configured_and_only_there(site: Site) -> None:
    bad = variant("healthy", site.files)
    site.front.present(bad)
    listed = revocation_list(site.files, *serials(bad))
    tls = site.tls(crl_file=str(listed))

    assert site.looked().outcome == "pass"
    assert site.looked(tls=tls).codes == ["tls.revoked"]
    site.front.present(site.files)
    assert site.looked(tls=tls).outcome == "pass"


@pytest.mark.parametrize(
    ("flaw", "code", "detail"),
    [
        ("of another authority", 3, "it has no list of O=ClearPay lab, CN=ClearPay lab CA; it has: "),
        ("expired", 12, "the list of O=ClearPay lab, CN=ClearPay lab CA was valid until "),
        ("of tomorrow", 11, "the list of O=ClearPay lab, CN=ClearPay lab CA is valid from "),
        ("forged", 8, "CRL signature failure"),
    ],
)
def test_a_revocation_list_that_cannot_be_used_has_its_finding(
    site: Site, flaw: str, code: int, detail: str
) -> None:
    folder = site.files.ca.parent
    other, forger = (
        certificates.write(folder / name, root := authority(name), leaf(root))
        for name in ("Elsewhere", "ClearPay lab CA")
    )
    listed = {
        "of another authority": lambda: revocation_list(other, 1),
        "expired": lambda: revocation_list(site.files, ends=-DAY),
        "of tomorrow": lambda: revocation_list(site.files, ends=3 * DAY),
        "forged": lambda: revocation_list(forger, 1),
    }[flaw]()

    result = site.looked(tls=site.tls(crl_file=str(listed)))

    assert (result.outcome, result.codes) == ("fail", ["tls.crl_unusable"])
    assert result.evidence["verify code"].value == code
    assert detail in str(result.evidence["at fault"].value)
    assert str(listed) in str(result.evidence["at fault"].value)


@pytest.mark.parametrize(("variant_name", "days"), [("not_yet_valid", 2), ("expired", -2)])
def test_a_wrong_local_clock_is_not_blamed_on_the_certificate(
    site: Site, variant_name: str, days: int
) -> None:
    shown = variant(variant_name, site.files)
    with DatedServer(shown, timedelta(days=days)) as dated, DatedServer(shown, timedelta()) as right:
        wrong_clock = site.looked(f"https://localhost:{dated.port}/")
        right_clock = site.looked(f"https://localhost:{right.port}/")

    assert wrong_clock.codes == ["tls.clock"]
    assert right_clock.codes == [f"tls.{variant_name}"]
    assert right_clock.evidence["server's clock"].ok is True


def test_a_wrong_clock_excuses_no_authority_that_has_expired_by_every_clock(site: Site) -> None:
    issuing = authority("ClearPay lab issuing CA", site.files.root, begins=-9 * DAY, ends=-5 * DAY)
    shown = (leaf(issuing, begins=-9 * DAY, ends=-DAY), issuing)
    files = certificates.write(site.files.ca.parent / "clocks", site.files.root, *shown)
    with DatedServer(files, -2 * DAY) as dated:
        found = site.looked(f"https://localhost:{dated.port}/")

    assert found.codes == ["tls.expired"]
    assert found.evidence["server's clock"].ok is False
    assert found.evidence["also wrong"].value == "an intermediate has expired"


def test_the_days_from_which_it_warns_are_a_threshold(site: Site) -> None:
    site.front.present(variant("expires_soon", site.files))
    url = f"https://localhost:{site.front.port}/"

    assert site.looked(url, certificate_days=5).outcome == "pass"
    late = site.looked(url, certificate_days=7)
    assert (late.outcome, late.codes) == ("warn", ["tls.expires_soon"])
    assert late.evidence["days left"].value == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize("name", ["healthy", "foreign_root_sent"])
def test_another_issuer_than_the_expected_one_is_an_interception_accepted_or_not(
    site: Site, name: str
) -> None:
    site.front.present(variant(name, site.files))

    result = site.looked(tls=site.tls(issuer="DigiCert"))

    assert (result.outcome, result.codes) == ("fail", ["tls.interception"])
    assert "expects an issuer with 'DigiCert' in its name" in result.evidence["at fault"].note
    accepted = "the application accepts it all the same" in result.evidence["at fault"].note
    assert accepted == (name == "healthy")


@pytest.mark.parametrize("issuer", ["ClearPay lab", "clearpay LAB ca"])
def test_the_expected_issuer_is_compared_without_regard_to_case(site: Site, issuer: str) -> None:
    assert site.looked(tls=site.tls(issuer=issuer)).outcome == "pass"


def test_the_servers_own_name_is_not_its_issuer(site: Site) -> None:
    assert site.looked(tls=site.tls(issuer="localhost")).codes == ["tls.interception"]


@pytest.mark.parametrize(
    ("name", "web", "bare"),
    [("xn--strae-oqa.example", "pass", "fail"), ("strasse.example", "fail", "pass")],
)
def test_a_sharp_s_is_encoded_as_the_application_encodes_it(
    site: Site, name: str, web: str, bare: str
) -> None:
    shown = leaf(site.files.root, names=(name,))
    site.front.present(certificates.write(site.files.ca.parent / "idna", site.files.root, shown))
    tls = site.tls(server_name="stra\u00dfe.example")

    results = site.looked(tls=tls), site.looked(f"localhost:{site.front.port}", tls=tls)

    assert [result.outcome for result in results] == [web, bare]
    assert results[0].evidence["name wanted"].value == "xn--strae-oqa.example"
