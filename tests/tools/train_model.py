"""Training of the model that refuses texts: `make model` writes `kb/matching/wording/model.json`.

Texts: the records, the collection's parts `tuned`, `logs` and `shapes` (no other part is read), disturbed
copies of both, the parts of unrelated texts, healthy logs, and sentences about other subjects. Learned is
one weight a feature (scikit-learn's logistic regression), which tells a report of a known error from
anything else.

Usage: python -m tests.tools.train_model
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from kb.matching.features import grams_of, marks_of, normalized, vector_of, words_of
from kb.matching.index_compiler import load_layers
from kb.matching.wording.report_model import MODEL, Model
from kb.records.loader import load_entries
from kb.records.models import Entry
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.logs.records import records_of
from kb.text.sanitize import clean
from tests.tools.match_score import NOTHING, TESTS, known

TEXTS = [text for part in ("tuned", "logs", "shapes") for text in known(part)]
MIN_TEXTS = 4
"""Texts that a feature needs."""
MIN_WEIGHT = 0.3
"""Learned weights below this are left out; the others are learned again."""
STRENGTH = 10
"""Inverse of the regularization."""
HEALTHY = (
    "GET /health HTTP/1.1 200 2 kube-probe", "Starting gunicorn 22.0.0",
    "Listening at: http://0.0.0.0:8000", "Booting worker with pid: 9",
    "database system is ready to accept connections", "checkpoint starting: time",
    "checkpoint complete: wrote 81 buffers (0.8%); 0 WAL file(s) added, 0 removed, 15 recycled",
    "listening on IPv4 address 0.0.0.0, port 5432",
    "database system was shut down at 2026-11-29 18:00:01 UTC",
    "HikariPool-1 - Pool stats (total=10, active=1, idle=9, waiting=0)",
    "HikariPool-1 - Start completed.", "pool size 10, checked out 2, overflow 0",
    "automatic vacuum of table shop.public.orders: index scans: 0",
    "connection received: host=10.0.0.7 port=51423", "connection authorized: user=app database=shop",
    "disconnection: session time: 0:00:00.031 user=app database=shop host=10.0.0.7 port=51423",
    "Ready to accept connections tcp", "Background saving terminated with success", "DB saved on disk",
    "Successfully joined group orders with generation 4", "Started consumer for topic payments",
    "worker ready.", "Task shop.tasks.report succeeded in 4.12s",
    "received reload signal, reloading configuration", "Application startup complete.",
    "Uvicorn running on http://0.0.0.0:8000", "Waiting for application startup.",
    "payment 4711 captured in 120 ms", "order 12 paid, receipt sent", "cache hit ratio 98.2 percent",
    "certificate renewed, next renewal in 60 days", "TLS handshake completed in 12 ms",
    "all health checks pass", "rate limit remaining 480 of 500", "token refreshed, expires in 3600 s",
    "webhook received and verified", "migration 0042 applied in 0.2 s", "backup finished: 12 GB in 340 s",
    "deploy of release 42 finished",
)  # fmt: skip
"""Lines of programs that work."""
OTHER_SUBJECTS = (TESTS / "data" / "other_subjects.txt").read_text("utf-8").splitlines()
"""Sentences with the words of records about other subjects: everyday life, SQL, documents, proposals."""
GREETINGS = (
    "Hi all,", "Hello,", "Dear team,", "We have had this problem since Monday.", "Error:", "Please help.",
)  # fmt: skip
SIGNATURES = ("Thanks, Kim", "Best regards\nSam", "Any idea?", "(our other service is fine)")


def disturbed(text: str, random_: random.Random) -> str:
    """Return a copy of a text with one harmless change."""
    kind = random_.randrange(4)
    if kind == 0:
        return f"{random_.choice(GREETINGS)} {text}"
    if kind == 1:
        return f"{text} {random_.choice(SIGNATURES)}"
    words = text.split(" ")
    if kind == 2 and len(words) > 12:
        start = random_.randrange(len(words) // 3)
        return " ".join(words[start : start + max(8, len(words) // 2)])
    return " ".join(swapped(word) if at % 7 == 6 else word for at, word in enumerate(words))


def swapped(word: str) -> str:
    """Return a word with two letters swapped."""
    return f"{word[0]}{word[2]}{word[1]}{word[3:]}" if len(word) > 3 else word


def plain(text: str) -> str:
    """Return a text as the matcher reads it: cleaned, without the prefixes of loggers."""
    return "\n".join(strip_prefix(line) for line in clean(text).text.split("\n"))


def texts_of(entry: Entry) -> Iterator[str]:
    """Yield the texts of a record whose words describe the error."""
    yield from (entry.title, entry.summary, *entry.error_names, *entry.user_phrases, *entry.other_messages)
    yield from (cause.sentence for cause in entry.causes)
    yield from (sample.text for symptom in entry.symptoms for sample in symptom.samples)
    yield from (symptom.template for symptom in entry.symptoms if symptom.template)


def training_texts() -> Iterator[tuple[str, str]]:
    """Yield each text with its entry or `none`."""
    random_ = random.Random(7)  # noqa: S311  reproducible texts
    pairs = [
        (text, entry.id) for entry in load_entries().values() if not entry.retired for text in texts_of(entry)
    ]
    pairs += [(plain(text.body), text.expected) for text in TEXTS]
    for text, expected in pairs:
        yield text, expected
        yield disturbed(text, random_), expected
        if expected == NOTHING:
            parts = {*(record.text for record in records_of(text)), *text.split("\n")}
            yield from ((part, NOTHING) for part in sorted(parts) if part != text and len(part.split()) > 3)
    for line in (*HEALTHY, *OTHER_SUBJECTS, *GREETINGS, *SIGNATURES):
        yield line, NOTHING
        yield "\n".join(random_.sample(HEALTHY, 4)), NOTHING


def rarities(texts: list[str], layers: Any) -> dict[str, int]:
    """Return a hundred times the inverse document frequency of each feature that some texts have."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = words_of(text)
        terms = {*words, *(f"{one} {two}" for one, two in pairwise(words))}
        grams = {gram for word in words for gram in grams_of(word)}
        counts.update(terms | grams | set(marks_of(text, layers)))
    return {
        term: round(100 * (1 + log((1 + len(texts)) / (1 + count))))
        for term, count in sorted(counts.items())
        if count >= MIN_TEXTS
    }


def matrix_of(texts: list[str], rarity: Mapping[str, int], layers: Any) -> csr_matrix:
    """Return the features of normalized texts, a row a text and a column a feature."""
    rows = [vector_of(words_of(text), list(marks_of(text, layers)), rarity) for text in texts]
    columns = {term: at for at, term in enumerate(rarity)}
    values = [value for row in rows for value in row.values()]
    places = (
        [at for at, row in enumerate(rows) for _ in row],
        [columns[term] for row in rows for term in row],
    )
    return csr_matrix((values, places), shape=(len(rows), len(columns)))


def fitted(matrix: csr_matrix, labels: Any) -> LogisticRegression:
    """Return the regression of labels on features."""
    return LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced").fit(matrix, labels)


def train() -> Model:
    """Return the model: learned with all features, then again with those that matter."""
    layers = load_layers()
    pairs = list(training_texts())
    texts = [normalized(text) for text, _ in pairs]
    labels = np.array([expected != NOTHING for _, expected in pairs])
    rarity = rarities(texts, layers)
    weights = fitted(matrix_of(texts, rarity, layers), labels).coef_[0]
    heavy = [term for term, weight in zip(rarity, weights, strict=True) if abs(weight) >= MIN_WEIGHT]
    ordered = sorted(heavy, key=lambda term: (not term.isdigit(), int(term) if term.isdigit() else 0, term))
    rarity = {term: rarity[term] for term in ordered}  # numbers first, as objects of JavaScript have them
    regression = fitted(matrix_of(texts, rarity, layers), labels)
    return {
        "bias": round(100 * float(regression.intercept_[0])),
        "entries": [entry.id for entry in load_entries().values() if not entry.retired],
        "rarities": rarity,
        "weights": [round(100 * weight) for weight in regression.coef_[0]],
    }


def main() -> None:
    """Write the model."""
    text = json.dumps(train(), ensure_ascii=False, separators=(",", ":"))
    MODEL.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
