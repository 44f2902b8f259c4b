"""Learned likelihood that a text reports a known error, rather than proposing, documenting or being healthy.

One weight a feature of the text's words, read from `model.json`, which `tests/tools/train_model.py` writes.
The model refuses what the words of records claim; it claims nothing itself.
"""

import json
from collections.abc import Mapping
from functools import cache
from math import exp
from pathlib import Path
from typing import Final, TypedDict

from kb.matching.features import marks_of, normalized, vector_of, words_of
from kb.matching.index import LayerWords

MODEL: Final = Path(__file__).with_name("model.json")
_SCALE: Final = 100
"""Factor of the weights in the file, which are whole numbers."""
_MAX_LOGIT: Final = 30.0


class Model(TypedDict):
    """Content of `model.json`."""

    bias: int
    entries: list[str]
    """Entries that the model has learned: of others, a team's own, it knows no words."""
    rarities: dict[str, int]
    """Rarity of each feature, by which the features of a text are weighed."""
    weights: list[int]
    """Learned weight of each feature, in the same order: a table of pairs takes twice as long to load."""


@cache
def load_model() -> Model:
    """Return the learned weights, read when words first claim an entry."""
    model: Model = json.loads(MODEL.read_text("utf-8"))
    return model


@cache
def _weights() -> dict[str, int]:
    model = load_model()
    return dict(zip(model["rarities"], model["weights"], strict=True))


def likelihood(text: str, layers: Mapping[str, LayerWords]) -> float:
    """Return how likely a text without prefixes of loggers reports a known error, from 0 to 1."""
    model, weights = load_model(), _weights()
    plain = normalized(text)
    vector = vector_of(words_of(plain), list(marks_of(plain, layers)), model["rarities"])
    logit = float(model["bias"])
    for term, value in vector.items():  # not sum(), which rounds otherwise than the page does
        logit += value * weights[term]
    return 1 / (1 + exp(-max(-_MAX_LOGIT, min(_MAX_LOGIT, logit / _SCALE))))
