"""Actions of Triage that are disabled in a state of the session, with the reasons. A pure function."""

from tui.shared.base_screen import NO_TARGET
from tui.triage.session import TriageSession


def disabled_actions(
    session: TriageSession, entry: str, *, candidates_focused: bool, running: bool
) -> dict[str, str]:
    """Return the reasons by action; `entry` is the highlighted candidate, empty if there is none."""
    reasons: dict[str, str] = {}
    if session.final_report() is None and not session.draft_text:
        reasons["app.export"] = "nothing has been run for this yet"
    if session.state.target is None:
        reasons |= dict.fromkeys(("run_one", "run_all", "mark", "verify"), NO_TARGET)
    elif not session.tasks:
        no_endpoint = "the target has no endpoint for these probes"
        reasons |= dict.fromkeys(("run_one", "run_all", "mark"), no_endpoint)
    if not entry:
        reasons |= dict.fromkeys(
            ("verify", "fix", "apply_fix", "open"), "there is no candidate: p pastes an error"
        )
        if candidates_focused:
            reasons.setdefault("run_one", "there is no candidate: R runs all; tab moves to the probes")
    elif entry not in session.fixes:
        reasons["fix"] = "no cause is confirmed yet: R runs the probes; enter shows all fixes"
        reasons["apply_fix"] = "no cause is confirmed yet: R runs the probes"
    elif running:
        reasons["apply_fix"] = "a run goes on: x cancels it"
    if not running:
        reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
    if not session.text.text:
        reasons["app.edit_text"] = "there is no text yet: p pastes one"
    return reasons
