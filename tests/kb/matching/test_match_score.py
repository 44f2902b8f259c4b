"""Floors for the share of texts that match their entry, in each part of the collection.

They hold for released entries. `make match-score` reports newer ones, whose authors need not fill the parts.
"""

from dataclasses import replace

import pytest

from kb.matching.index import Index
from kb.matching.index_compiler import compile_index, compile_words
from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.records.loader import load_entries
from kb.records.models import Entry
from tests.tools.match_score import (
    NOTHING,
    PARTS,
    RELEASED,
    SCORED_AT,
    SCORED_ONCE,
    Score,
    known,
    score,
    texts,
)

FLOORS = {
    "tuned": (0.96, 0.98),
    "held_out": (0.96, 0.96),
    "fresh": (0.95, 0.96),
    "strangers": (0.93, 0.93),
    "near": (0.76, 0.86),
    "logs": (0.98, 0.96),
    "logs_held_out": (0.97, 0.88),
    "shapes": (0.95, 0.96),
    "shapes_held_out": (0.96, 0.87),
    "unseen": (0.8, 0.88),
    "unseen_shapes": (0.92, 0.89),
}
"""Minimum share of texts that match their entry first, and of unrelated texts without a match.

Measured with thirty-two entries, each a little below the measurement.
"""
SHIPPED = load_index()
MIN_LEFT_OUT = 0.78
"""Minimum share of users' sentences that match their entry after they were removed from its record."""


@pytest.mark.parametrize("part", FLOORS)
def test_texts_find_their_entry_and_unrelated_ones_find_none(part: str) -> None:
    result = score(part)

    first, refused = FLOORS[part]
    assert result.first >= first, result.confusions
    assert result.refused >= refused, result.confusions


def test_texts_beside_a_record_are_scored_with_the_part_for_tuning() -> None:
    beside = {text.name for text in texts("tuned")}

    assert {"db-disk-full/payment_job", "db-missing-privilege/server_log"} <= beside
    assert not set(load_entries()) - set(score("tuned").total)


def test_a_part_without_a_floor_is_one_that_has_not_been_scored_yet() -> None:
    assert set(PARTS) - set(FLOORS) == set(SCORED_ONCE) - set(SCORED_AT)


def test_an_entry_that_is_not_released_is_counted_and_lowers_no_share() -> None:
    released, newer = min(RELEASED), "db-not-released"
    result = Score()
    result.total.update({released: 2, newer: 8})
    result.right.update({released: 2, newer: 0})

    assert result.first == 1.0
    assert result.first_of_all == 0.2
    assert result.total[newer] == 8


@pytest.mark.parametrize("part", FLOORS)
def test_a_text_whose_entry_is_not_there_yet_is_left_out_and_counted(part: str) -> None:
    result = score(part)

    assert {text.expected for text in known(part)} <= {NOTHING, *load_entries()}
    assert result.total.total() == len(known(part))
    assert result.left_out == len(texts(part)) - len(known(part))


def test_no_text_stands_in_two_parts() -> None:
    bodies = [text.body for part in PARTS for text in texts(part)]

    assert len(bodies) == len(set(bodies))


def test_a_sentence_that_its_record_lacks_is_known_by_the_others() -> None:
    counts = [len(entry.user_phrases) for entry in released_entries()]
    missed = [f"{entry}: {text}" for number in range(max(counts)) for entry, text in missed_without(number)]

    share = 1 - len(missed) / sum(counts)
    message = [f"{share:.1%} of the sentences match their entry; these do not:", *missed]
    assert share >= MIN_LEFT_OUT, "\n".join(message)


def test_an_index_with_other_sentences_differs_only_in_its_words() -> None:
    entries = [without(entry, 0) for entry in load_entries().values()]

    assert index_without(0) == compile_index(entries)


def missed_without(number: int) -> list[tuple[str, str]]:
    """Remove one sentence from each record; return those of released entries that do not match first."""
    index = index_without(number)
    entries = [entry for entry in released_entries() if number < len(entry.user_phrases)]
    removed = [(entry.id, entry.user_phrases[number]) for entry in entries]
    return [
        (entry_id, sentence)
        for entry_id, sentence in removed
        if [found.entry for found in match(sentence, index, limit=1)] != [entry_id]
    ]


def released_entries() -> list[Entry]:
    return [entry for entry in load_entries().values() if entry.id in RELEASED and not entry.retired]


def index_without(number: int) -> Index:
    """Compile the index of the shipped records without one sentence each: only words depend on sentences."""
    entries = [entry for entry in load_entries().values() if not entry.retired]
    words = compile_words([without(entry, number) for entry in entries])
    return {**SHIPPED, "words": words}


def without(entry: Entry, number: int) -> Entry:
    return replace(entry, user_phrases=(*entry.user_phrases[:number], *entry.user_phrases[number + 1 :]))
