"""Bounds of records in bytes."""

import pytest

from kb.scan.windows import record_bounds

TRACEBACK = (
    b"2026-11-29 12:00:00,100 ERROR pay failed\n"
    b"Traceback (most recent call last):\n"
    b'  File "a.py", line 3, in pay\n'
    b"ValueError: seven\n"
)
NEXT = b"2026-11-29 12:00:01,100 INFO paid\n"
JSON = b'{"level":"error","msg":"seven"}\n'
UNSTAMPED = b"failed\n" + TRACEBACK.partition(b"\n")[2]
DETAIL = b"2026-11-29 12:00:00 UTC [1] ERROR:  seven\n\tand more\n"
LAST = b"2026-11-29 12:00:02 seven"
DOCKER = b"".join(
    b'{"log":"%s\\n"}\n' % line
    for line in (b"[ERROR] six", b"Traceback (most recent call last):", b"  File x", b"E: seven")
)
LOGS = {
    "a stamp begins a record with its traceback": (NEXT + TRACEBACK + NEXT, b"seven", TRACEBACK),
    "a line alone": (NEXT + JSON + NEXT, b"seven", JSON),
    "without stamps, a traceback goes with its message": (
        b"started\n" + UNSTAMPED + b"ended\n",
        b"seven",
        UNSTAMPED,
    ),
    "a line of prose alone": (b"one\nseven\nthree\n", b"seven", b"seven\n"),
    "a continuation of PostgreSQL": (DETAIL + NEXT, b"more", DETAIL),
    "the last line has no line break": (NEXT + LAST, b"seven", LAST),
    "frames in the envelope of Docker": (DOCKER + b'{"log":"[INFO] done\\n"}\n', b"seven", DOCKER),
}


@pytest.mark.parametrize("name", LOGS)
def test_bounds_of_a_record(name: str) -> None:
    data, inside, record = LOGS[name]
    low, high = record_bounds(data, data.index(inside))
    assert data[low:high] == record


def test_a_record_has_bounded_size() -> None:
    data = NEXT + b"no stamp, no end\n" * 100_000
    low, high = record_bounds(data, len(NEXT) + 5)
    assert low == 0
    assert high < 20_000
