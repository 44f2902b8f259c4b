"""What could yet end a connection that is made now: the last days, a newer Python, another environment."""

from diagnostics.clients.tls_evidence import period
from diagnostics.clients.tls_look import Look
from diagnostics.clients.tls_place import STRICT
from diagnostics.clients.tls_strict import strict_flaw
from diagnostics.clients.x509 import Certificate


def show_what_verifying_would_say(look: Look, path: tuple[Certificate, ...]) -> None:
    """What a database whose certificate is not verified would be refused for if it were."""
    outdated = next((one for one in path if not one.valid(look.now)), None)
    if outdated is not None:
        note = "libpq takes it as long as sslmode verifies none"
        look.context.evidence(
            "out of its time", str(outdated.subject), note=f"valid {period(outdated)}; {note}"
        )


def look_strictly(look: Look, path: list[Certificate]) -> None:
    """Whether Python 3.13 would refuse what this one takes; libpq has no such rules."""
    one, flaw = strict_flaw(path)
    if STRICT or look.place.database is not None or one is None:
        return
    again = look.takes(look.place.trust, "handshake with strict rules", strict=True)
    if again is not None and again.code:
        note = f"{again.message} (verify code {again.code}); {one.subject}: {flaw}"
        look.context.evidence("from Python 3.13 on", "refused", ok=False, note=note)
        look.context.finding("tls.strict", "warn")


def look_at_environment(look: Look) -> None:
    """Whether a variable would put another bundle in the place of the application's own."""
    winning = look.place.environment.winning()
    own = look.place.trust
    if winning is None or own is None or not look.place.own_bundle or winning.path == own.path:
        return
    again = look.takes(winning, "handshake with the environment's bundle", strict=STRICT)
    wrong = again is None or bool(again.code)
    said = f"verify code {again.code}, {again.message}" if again is not None and again.code else ""
    declared = look.place.environment.declared
    whose = "" if declared else "in the doctor's environment; the application's may differ, see tls.env_file"
    note = "; ".join(filter(None, (f"wins over {own.path}", said, whose)))
    look.context.evidence(
        winning.source.removeprefix("environment variable "), winning.path, ok=not wrong, note=note
    )
    if wrong:
        look.context.finding("tls.bundle_overridden", "fail" if declared else "warn")
