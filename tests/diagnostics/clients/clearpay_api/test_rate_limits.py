"""Each family of rate limit headers and each form of Retry-After; no header makes the parser crash."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.clearpay_api.rate_limits import MAX_LIMITS, Limit, parse_limits, retry_after

NOW = 1_800_000_000.0
COUNTS = st.integers(min_value=0, max_value=10**9)
SECONDS = st.integers(min_value=0, max_value=86_400)
NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
FAMILIES = (
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
)


@given(name=NAMES, quota=COUNTS, left=COUNTS, seconds=SECONDS)
def test_structured_fields_say_name_quota_remainder_and_reset(
    name: str, quota: int, left: int, seconds: int
) -> None:
    headers = {
        "ratelimit-policy": f'"other";q=1;w=1, "{name}x";q={quota};w=60',
        "ratelimit": f'"{name}x";r={left};t={seconds}',
    }

    assert parse_limits(headers, NOW).limits == (Limit(f"{name}x", quota, left, seconds),)


@given(prefix=st.sampled_from(("ratelimit-", "x-ratelimit-")), quota=COUNTS, left=COUNTS, seconds=SECONDS)
def test_three_headers_say_the_same_with_seconds_to_go(
    prefix: str, quota: int, left: int, seconds: int
) -> None:
    headers = {
        f"{prefix}limit": f"{quota}, {quota};w=60",
        f"{prefix}remaining": str(left),
        f"{prefix}reset": str(seconds),
    }

    assert parse_limits(headers, NOW).limits == (Limit("", quota, left, seconds),)


@given(seconds=SECONDS, scale=st.sampled_from((1, 1000)))
def test_a_reset_may_be_a_moment_in_seconds_or_milliseconds(seconds: int, scale: int) -> None:
    headers = {"x-ratelimit-remaining": "3", "x-ratelimit-reset": str(int((NOW + seconds) * scale))}

    assert parse_limits(headers, NOW).limits == (Limit("", None, 3, seconds),)


def test_a_moment_that_has_passed_is_no_wait() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW - 60))}

    assert parse_limits(headers, NOW).limits == (Limit("", None, 0, 0),)


def test_the_newer_family_wins_over_the_older() -> None:
    headers = {"ratelimit": '"a";r=1', "x-ratelimit-remaining": "9"}

    assert parse_limits(headers, NOW).limits == (Limit("a", None, 1, None),)


def test_a_quoted_name_may_hold_what_separates_items() -> None:
    assert parse_limits({"ratelimit": '"a;b,c";r=1;t=2, "d";r=3'}, NOW).limits == (
        Limit("a;b,c", None, 1, 2),
        Limit("d", None, 3, None),
    )


def test_of_endless_limits_only_some_are_read() -> None:
    headers = {"ratelimit": ", ".join(f'"n{number}";r=1' for number in range(1000))}

    assert len(parse_limits(headers, NOW).limits) == MAX_LIMITS


@given(st.dictionaries(st.sampled_from(FAMILIES), st.text(max_size=60)), st.text(max_size=60))
def test_nothing_that_a_server_sends_breaks_the_parsers(headers: dict[str, str], wait: str) -> None:
    parsed = parse_limits(headers, NOW)
    stated = [
        name for name in ("ratelimit", "ratelimit-remaining", "x-ratelimit-remaining") if name in headers
    ]
    assert bool(stated) == bool(parsed.limits or parsed.unreadable)
    for limit in parsed.limits:
        assert limit.remaining is not None
        assert limit.remaining >= 0
        assert limit.reset_s is None or limit.reset_s >= 0
    seconds = retry_after({"retry-after": wait}, NOW)
    assert seconds is None or seconds >= 0


@given(seconds=SECONDS)
def test_retry_after_is_seconds_or_a_date(seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)

    assert retry_after({"retry-after": str(seconds)}, NOW) == seconds
    assert retry_after({"retry-after": date}, NOW) == seconds


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-5", "Mon, 99 Foo 2026"])
def test_what_is_no_wait_is_none(text: str) -> None:
    assert retry_after({"retry-after": text}, NOW) is None
