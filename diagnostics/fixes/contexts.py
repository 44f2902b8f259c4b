"""Accounts of clouds and clusters: a command runs in one that the target names, never in a default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.errors import CannotTell
from diagnostics.targets.target import Target
from kb.parsers.plain_file import expanded
from kb.text.quoting import shell_quoted

_KUBERNETES = re.compile(r"(?<![\w./-])(kubectl|cmctl)(?=\s)")


@dataclass(frozen=True, slots=True)
class Context:
    """Account that a command runs in."""

    name: str
    context: str = ""
    """Context that is written into the command; empty if a variable names the account."""
    variables: Mapping[str, str] = field(default_factory=dict)


def explicit_context(platform: str, target: Target) -> Context:
    """Return the account of a platform that the target names. Raises CannotTell where it names none."""
    settings = target.settings.platform
    match platform:
        case "kubernetes" if name := settings.kubernetes_context:
            return Context(f"the Kubernetes context {name}", context=name)
        case "rds" if name := settings.aws_profile:
            return Context(f"the AWS profile {name}", variables={"AWS_PROFILE": name})
        case "cloudsql" if name := settings.gcloud_configuration:
            variables = {"CLOUDSDK_ACTIVE_CONFIG_NAME": name}
            return Context(f"the configuration {name} of gcloud", variables=variables)
    key = {"kubernetes": "kubernetes_context", "rds": "aws_profile", "cloudsql": "gcloud_configuration"}
    missing = f": set platform.{key[platform]}" if platform in key else ""
    raise CannotTell(f"the target names no account on {platform} to run it in{missing}")


def with_context(code: str, context: str) -> str:
    """Return a command whose kubectl and cmctl name their context."""
    option = f"--context {shell_quoted(context)}"
    return _KUBERNETES.sub(lambda match: f"{match[0]} {option}", code)


def aws_variables(target: Target) -> dict[str, str]:
    """Return the variables of the AWS account that the reference to the rotation's secret names.

    Raises CannotTell without one: a shell's own credentials may be those of another account.
    """
    ref = target.settings.rotation.secret if target.settings.rotation else None
    if ref is None or not (ref.profile or ref.credentials_file or ref.endpoint):
        raise CannotTell("the target names no AWS account: set profile in rotation.secret")
    file = str(target.folder / expanded(ref.credentials_file)) if ref.credentials_file else ""
    values = {
        "AWS_ENDPOINT_URL": ref.endpoint,
        "AWS_PROFILE": ref.profile or ("default" if file else ""),
        "AWS_DEFAULT_REGION": ref.region,
        "AWS_SHARED_CREDENTIALS_FILE": file,
    }
    return {name: value for name, value in values.items() if value}
