"""Baseline of `check source`: fingerprints of known places, read from an earlier report."""

import json
from collections.abc import Iterator
from pathlib import Path

from diagnostics.errors import UsageError, printable

MAX_BYTES = 200_000_000


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints in a report of an earlier run: JSON, ndjson or SARIF. Raises UsageError."""
    shown = f"--baseline {printable(str(path))}"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{shown}: larger than {MAX_BYTES // 1_000_000} MB")
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{shown}: is not a report in JSON, ndjson or SARIF") from None
    try:
        documents = _documents(text)
        return frozenset(mark for document in documents for mark in _fingerprints(document))
    except (ValueError, RecursionError):
        raise UsageError(f"{shown}: is not a report in JSON, ndjson or SARIF") from None


def _documents(text: str) -> list[object]:
    """Parse one JSON document, or one on each line. Raises ValueError."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _fingerprints(value: object) -> Iterator[str]:
    """Yield the fingerprints anywhere in a document."""
    if isinstance(value, list):
        for item in value:
            yield from _fingerprints(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "fingerprint" and isinstance(item, str) and item:
                yield item
            elif key == "partialFingerprints" and isinstance(item, dict):
                yield from (mark for mark in item.values() if isinstance(mark, str))
            else:
                yield from _fingerprints(item)
