"""Places where a step of a fix can run, and the reason where it has none and is copied.

A place is taken from the target's settings alone. Where two ways are possible, none is taken.
"""

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from diagnostics.errors import CannotTell
from diagnostics.fixes.contexts import aws_variables, explicit_context
from diagnostics.targets.platform import platform_of
from diagnostics.targets.settings import Operator, Platform
from diagnostics.targets.target import Target, endpoint
from kb.records.fixes.ways import COMMAND_WAYS, ON_THIS_MACHINE
from kb.records.models import PARTS, FixStep, Part
from kb.records.placeholders import placeholders_in
from kb.text.commands import COMMANDS, PLACEHOLDER

ADMINISTRATOR: Final = "ADMIN_DATABASE_URL"
"""Variable with the URL of the operator's role, which programs of records read."""
POOLER: Final = "pooler_admin"
"""Placeholder of the URL of the pooler's console."""
NO_OPERATOR: Final = "no role may run it: set [target.{}.operator], or run it in psql"


@dataclass(frozen=True, slots=True)
class Place:
    """Place where a step runs, and the account that it runs as."""

    where: str
    account: str
    operator: Operator | None = None
    """Role of the database; None for a process of this machine."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that name the account of a cloud."""
    pooler: bool = False
    """True if it runs commands on the console of the pooler."""
    context: str = ""
    """Context of Kubernetes that is written into the command; empty without one."""


def place_of(step: FixStep, filled: FixStep, values: Mapping[str, str], target: Target) -> Place:
    """Return the place of a step of a record, and of the same step with its placeholders filled.

    `values` are those of the placeholders. Raises CannotTell with the reason why the step has to be copied.
    """
    if filled.kind in {"manual", "message"}:
        raise CannotTell(filled.why_manual or "it is a message to the owner of the server")
    if target.blocked:
        raise CannotTell(target.blocked)
    if filled.ways:
        ways = " or ".join(filled.ways)
        raise CannotTell(f"not known which way applies: --set platform.{_part_of(step)}=... with {ways}")
    require_values(filled)
    if filled.kind == "sql":
        return _database(target)
    if command := own_command(step, values):
        return _machine(target, note=f", by [target.{target.name}.commands] {command}")
    if filled.platform:
        return _platform(filled, _part_of(step), target)
    return _program(step, filled, values, target)


def own_command(step: FixStep, values: Mapping[str, str]) -> str:
    """Return the name of the team's command that a step consists of, if the target sets it."""
    match = PLACEHOLDER.fullmatch(step.code.strip())
    name = step.command or (match[1] if match and match[1] in COMMANDS else "")
    return name if values.get(name) else ""


def require_values(filled: FixStep) -> None:
    """Raise CannotTell if the code has example values, or a placeholder without one; a pid is asked for."""
    missing = [name for name in placeholders_in(filled.code) if name != "pid"]
    missing += [text.partition(", ")[2] for text in filled.examples]
    if missing:
        raise CannotTell(f"the target does not name {'; '.join(missing)}")


def _part_of(step: FixStep) -> Part | None:
    match = PLACEHOLDER.fullmatch(step.code.strip())
    commands: dict[str, Part] = {name: ways.part for name, ways in COMMAND_WAYS.items()}
    named = commands.get(match[1]) if match else None
    return next((part for part in PARTS if part == (step.part or named)), None)


def _database(target: Target) -> Place:
    operator = target.settings.operator
    if operator is None or not operator.database:
        raise CannotTell(NO_OPERATOR.format(target.name))
    point = endpoint(operator.database)
    role = urlsplit(operator.database).username or "the role of the operator"
    return Place(f"in SQL at {point.name}", f"role {role}", operator)


def _machine(target: Target, variables: Mapping[str, str] | None = None, note: str = "") -> Place:
    folder = target.folder.resolve()
    where = f"on this machine, {socket.gethostname()}, in {folder}{note}"
    return Place(where, f"user {_user()}", variables=variables or {})


def _platform(filled: FixStep, part: Part | None, target: Target) -> Place:
    """Return the place of a command of a platform: this machine, or an account that the target names."""
    platform = filled.platform
    if platform in ON_THIS_MACHINE:
        if part and platform_of(_without_platform(target), part) == "this machine":
            return _machine(target, note=f", by {platform}")
        raise CannotTell(f"the {part or 'server'} is not known to be on this machine")
    context = explicit_context(platform, target)
    place = _machine(target, context.variables, note=f", in {context.name}")
    return Place(place.where, place.account, variables=place.variables, context=context.context)


def _without_platform(target: Target) -> Target:
    """Return the target without its platforms, so that they are told by the hosts alone."""
    return replace(target, settings=replace(target.settings, platform=Platform()))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the database of users
        return str(os.getuid())


def _program(step: FixStep, filled: FixStep, values: Mapping[str, str], target: Target) -> Place:
    """Return the place of a step that names files, processes and addresses of the target."""
    if ADMINISTRATOR in filled.code:
        place, machine = _database(target), _machine(target)
        return replace(place, where=f"{machine.where}, and {place.where}")
    if "boto3" in filled.code:
        variables = aws_variables(target)
        account = variables.get("AWS_PROFILE") or variables.get("AWS_ENDPOINT_URL", "")
        return _machine(target, variables, note=f", in the AWS account of {account}")
    if url := values.get(POOLER, "") if POOLER in placeholders_in(step.code) else "":
        point = endpoint(url)
        role = urlsplit(url).username or "the role of the URL"
        place = _machine(target, note=f", at the console {point.name}")
        return replace(place, account=f"{place.account} and role {role} of the pooler", pooler=True)
    return _machine(target)
