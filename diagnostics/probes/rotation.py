"""Which version of the rotated secret does the database take?"""

from diagnostics.clients.postgres.credentials import Credential, of_application
from diagnostics.clients.postgres.session import LoginFailed, PasswordRejected, login, was_rejected
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.secrets.aws_secrets_manager import STAGES, Versions, value_of, versions
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import EndpointKind

QUESTION = "Which version of the rotated secret does the database take?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect",)
READS = ("login",)
FINDINGS = ("rotation.unfinished", "rotation.label_moved")
SAFETY: Safety = "active"
BUDGET = 25.0
ALONE = False
SENDS = (
    "Up to three logins as the application with AWSCURRENT, AWSPENDING and AWSPREVIOUS, until one is taken."
)

PROVES = {"AWSPENDING": "rotation.unfinished", "AWSPREVIOUS": "rotation.label_moved"}


def run(context: Context, /) -> None:
    """Try the versions that were not rejected yet, and stop at the first that the database takes."""
    ref = _rotated(context)
    with context.step("versions"):
        found = versions(ref, "rotation.secret", folder=context.target.folder)
    own = of_application(context)
    for stage in _to_try(found):
        if _takes(context, ref, stage, own):
            if stage in PROVES:
                context.finding(PROVES[stage])
            return
    context.evidence("versions taken", "none", ok=False, note="the password was changed outside the rotation")
    if not context.earlier["login"].codes:
        context.unknown(
            "the database takes no version of the secret; somebody changed the password outside it"
        )


def _rotated(context: Context) -> SecretRef:
    """Find the rotated secret, where trying its versions can tell anything. Raises Skip where it cannot."""
    rotation = context.target.settings.rotation
    if rotation is None or not rotation.secret.aws:
        raise Skip(f"target {context.target.name} names no AWS secret under [rotation]")
    if context.fact_of("login", PasswordRejected) is None:
        raise Skip("login was not rejected for its password")
    return rotation.secret


def _to_try(found: Versions) -> list[str]:
    """One label per version, AWSCURRENT first: a finished rotation may leave AWSPENDING beside it."""
    by_version: dict[str, str] = {}
    for stage in STAGES:
        if stage in found.labels:
            by_version.setdefault(found.labels[stage], stage)
    return list(by_version.values())


def _takes(context: Context, ref: SecretRef, stage: str, own: Credential) -> bool:
    value = value_of(ref, "rotation.secret", folder=context.target.folder, stage=stage)
    context.redactor.learn(value.password, "password")
    credential = own.with_password(value.password, stage)
    if was_rejected(credential, context.rejected):
        context.evidence(stage, "rejected", ok=False, note="tried before, not again")
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
