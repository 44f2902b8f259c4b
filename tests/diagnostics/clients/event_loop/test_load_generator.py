"""Percentiles of response times, corrected for coordinated omission."""

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.event_loop.load_generator import corrected_latencies, percentile

TIMES = st.lists(st.floats(min_value=0.01, max_value=5000), min_size=1, max_size=50)


def test_one_slow_answer_counts_for_all_that_it_kept_from_being_asked() -> None:
    assert corrected_latencies([3, 45], 10) == [3, 45, 35, 25, 15]


def test_a_pause_of_half_a_second_is_seen_among_fifty_quick_answers() -> None:
    quick = [1.0] * 50

    assert percentile([*quick, 500]) == 1
    assert percentile(corrected_latencies([*quick, 500], 10)) > 400


def test_the_percentile_of_few_is_the_slowest() -> None:
    assert percentile([4, 1, 3]) == 4
    assert percentile([]) == 0


@given(TIMES)
def test_the_correction_adds_only_quicker_ones_and_loses_none(times: list[float]) -> None:
    found = corrected_latencies(times, 10)

    assert max(found) == max(times)
    assert min(found) > 0
    assert len(found) >= len(times)
    assert sorted(set(times) - set(found)) == []


@given(TIMES, st.floats(min_value=0.01, max_value=1))
def test_a_percentile_is_one_of_the_values_and_enough_do_not_exceed_it(
    times: list[float], share: float
) -> None:
    found = percentile(times, share)

    assert found in times
    assert sum(time <= found for time in times) >= share * len(times)
