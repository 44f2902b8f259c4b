"""Login with the application's credential, and the reason of a rejection."""

from dataclasses import dataclass

from diagnostics.clients.postgres.credentials import Credential, of_application
from diagnostics.clients.postgres.direct_address import direct_problem
from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.route import WRITABLE, NoSuitableSession
from diagnostics.clients.postgres.row_shape import BOOL, TEXT, read_row, read_rows
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.clients.postgres.session import (
    READ_ONLY,
    LoginFailed,
    NoStatementAnswered,
    PasswordRejected,
    ServerState,
    Session,
    login_to_accepted,
    monitor_session,
)
from diagnostics.clients.postgres.views.role_timeouts import share_timeouts
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.fingerprint import fingerprint
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the server accept the application's credential, and if not, why?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect",)
READS: tuple[str, ...] = ()
FINDINGS = (
    "login.not_permitted",
    "login.no_connect_privilege",
    "login.slots_reserved",
    "login.role_limit",
    "login.database_limit",
    "login.unknown_database",
    "login.no_password",
    "login.role_expired",
    "login.unknown_role",
    "login.stale_credential",
    "login.password_rejected",
    "login.pooler_password",
    "login.pooler_no_database",
    "login.pooler_parameter",
    "login.pooler_disabled",
    "login.pooler_server_failing",
    "login.server_behind_pooler",
    "login.standby",
    "login.read_only",
    "login.not_current",
)
SAFETY: Safety = "remote"
BUDGET = 20.0
ALONE = False
SENDS = (
    "One login as the application and a few SELECTs, at each host until target_session_attrs accepts one; "
    "after a rejection, one login as the monitor role; reads of the rotated secret."
)

ROLE_STATE = "SELECT rolvaliduntil < now(), rolvaliduntil::text FROM pg_roles WHERE rolname = %s"
RIGHTS = """
SELECT rolsuper, pg_has_role(oid, 'pg_monitor', 'USAGE') FROM pg_roles WHERE rolname = current_user
"""
REASONS = {"28P01": "rejected", "42501": "no_connect_privilege", "3D000": "unknown_database"}
LIMITS = {
    "InitializeSessionUserId": "role_limit",
    "CheckMyDatabase": "database_limit",
    "InitPostgres": "slots_reserved",
}
"""Limit by the routine that raises 53300: the text is translated, the routine's name is not."""
LIMIT_TEXTS = {"for role": "role_limit", "for database": "database_limit"}


UNDECIDED = (
    "the password is AWSCURRENT and was rejected while a rotation is unfinished: the database may have the "
    "pending one; the probe `rotation` tries it"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of the application's credential with the rotated secret."""

    same: bool | None = None
    """None if the target has no rotation."""
    unfinished: bool = False
    """True if Secrets Manager has an unfinished rotation."""


def run(context: Context, /) -> None:
    """Log in once, and look for the reason if that fails."""
    credential = of_application(context)
    context.evidence("role", credential.settings.user)
    context.evidence("password from", credential.source)
    try:
        with context.step("login"):
            session = login_to_accepted(
                credential,
                probe="login",
                deadline=context.deadline,
                rejected=context.rejected,
                guards=READ_ONLY,
            )
    except LoginFailed as failed:
        _refused(context, credential, failed)
        return
    except NoStatementAnswered as failed:
        _unanswered(context, failed)
        return
    except NoSuitableSession as failed:
        _unsuitable(context, failed)
        return
    context.evidence("login", "accepted", ok=True)
    _show_server(context, session, str(credential.settings["target_session_attrs"] or ""))
    try:
        _show_rights(context, session)
        share_timeouts(context, session)
    finally:
        session.close()
    _compare_accepted(context, credential)


def _refused(context: Context, credential: Credential, failed: LoginFailed) -> None:
    error = failed.error
    note = f"raised by {error.routine}" if error.routine else ""
    context.evidence("login", error.shown, ok=False, note=note)
    reason = _reason(failed)
    if reason == "rejected":
        reason = _rejection_reason(context, credential, failed)
    if f"login.{reason}" not in FINDINGS:
        raise CannotTell(f"the login ended with {error.shown}, which no entry describes yet")
    context.finding(f"login.{reason}")


def _unanswered(context: Context, failed: NoStatementAnswered) -> None:
    """Name the reason for which the first statement was not answered. Raises CannotTell if it stays open."""
    context.evidence("first statement", str(failed), ok=False)
    if failed.error and pooler_reason(failed.error) == "server_failing":
        context.finding("login.pooler_server_failing")
    elif failed.error and pooler_reason(failed.error) == "disabled":
        context.finding("login.pooler_disabled")
    elif problem := direct_problem(context):
        context.evidence("server, asked directly", problem, ok=False, note="the address of `monitor`")
        context.finding("login.server_behind_pooler")
    else:
        raise failed


def _show_server(context: Context, session: Session, attributes: str) -> None:
    """Show the server that answered, and report one that the application cannot write to."""
    if session.pooled:
        context.evidence(
            "pooler", "in front of the server", note="another process answers than accepts logins"
        )
    for state in session.passed_over:
        note = "target_session_attrs does not accept it; the next host was tried"
        context.evidence(f"session at {state.address}", state.text, note=note)
    if session.passed_over and session.route:
        context.share(session.route)
    context.evidence("in recovery", session.in_recovery)
    context.evidence("transactions are read-only", session.read_only)
    context.share(ServerState(session.pooled, session.in_recovery, session.read_only))
    if session.in_recovery or session.read_only:
        _judge_read_only(context, session, attributes)


def _judge_read_only(context: Context, session: Session, attributes: str) -> None:
    """Report a session that cannot write; without a statement of the target it is open if one is needed."""
    writes = context.target.settings.writes
    if writes:
        context.finding("login.standby" if session.in_recovery else "login.read_only")
    elif writes is None and not attributes:
        why = "the server is a standby" if session.in_recovery else "its transactions are read-only"
        context.unknown(
            f"the session cannot write: {why}; set target.{context.target.name}.writes to true if the "
            "application writes, or to false if it only reads"
        )


def _unsuitable(context: Context, failed: NoSuitableSession) -> None:
    """Report that no host has a session that the application accepts. Raises CannotTell without a finding."""
    for state in failed.states:
        context.evidence(f"session at {state.address}", state.text, expected=failed.wanted, ok=False)
    standby = any(state.in_recovery for state in failed.states)
    code = "login.standby" if standby else "login.read_only"
    if failed.wanted not in WRITABLE or code not in FINDINGS:
        raise failed
    context.finding(code)


def _reason(failed: LoginFailed) -> str:
    """Return the reason by SQLSTATE and routine, and by the text only if they do not distinguish it."""
    error = failed.error
    if failed.needs_password:
        return "no_password"
    if by_pooler := pooler_reason(error):
        return by_pooler if by_pooler == "rejected" else f"pooler_{by_pooler}"
    if error.sqlstate == "28000":
        return _authorisation(failed)
    if error.sqlstate == "53300":
        return _limit(error)
    return REASONS.get(error.sqlstate, "")


def _authorisation(failed: LoginFailed) -> str:
    """Return the reason of 28000, invalid authorization; empty if it is not known."""
    error = failed.error
    if error.routine == "auth_failed":  # LDAP, PAM and RADIUS reject passwords with 28000
        return "rejected" if failed.used_password else ""
    if "does not exist" in error.message:
        return "unknown_role"
    nologin = error.routine == "InitializeSessionUserId" or "not permitted to log in" in error.message
    return "not_permitted" if nologin else ""


def _limit(error: ServerError) -> str:
    """Return the limit on connections that raised 53300."""
    by_text = (limit for text, limit in LIMIT_TEXTS.items() if text in error.message)
    return LIMITS.get(error.routine) or next(by_text, "slots_reserved")


def _password_rejected(failed: LoginFailed) -> str:
    """Return the finding by who compared the password: a pooler has users and passwords of its own."""
    return "pooler_password" if pooler_reason(failed.error) else "password_rejected"


def _rejection_reason(context: Context, credential: Credential, failed: LoginFailed) -> str:
    """Return the reason of a rejection, which the server hides, from the role's state and the rotation."""
    reason = _role_state(context, credential) if context.target.settings.monitor else ""
    if reason:
        return reason
    context.evidence("password rejected", True)
    context.share(PasswordRejected(credential.settings.user))
    try:
        comparison = _compare(context, credential)
    except CannotTell as unread:
        # The rejection is certain; only its cause stays open.
        context.unknown(str(unread))
        return _password_rejected(failed)
    if comparison.same is False:
        return "stale_credential"
    if comparison.unfinished:
        raise CannotTell(UNDECIDED)
    return _password_rejected(failed)


def _role_state(context: Context, credential: Credential) -> str:
    """Return the reason that the role's entry in pg_roles gives; empty if there is none."""
    role = credential.settings.user
    try:
        with context.step("role"), monitor_session(context, "login") as session:
            rows = read_rows(session, ROLE_STATE, (BOOL.or_null, TEXT.or_null), (role,))
    except CannotTell as reason:
        context.evidence("role's state", "not read", note=str(reason))
        return ""
    if not rows:
        context.evidence("role's state", "no such role", ok=False)
        return "unknown_role"
    expired, until = rows[0]
    context.evidence("role's state", f"valid until {until}" if until else "no end", ok=not expired)
    return "role_expired" if expired else ""


def _compare_accepted(context: Context, credential: Credential) -> None:
    try:
        comparison = _compare(context, credential)
    except CannotTell as unread:
        context.unknown(str(unread))
        return
    if comparison.same is False:
        context.finding("login.not_current", "warn")


def _compare(context: Context, credential: Credential) -> Comparison:
    """Compare the application's credential with the rotated secret. Raises CannotTell if it is unreadable."""
    rotation = context.target.settings.rotation
    if rotation is None:
        return Comparison()
    with context.step("rotated secret"):
        current = context.secrets.read(rotation.secret, "rotation.secret")
    same = current == credential.password
    own, rotated = fingerprint(credential.password), fingerprint(current)
    note = "fingerprints are salted for this run and show only if two secrets are equal"
    context.evidence("application's credential", own, expected=rotated, ok=same, note=note)
    return Comparison(same, _show_versions(context, rotation.secret) if rotation.secret.aws else False)


def _show_versions(context: Context, secret: SecretRef) -> bool:
    """Show the rotation's metadata in Secrets Manager, and return True if a rotation is unfinished."""
    from diagnostics.targets.secrets.aws_secrets_manager import versions  # noqa: PLC0415  only for secrets kept there

    try:
        secret_versions = versions(secret, "rotation.secret", folder=context.target.folder)
    except CannotTell as reason:
        context.evidence("rotation", "not read", note=str(reason))
        return False
    context.evidence("rotation enabled", secret_versions.rotation_enabled)
    changed = secret_versions.rotated or secret_versions.changed
    context.evidence("rotated", changed.isoformat(timespec="seconds") if changed else "never")
    note = "a rotation began and did not end; --active tries which version the database accepts"
    if secret_versions.unfinished:
        context.evidence("AWSPENDING", "on another version than AWSCURRENT", ok=False, note=note)
    return secret_versions.unfinished


def _show_rights(context: Context, session: Session) -> None:
    try:
        superuser, monitor = read_row(session, RIGHTS, (BOOL, BOOL))
    except CannotTell as reason:
        context.evidence("role's rights", "not read", note=str(reason))
        return
    note = (
        "a payment service needs no superuser: a leaked password would give access to everything"
        if superuser
        else ""
    )
    context.evidence("superuser", superuser, expected=False, ok=not superuser, note=note)
    context.evidence("pg_monitor", monitor)
