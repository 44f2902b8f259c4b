"""Masking on the collections of tests/data/masking and on random notations."""

from itertools import groupby

import pytest

from kb.text.sanitize import clean, mask_secrets
from tests.support.masking_texts import Sample, samples
from tests.tools import fuzz_masking

SECRETS = [*samples("secrets"), *samples("secrets_held_out")]
HARMLESS = [*samples("harmless"), *samples("harmless_held_out")]


def by_kind(collection: list[Sample]) -> list[object]:
    """Return the samples of each kind as one case of a test."""
    groups = groupby(collection, key=lambda sample: sample.kind)
    return [pytest.param(list(group), id=kind) for kind, group in groups]


@pytest.mark.parametrize("group", by_kind(SECRETS))
def test_no_part_of_a_secret_is_shown(group: list[Sample]) -> None:
    shown = [
        sample.line
        for sample in group
        if sample.leaks(mask_secrets(sample.text)) or sample.leaks(clean(sample.text).text)
    ]

    assert shown == []


@pytest.mark.parametrize("group", by_kind(HARMLESS))
def test_a_harmless_text_does_not_change(group: list[Sample]) -> None:
    changed = [sample.line for sample in group if mask_secrets(sample.text) != sample.text]

    assert changed == []


def test_masking_twice_is_masking_once_in_the_collections() -> None:
    texts = [mask_secrets(sample.text) for sample in SECRETS]

    assert [mask_secrets(text) for text in texts] == texts


def test_the_collections_are_large_and_name_their_sources() -> None:
    assert len({sample.line for sample in SECRETS}) >= 300
    assert len({sample.line for sample in HARMLESS}) >= 300
    assert all(sample.kind and sample.source for sample in SECRETS + HARMLESS)
    assert all(sample.secrets for sample in SECRETS)


def test_random_notations_show_no_secret_and_cost_linear_time() -> None:
    number, slow, leaks = fuzz_masking.run(seed=13, seconds=20.0, max_cases=2500)

    assert leaks == []
    assert slow == []
    assert number > 500
