"""Ways of a step: the platform chooses, the team's command takes precedence, nothing is assumed."""

import pytest

from kb.records.fixes.ways import alternatives, chosen
from kb.records.models import FixStep, Way
from kb.records.placeholders import fill

RESTART = FixStep(
    kind="shell",
    title="Restart it",
    part="database",
    command="restart_database",
    ways={
        "systemd": Way(code="sudo systemctl restart postgresql"),
        "docker": Way(code="docker restart <database_container>", undo="docker stop it"),
        "rds": Way(code="aws rds reboot-db-instance --db-instance-identifier <rds_instance>"),
        "foreign": Way(code="Please restart <host>."),
    },
    undo="nothing reverts it",
)


def test_the_platform_of_the_part_chooses() -> None:
    step = fill(RESTART, {"platform.database": "rds", "platform.api": "systemd", "rds_instance": "pay1"})

    assert step.code == "aws rds reboot-db-instance --db-instance-identifier pay1"
    assert (step.platform, step.ways, step.undo) == ("rds", {}, "nothing reverts it")


@pytest.mark.parametrize("values", [{}, {"platform.database": "unknown"}, {"platform.api": "docker"}])
def test_on_an_unknown_platform_every_way_is_shown_and_none_is_chosen(values: dict[str, str]) -> None:
    step = fill(RESTART, values)

    assert step.code == ""
    assert [(label, way.code, way.kind) for label, way in alternatives(step)] == [
        ("systemd", "sudo systemctl restart postgresql", "shell"),
        ("docker", "docker restart clearpay-db", "shell"),
        ("rds", "aws rds reboot-db-instance --db-instance-identifier clearpay-db", "shell"),
        ("foreign", "Please restart db.example.com.", "message"),
    ]
    assert [way.undo for _, way in alternatives(step)] == [
        "nothing reverts it",
        "docker stop it",
        "nothing reverts it",
        "",
    ]
    assert [way.changes for _, way in alternatives(step)] == [True, True, True, False]


def test_a_platform_without_a_way_gets_none_of_the_others() -> None:
    step = fill(RESTART, {"platform.database": "kubernetes"})

    assert (step.kind, step.code) == ("manual", "None known on kubernetes.")
    assert (step.changes, step.undo, step.ways) == (False, "", {})


def test_the_command_of_the_team_takes_precedence() -> None:
    values = {"platform.database": "rds", "restart_database": "make restart-db"}

    assert fill(RESTART, values).code == "make restart-db"
    assert fill(RESTART, {"restart_database": "make restart-db"}).ways == {}


def test_a_loopback_address_leaves_the_ways_of_this_machine_open() -> None:
    labels = [label for label, _ in alternatives(fill(RESTART, {"platform.database": "this machine"}))]

    assert labels == ["systemd", "docker"]


def test_code_beside_ways_is_for_every_other_platform() -> None:
    step = FixStep(
        kind="sql",
        title="Set it",
        part="database",
        code="ALTER SYSTEM SET x = 1",
        ways={"rds": Way(code="aws rds modify-db-parameter-group", kind="shell")},
        undo="reset it",
    )

    assert chosen(step, {"platform.database": "docker"}).code == "ALTER SYSTEM SET x = 1"
    assert chosen(step, {"platform.database": "rds"}).kind == "shell"
    assert [label for label, _ in alternatives(step)] == ["rds", "elsewhere"]


def test_a_bare_team_command_has_the_ways_of_the_command() -> None:
    bare = FixStep(kind="shell", title="Restart it", code="<restart_application>", undo="none")

    step = fill(bare, {"platform.application": "kubernetes", "namespace": "pay"})

    assert step.code == "kubectl -n pay rollout restart deployment/payments"
    assert [label for label, _ in alternatives(fill(bare, {}))] == [
        "systemd",
        "docker",
        "kubernetes",
        "foreign",
    ]
