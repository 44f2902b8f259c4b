"""Incidents: what belongs together, what came first, and what is there all the time."""

from kb.scan.incidents import incidents_of
from kb.scan.summary import Summary, Tally
from kb.scan.tallies import Tallies
from kb.scan.timeline import Occurrence

HOUR = 3_600


def summary_of(times: dict[str, list[float]], unknown: dict[str, list[float]] | None = None) -> Summary:
    """Return the summary of entries and unknown errors at these seconds of an hour."""
    tallies = Tallies()
    for name, seconds in times.items():
        for second in seconds:
            tallies.add(Occurrence(1e9 + second, 0, int(second), source="pod"), [name], "")
    for name, seconds in (unknown or {}).items():
        for second in seconds:
            tallies.add(Occurrence(1e9 + second, 0, int(second), source="pod"), [], name)
    return tallies.summary(Summary(start=1e9, end=1e9 + HOUR))


def every(step: float, start: float, end: float) -> list[float]:
    return [start + step * number for number in range(int((end - start) / step))]


def test_bursts_that_overlap_are_one_incident_and_distant_ones_are_two() -> None:
    summary = summary_of({"a": every(5, 600, 700), "b": every(5, 650, 800), "c": every(5, 2_000, 2_100)})
    names = [[burst.name for burst in incident.bursts] for incident in incidents_of(summary, {})]
    assert names == [["a", "b"], ["c"]]


def test_an_entry_that_comes_back_has_an_incident_of_its_own_each_time() -> None:
    summary = summary_of({"a": [*every(5, 600, 700), *every(5, 2_000, 2_100)]})
    assert [round(incident.start - 1e9) for incident in incidents_of(summary, {})] == [600, 2_000]


def test_a_root_stands_before_a_consequence_that_was_printed_seconds_earlier() -> None:
    summary = summary_of({"timeout": every(5, 600, 700), "lock": every(5, 620, 700)})
    (incident,) = incidents_of(summary, {"lock": ["timeout"]})
    assert [burst.name for burst in incident.bursts] == ["lock", "timeout"]
    assert incident.roots == {"timeout": "lock"}


def test_entries_that_lead_to_each_other_are_all_shown() -> None:
    summary = summary_of({"a": every(5, 600, 700), "b": every(5, 610, 700), "c": every(5, 620, 700)})
    (incident,) = incidents_of(summary, {"a": ["b"], "b": ["c"], "c": ["a"]})
    assert {burst.name for burst in incident.bursts} == {"a", "b", "c"}


def test_errors_all_the_time_are_part_of_no_incident() -> None:
    summary = summary_of(
        {"noise": every(40, 5, HOUR - 5), "a": every(5, 600, 700)}, {"redis": every(30, 0, HOUR)}
    )
    (incident,) = incidents_of(summary, {})
    assert [burst.name for burst in incident.bursts] == ["a"]


def test_errors_that_grow_are_an_incident_although_they_were_there_before() -> None:
    summary = summary_of({"a": [*every(60, 5, HOUR), *every(0.5, 1_800, 2_100)]})
    assert incidents_of(summary, {})


def test_unknown_errors_of_the_time_belong_to_the_incident() -> None:
    summary = summary_of(
        {"a": every(5, 600, 700)}, {"upstream": every(5, 610, 700), "later": every(5, 3_000, 3_100)}
    )
    (incident,) = incidents_of(summary, {})
    assert [(burst.name, burst.is_known) for burst in incident.bursts] == [("a", True), ("upstream", False)]


def test_records_without_a_time_make_no_incident() -> None:
    tally = Tally(1, Occurrence(float("inf"), 0, 0), Occurrence(float("inf"), 0, 0), untimed=1)
    assert incidents_of(Summary(entries={"a": tally}), {}) == ()
