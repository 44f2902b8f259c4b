"""URLs that `urllib` can split, whose port and host can be read."""

import pytest

from kb.parsers.malformed import Malformed
from kb.parsers.url import query_parameters, split_url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://h:x/", "the port is not a number from 0 to 65535"),
        ("http://h:99999/", "the port is not a number from 0 to 65535"),
        ("http://a,b:x/", "the port is not a number from 0 to 65535"),
        ("http://user:canary@a\u2100b/", "characters in the host that Unicode turns into others"),
        ("http://a b/", "a space in the host"),
        ("http://a/\n", "a line break or tab (U+000A); write it percent-encoded"),
        ("http://a/\x1b", "a control character (U+001B); write it percent-encoded"),
        ("http://a/" + "x" * 5_000, "longer than 4096 characters"),
    ],
)
def test_a_malformed_url_is_one_line_that_repeats_nothing(url: str, message: str) -> None:
    with pytest.raises(Malformed) as error:
        split_url(url)

    assert str(error.value) == message
    assert query_parameters(url) == {} or "," in url


def test_several_hosts_are_those_of_libpq() -> None:
    assert split_url("postgresql://a:1,b:2/db?x=1", several_hosts=True).path == "/db"
    assert query_parameters("postgresql://a:1,b:2/db?x=1&x=2") == {"x": "2"}
