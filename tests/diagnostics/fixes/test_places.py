"""Places of steps: taken from the target alone, and a reason where there is none."""

from pathlib import Path

import pytest

from diagnostics.errors import CannotTell
from diagnostics.fixes.contexts import aws_variables, explicit_context
from diagnostics.fixes.places import Place, place_of
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.targets import target_file
from diagnostics.targets.target import Target
from kb.records.loader import load_entries
from kb.records.placeholders import fill

CAUSES = {cause.finding: cause for entry in load_entries().values() for cause in entry.causes}


def target(folder: Path, table: str) -> Target:
    """Return the target `a` of a file with this table."""
    path = folder / "clearpay-doctor.toml"
    path.write_text(f"[target.a]\n{table}\n", "utf-8")
    return target_file.target_named("a", target_file.load(str(path)))


def place(of: Target, finding: str, number: int) -> Place:
    """Return the place of a step of a cause. Raises CannotTell."""
    step, values = CAUSES[finding].fix[number], placeholder_values(of)
    return place_of(step, fill(step, {**values, "pid": "<pid>"}), values, of)


def reason(of: Target, finding: str, number: int) -> str:
    """Return the reason why a step has no place."""
    with pytest.raises(CannotTell) as caught:
        place(of, finding, number)
    return str(caught.value)


HERE = 'database = "postgresql://app@127.0.0.1:5432/shop"'
THERE = 'database = "postgresql://app@db.internal:5432/shop"'


def number_of(finding: str, title: str) -> int:
    """Return the position of the step whose title has these words."""
    return next(number for number, step in enumerate(CAUSES[finding].fix) if title in step.title)


START = number_of("connect.refused", "start PostgreSQL")
LIMIT = number_of("login.role_limit", "Lift")


def test_sql_has_a_place_only_with_an_operator(tmp_path: Path) -> None:
    operator = f'{HERE}\noperator.database = "postgresql://ops@127.0.0.1:5432/shop"'

    assert "[target.a.operator]" in reason(target(tmp_path, HERE), "login.role_limit", LIMIT)
    found = place(target(tmp_path, operator), "login.role_limit", LIMIT)
    assert (found.where, found.account) == ("in SQL at postgresql://ops@127.0.0.1:5432/shop", "role ops")


def test_a_service_is_started_here_only_if_it_is_here_and_its_platform_is_known(tmp_path: Path) -> None:
    systemd = 'platform.database = "systemd"'

    assert "--set platform.database=" in reason(target(tmp_path, HERE), "connect.refused", START)
    assert "by systemd" in place(target(tmp_path, f"{HERE}\n{systemd}"), "connect.refused", START).where
    assert "not known to be on this machine" in reason(
        target(tmp_path, f"{THERE}\n{systemd}"), "connect.refused", START
    )


def test_a_command_of_the_team_has_a_place_wherever_the_server_is(tmp_path: Path) -> None:
    own = target(tmp_path, f'{THERE}\n[target.a.commands]\nstart_database = "ssh db start"')

    assert "by [target.a.commands] start_database" in place(own, "connect.refused", START).where


@pytest.mark.parametrize(
    ("platform", "key", "name"),
    [
        ("kubernetes", "kubernetes_context", "prod-eu"),
        ("rds", "aws_profile", "shop-prod"),
        ("cloudsql", "gcloud_configuration", "shop"),
    ],
)
def test_a_cloud_needs_an_account_that_the_target_names(
    platform: str, key: str, name: str, tmp_path: Path
) -> None:
    table = f'{THERE}\nplatform.database = "{platform}"'
    named = target(tmp_path, f'{table}\nplatform.{key} = "{name}"')

    assert name in explicit_context(platform, named).name
    with pytest.raises(CannotTell, match=f"set platform.{key}"):
        explicit_context(platform, target(tmp_path, table))


def test_a_message_to_an_owner_has_no_place(tmp_path: Path) -> None:
    foreign = target(tmp_path, f'{THERE}\nplatform.database = "foreign"')

    assert reason(foreign, "connect.refused", START) == "it is a message to the owner of the server"


def test_a_value_that_the_target_does_not_name_is_never_made_up(tmp_path: Path) -> None:
    number = number_of("timeouts.unit", "Write")

    assert "timeouts and retries" in reason(target(tmp_path, HERE), "timeouts.unit", number)


def test_the_account_of_aws_is_the_one_of_the_secret(tmp_path: Path) -> None:
    secret = f'{HERE}\n[target.a.rotation]\nsecret = {{ aws = "shop/db", region = "eu-west-1"'

    named = aws_variables(target(tmp_path, f'{secret}, profile = "shop" }}'))
    assert named == {"AWS_PROFILE": "shop", "AWS_DEFAULT_REGION": "eu-west-1"}
    with pytest.raises(CannotTell, match="names no AWS account"):
        aws_variables(target(tmp_path, f"{secret} }}"))
