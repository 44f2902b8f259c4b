"""A login of the application that runs beside other work, so that a pooler has a client to serve."""

import threading
import time
from dataclasses import dataclass

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.clients.postgres.session import READ_ONLY, LoginFailed, NoStatementAnswered, Session, login
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell


@dataclass(frozen=True, slots=True)
class LoginResult:
    """Result of a login and its first statement."""

    seconds: float
    session: Session | None = None
    problem: str = ""
    """Reason for which there is no session; empty if there is one."""
    error: ServerError | None = None
    """Error of the server or of the pooler behind the problem, if there was one."""
    unanswered: bool = False
    """True if the login was accepted, or not completed, and no statement was answered."""


class ApplicationLogin:
    """A login in a thread of its own, begun at once."""

    def __init__(self, credential: Credential, probe: str, seconds: float, rejected: set[bytes]) -> None:
        self._arguments = (credential, probe, Deadline(seconds), rejected)
        self._results: list[LoginResult] = []
        self._thread = threading.Thread(target=self._run, name="application login", daemon=True)
        self._thread.start()

    def result(self, seconds: float) -> LoginResult:
        """Return the result; after these seconds without one, the login counts as unanswered."""
        self._thread.join(seconds)
        late = LoginResult(seconds, problem="the login did not end in time", unanswered=True)
        return self._results[0] if self._results else late

    def _run(self) -> None:
        credential, probe, deadline, rejected = self._arguments
        began = time.monotonic()
        session: Session | None = None
        problem, error, unanswered = "", None, False
        try:
            session = login(credential, probe=probe, deadline=deadline, rejected=rejected, guards=READ_ONLY)
        except LoginFailed as failed:
            problem, error = f"the login ended with {failed.error.shown}", failed.error
        except NoStatementAnswered as failed:
            problem, error, unanswered = str(failed), failed.error, True
        except CannotTell as failed:
            problem = str(failed)
        self._results.append(LoginResult(time.monotonic() - began, session, problem, error, unanswered))
