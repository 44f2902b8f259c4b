"""Weights of words: closed-form ones of each entry, from its texts, and a learned one that refuses texts.

The weight of a feature for an entry is its logarithm of frequency in the entry's texts (multinomial naive
Bayes), so that a team's own entry counts as a shipped one does. Whether a text is about any known error is
decided by one learned weight a feature: `tests/tools/train_model.py` computes the file `model.json`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import Any, Final

from kb.matching.features import normalized, vector_of, words_of
from kb.records.models import Entry

MODEL: Final = Path(__file__).with_name("model.json")
SCALE: Final = 10
"""Factor of weights, which are whole numbers in the index."""
MAX_FEATURES: Final = 600
"""Features of an entry that the index has: those that contribute most to its texts."""
_NEW_IDF: Final = 6.0
"""Inverse document frequency of a word that the model has never seen."""


@cache
def load_model() -> dict[str, Any]:
    """Return the learned part: `idf`, `gate`, `bias` and the sums of features of the collection's texts."""
    model: dict[str, Any] = json.loads(MODEL.read_text("utf-8"))
    return model


def texts_of(entry: Entry) -> Iterator[str]:
    """Yield the texts of a record whose words describe the error."""
    yield from (entry.title, entry.summary, *entry.error_names, *entry.told_as, *entry.also_said)
    yield from (cause.sentence for cause in entry.causes)
    yield from (sample.text for symptom in entry.symptoms for sample in symptom.samples)
    yield from (symptom.template for symptom in entry.symptoms if symptom.template)


def vectors(texts: Iterable[str], table: Mapping[str, Sequence[float]]) -> Iterator[dict[str, float]]:
    """Yield the features of each text, without its marks, which tell no entries apart."""
    yield from (vector_of(words_of(normalized(text)), [], table) for text in texts)


def summed(several: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the sum of feature vectors."""
    total: dict[str, float] = defaultdict(float)
    for vector in several:
        for term, weight in vector.items():
            total[term] += weight
    return total


def entry_weights(sums: Mapping[str, float], features: int) -> dict[str, int]:
    """Return the weights of an entry's features from their sum over its texts."""
    total = sum(sums.values()) or 1.0
    weights = {term: log(1 + features * value / total) for term, value in sums.items()}
    important = sorted(weights, key=lambda term: (-weights[term] * sums[term], term))[:MAX_FEATURES]
    return {term: round(SCALE * weights[term]) for term in important}


def compile_words(entries: Iterable[Entry]) -> dict[str, list[float]]:
    """Return each feature: its rarity, its learned weight, and then entry and weight by turns."""
    model = load_model()
    live = list(entries)
    idf = _idf_with_new_words(model["idf"], live)
    table = {term: (value,) for term, value in idf.items()}
    postings: dict[str, list[float]] = {}
    for number, entry in enumerate(live):
        sums = summed([model["examples"].get(entry.id, {}), *vectors(texts_of(entry), table)])
        for term, weight in entry_weights(sums, len(idf)).items():
            if weight:
                postings.setdefault(term, []).extend((number, weight))
    gate: Mapping[str, int] = model["gate"]
    terms = sorted(term for term in idf if term in postings or term in gate)
    return {term: [idf[term], gate.get(term, 0), *postings.get(term, ())] for term in terms}


def _idf_with_new_words(idf: Mapping[str, float], entries: Iterable[Entry]) -> dict[str, float]:
    """Return the rarities with the words of records that the model has not seen: a team's own."""
    known = dict(idf)
    for entry in entries:
        for text in (entry.title, *entry.told_as):
            for word in words_of(normalized(text)):
                known.setdefault(word, _NEW_IDF)
    return known
