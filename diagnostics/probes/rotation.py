"""Logins with the versions of a rotated secret, to find the one that the database accepts."""

from diagnostics.clients.postgres.credentials import Credential, of_application
from diagnostics.clients.postgres.session import LoginFailed, PasswordRejected, login, was_rejected
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.secrets.aws_secrets_manager import STAGES, Versions, value_of, versions
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import EndpointKind, Target

QUESTION = "Which version of the rotated secret does the database accept?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect",)
READS = ("login",)
FINDINGS = ("rotation.unfinished", "rotation.label_moved")
SAFETY: Safety = "active"
BUDGET = 25.0
ALONE = False
SENDS = (
    "Up to three logins as the application with AWSCURRENT, AWSPENDING and AWSPREVIOUS, until one succeeds."
)

PROVES = {"AWSPENDING": "rotation.unfinished", "AWSPREVIOUS": "rotation.label_moved"}


def inapplicable(target: Target) -> str:
    """Return the reason why there is nothing to try: the target names no rotated secret."""
    rotation = target.settings.rotation
    return (
        ""
        if rotation and rotation.secret.aws
        else f"target {target.name} names no AWS secret under [rotation]"
    )


def run(context: Context, /) -> None:
    """Try the versions that were not rejected yet, and stop at the first that the database accepts."""
    secret = _rotated_secret(context)
    with context.step("versions"):
        secret_versions = versions(secret, "rotation.secret", folder=context.target.folder)
    own = of_application(context)
    for stage in _stages(secret_versions):
        if _accepts(context, secret, stage, own):
            if stage in PROVES:
                context.finding(PROVES[stage])
            return
    context.evidence("versions taken", "none", ok=False, note="the password was changed outside the rotation")
    context.unknown(
        "the database accepts no version of the secret; the password was changed outside the rotation"
    )


def _rotated_secret(context: Context) -> SecretRef:
    """Return the rotated secret. Raises Skip without one, or if `login` did not see its password rejected."""
    rotation = context.target.settings.rotation
    if rotation is None or not rotation.secret.aws:
        raise Skip(inapplicable(context.target))
    if context.fact_of("login", PasswordRejected) is None:
        raise Skip("the password of the login was not rejected")
    return rotation.secret


def _stages(secret_versions: Versions) -> list[str]:
    """Return one label per version, AWSCURRENT first; a finished rotation may leave AWSPENDING on it too."""
    by_version: dict[str, str] = {}
    for stage in STAGES:
        if stage in secret_versions.labels:
            by_version.setdefault(secret_versions.labels[stage], stage)
    return list(by_version.values())


def _accepts(context: Context, secret: SecretRef, stage: str, own: Credential) -> bool:
    """Log in with one version, unless it was rejected before, and return True if it is accepted."""
    value = value_of(secret, "rotation.secret", folder=context.target.folder, stage=stage)
    context.redactor.learn(value.password, "password")
    credential = own.with_password(value.password, stage)
    if was_rejected(credential, context.rejected):
        context.evidence(stage, "rejected", ok=False, note="rejected before, so it is not tried again")
        return False
    try:
        with context.step(f"login with {stage}"):
            login(credential, probe="rotation", deadline=context.deadline, rejected=context.rejected).close()
    except LoginFailed as failed:
        if not was_rejected(credential, context.rejected):
            raise CannotTell(f"the login with {stage} ended with {failed.error.shown}") from None
        context.evidence(stage, "rejected", ok=False, note=failed.error.shown)
        return False
    context.evidence(stage, "accepted", ok=True)
    return True
