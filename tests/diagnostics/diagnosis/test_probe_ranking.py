"""Order of probes, and the entries that a result supports or contradicts."""

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.probe_ranking import contradicted_entries, rank_probes, supported_entries
from diagnostics.engine.events import Finding, Key, Outcome
from diagnostics.probes import PROBES
from diagnostics.report.model import Result
from kb.records.loader import load_entries

CATALOGUE = Catalogue(load_entries(), PROBES)


def names(scores: dict[str, float], *probes: str) -> list[str]:
    return [one.probe for one in rank_probes(CATALOGUE.with_needs(probes), scores, CATALOGUE)]


def result(probe: str, outcome: Outcome, *codes: str) -> Result:
    findings = tuple(Finding(code=code) for code in codes)
    return Result(Key("t", "e", probe), outcome=outcome, findings=findings)


def test_the_probe_with_most_information_per_second_comes_first() -> None:
    quick = names({"db-connection-refused": 0.9, "db-deadlock": 0.8}, "conflicts", "connect")

    assert quick[0] == "connect"


def test_a_probe_never_stands_before_one_that_it_needs() -> None:
    order = names({"db-deadlock": 0.9}, "conflicts", "login", "connect")

    for name in order:
        assert set(PROBES[name].NEEDS) <= set(order[: order.index(name)])


def test_a_probe_without_information_is_kept_and_comes_last() -> None:
    weighed = rank_probes(["connect", "report"], {"db-connection-refused": 0.9}, CATALOGUE)

    assert weighed[-1].probe == "report"
    assert weighed[-1].bits_per_second == 0


def test_a_probe_names_its_candidates_likeliest_first() -> None:
    (connect,) = rank_probes(["connect"], {"db-unreachable": 0.4, "db-connection-refused": 0.9}, CATALOGUE)

    assert connect.entries == ("db-connection-refused", "db-unreachable")


def test_without_candidates_every_probe_keeps_its_place() -> None:
    assert names({}, *PROBES) == list(PROBES)


def test_a_finding_supports_its_entry_and_contradicts_the_others_of_its_probe() -> None:
    refused = result("connect", "fail", "connect.refused")

    assert supported_entries(refused, CATALOGUE) == ("db-connection-refused",)
    assert "db-host-not-found" in contradicted_entries(refused, CATALOGUE)
    assert "db-connection-refused" not in contradicted_entries(refused, CATALOGUE)


def test_an_inconclusive_probe_contradicts_no_entry() -> None:
    assert contradicted_entries(result("connect", "unknown"), CATALOGUE) == ()
