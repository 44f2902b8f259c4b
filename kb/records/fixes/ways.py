"""Choice among the ways of a step by the platform of the part that it acts on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from kb.records.models import PARTS, FixStep, Part, StepKind, TeamCommand, Way, WayPlatform
from kb.text.commands import COMMANDS, PLACEHOLDER

ON_THIS_MACHINE: Final[tuple[WayPlatform, ...]] = ("systemd", "docker")
"""Platforms that may serve an address of this machine, which does not tell them apart."""
ELSEWHERE: Final = "elsewhere"
"""Label of the code beside the ways of a step."""


class CommandWays(NamedTuple):
    """Part of the target that a team's command acts on, and the ways to do without that command."""

    part: Part
    ways: Mapping[WayPlatform, str]


COMMAND_WAYS: Final[Mapping[TeamCommand, CommandWays]] = {
    "start_database": CommandWays(
        "database",
        {
            "systemd": "sudo systemctl start postgresql",
            "docker": "docker start <database_container>",
            "kubernetes": "kubectl -n <namespace> scale statefulset/<database_workload> --replicas=1",
            "rds": "aws rds start-db-instance --db-instance-identifier <rds_instance>",
            "cloudsql": "gcloud sql instances patch <cloudsql_instance> --activation-policy=ALWAYS",
            "foreign": "The PostgreSQL server at <host>, port <port>, does not accept connections. "
            "Please start it, and tell us why it stopped.\n<evidence>",
        },
    ),
    "restart_database": CommandWays(
        "database",
        {
            "systemd": "sudo systemctl restart postgresql",
            "docker": "docker restart <database_container>",
            "kubernetes": "kubectl -n <namespace> rollout restart statefulset/<database_workload>",
            "rds": "aws rds reboot-db-instance --db-instance-identifier <rds_instance>",
            "cloudsql": "gcloud sql instances restart <cloudsql_instance>",
            "foreign": "Please restart the PostgreSQL server at <host>, port <port>.\n<evidence>",
        },
    ),
    "restart_application": CommandWays(
        "application",
        {
            "systemd": "sudo systemctl restart <application_service>",
            "docker": "docker restart <application_service>",
            "kubernetes": "kubectl -n <namespace> rollout restart deployment/<application_service>",
            "foreign": "Please restart the application, so that it reads its settings and secrets again.\n"
            "<evidence>",
        },
    ),
    "renew_certificate": CommandWays(
        "api",
        {
            "systemd": "sudo certbot renew && sudo systemctl reload nginx",
            "kubernetes": "cmctl renew -n <namespace> <certificate_name>",
            "foreign": "The certificate of <api_host>, port <api_port>, has to be renewed and loaded.\n"
            "<evidence>",
        },
    ),
}
"""Code of each command of `[target.NAME.commands]` on the platforms, for a target that does not set it.

Sources: manual pages of systemctl, docker, kubectl, the AWS CLI (rds), gcloud (sql instances), certbot and
cmctl of cert-manager.
"""


def platform_key(part: str) -> str:
    """Return the name under which the values of placeholders have the platform of a part."""
    return f"platform.{part}"


def chosen(step: FixStep, values: Mapping[str, str]) -> FixStep:
    """Return a step with the code for its platform, or with all ways where the platform is not known.

    The team's own command takes precedence. A step without a way for its platform says that none is known.
    """
    step = _expanded(step)
    if own := values.get(step.command or ""):
        return replace(step, kind="shell", code=own, ways={}, undo_code="")
    platform = values.get(platform_key(step.part), "") if step.part else ""
    if not step.ways or platform in {"", "unknown"}:
        return step
    if way := next((way for name, way in step.ways.items() if name == platform), None):
        return replace(_with_way(step, platform, way), platform=platform)
    if step.code:
        return replace(step, ways={}, platform=platform)
    local = {name: way for name, way in step.ways.items() if name in ON_THIS_MACHINE}
    if platform == "this machine" and local:
        return replace(step, ways=local)
    return _none_known(step, platform)


def alternatives(step: FixStep) -> tuple[tuple[str, FixStep], ...]:
    """Return the ways of a step whose platform is not known, each as a step of its own, by its label."""
    ways = [(str(name), _with_way(step, name, way)) for name, way in step.ways.items()]
    if step.code and step.ways:
        ways.append((ELSEWHERE, replace(step, ways={})))
    return tuple(ways)


def _expanded(step: FixStep) -> FixStep:
    """Return a step that is nothing but a team's command with the ways to do without that command."""
    match = PLACEHOLDER.fullmatch(step.code.strip())
    if match and match[1] in COMMANDS:
        for name, command in COMMAND_WAYS.items():
            if name == match[1]:
                ways = {platform: Way(code=code) for platform, code in command.ways.items()}
                return replace(step, part=step.part or command.part, command=name, code="", ways=ways)
    return step


def _with_way(step: FixStep, platform: str, way: Way) -> FixStep:
    default: StepKind = "message" if platform == "foreign" else step.kind
    kind: StepKind = way.kind or default
    changes = step.changes and kind != "message"
    undo = (way.undo or step.undo) if changes else ""
    why = step.why_manual if kind == "manual" else ""
    return replace(
        step, kind=kind, code=way.code, ways={}, changes=changes, undo=undo, undo_code="", why_manual=why
    )


def _none_known(step: FixStep, platform: str) -> FixStep:
    text = f"None known on {platform}."
    why = "no way on this platform is known"
    return replace(
        step, kind="manual", code=text, ways={}, changes=False, undo="", why_manual=why, platform=platform
    )


def platform_values(platforms: Mapping[Part, str]) -> dict[str, str]:
    """Return the platforms of the parts as values, under the names that `chosen` reads."""
    return {platform_key(part): platforms[part] for part in PARTS if part in platforms}
