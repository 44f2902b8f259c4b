"""Hosts of a text that are not the target's."""

import pytest

from diagnostics.targets.target import Target, endpoint
from tui.triage.hosts import hosts_of_text, other_hosts

TARGET = Target("prod", (endpoint("postgresql://app@db1.internal:5432/app"),))


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ('connection to server at "db2.internal" (10.0.0.5), port 5432 failed', ["db2.internal"]),
        ('could not translate host name "pg-main" to address', ["pg-main"]),
        ("POST https://u:p@api.example.com/v1 -> 502", ["api.example.com"]),
        ("host=db2.internal port=5432", ["db2.internal"]),
        ('connection to server at "localhost" (127.0.0.1), port 5432 failed', []),
        ("(Background on this error at: https://sqlalche.me/e/20/3o7r)", []),
        ("deadlock detected", []),
    ],
)
def test_a_text_names_hosts(text: str, hosts: list[str]) -> None:
    assert hosts_of_text(text) == hosts


def test_other_hosts_than_those_of_the_target_are_said() -> None:
    text = 'connection to server at "db2.internal", port 5432 failed'

    assert other_hosts(text, TARGET) == "The text names db2.internal; the target is db1.internal."
    assert other_hosts(text.replace("db2", "db1"), TARGET) == ""
    assert other_hosts(text.replace("db2.internal", "db1.internal.example.com"), TARGET) == ""
    assert other_hosts(text, None) == ""
