"""Does the configuration of webhooks have all that telling genuine deliveries from forged ones needs?"""

from collections.abc import Iterator

from diagnostics.clients.config.file import config_file, in_source
from diagnostics.clients.config.problems import ConfigProblem, is_placeholder, report_problems
from diagnostics.clients.config.tree import EnvRef, Node, Section, Unknown, literal
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind
from kb.text.suggestions import did_you_mean

QUESTION = (
    "Does the configuration of webhooks have all that telling genuine deliveries from forged ones needs?"
)
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("webhook file", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "verification.off",
    "verification.no_secret",
    "verification.placeholder",
    "verification.header",
    "verification.no_tolerance",
    "verification.tolerance_long",
    "verification.no_events",
    "verification.unknown_event",
    "verification.secret_in_source",
)
SAFETY: Safety = "local"
BUDGET = 5.0
ALONE = False
SENDS = "Nothing; it reads the file and never runs it."

HEADER = "clearpay-signature"
EVENTS = (
    "payment.approved",
    "payment.declined",
    "payment.voided",
    "refund.processed",
    "refund.failed",
    "dispute.opened",
    "dispute.closed",
)
"""Types of events that ClearPay sends; the reference page of webhooks has the same list."""
EXPECTED = frozenset({"refund.failed", "dispute.opened"})
"""Types whose loss costs money; not to process them is reported and is no fault."""
SECRET = "webhook_secret"  # noqa: S105  the key's name


def run(context: Context, /) -> None:
    """Read the file and apply the rules."""
    file = config_file(context, "webhook")
    webhook = context.target.settings.webhook
    header = webhook.header if webhook else HEADER
    report_problems(
        context, file, complaints(file.section, header, context.thresholds, kept=in_source(file.path))
    )
    left_out = EXPECTED - _events(file.section).keys()
    if left_out:
        note = "refunds that fail and disputes that open go unnoticed"
        context.evidence("events not processed", ", ".join(sorted(left_out)), note=note)


def complaints(section: Section, header: str, limits: Thresholds, *, kept: bool) -> Iterator[ConfigProblem]:
    """Every breach, in the order in which a receiver needs the settings; `kept` in version control."""
    yield from _switched_off(section)
    yield from _secret(section, kept=kept)
    yield from _header(section, header)
    yield from _tolerance(section, limits)
    yield from _event_types(section)


def _switched_off(section: Section) -> Iterator[ConfigProblem]:
    node = section.table.get("verify_signatures")
    if node is None or isinstance(node.value, EnvRef | Unknown) or node.value is True:
        return
    if str(node.value).lower() not in {"true", "1", "yes", "on"}:
        yield _complaint("off", "verify_signatures", node.line, "is off: forged deliveries are taken", "true")


def _secret(section: Section, *, kept: bool) -> Iterator[ConfigProblem]:
    node, write = (
        section.table.get(SECRET),
        "a reference to the secret store, os.environ['CLEARPAY_WEBHOOK_SECRET']",
    )
    if node is None or node.value is None or node.value == "":
        what = "is empty" if node else "is not there"
        yield _complaint("no_secret", SECRET, node.line if node else section.line, what, write)
    elif is_placeholder(literal(node)):
        yield _complaint("placeholder", SECRET, node.line, "is the placeholder of an example", write)
    elif literal(node) and kept:
        what = "a secret stands in a file of the source"
        yield _complaint("secret_in_source", SECRET, node.line, what, write, warn=True)


def _header(section: Section, header: str) -> Iterator[ConfigProblem]:
    node = section.table.get("signature_header")
    if node is None:
        yield _complaint("header", "signature_header", section.line, "is not there", header)
    elif isinstance(node.value, str) and node.value.lower() != header.lower():
        what = f"is {node.value}"
        if "_" in node.value:
            what += "; proxies and WSGI servers drop headers with underscores"
        yield _complaint("header", "signature_header", node.line, what, header)


def _tolerance(section: Section, limits: Thresholds) -> Iterator[ConfigProblem]:
    key, most = "tolerance_seconds", limits.tolerance_most_s
    node = section.table.get(key)
    if node and isinstance(node.value, EnvRef | Unknown):
        return
    number = node.value if node and isinstance(node.value, int | float) else None
    if node is None or number is None or not number > 0:
        what = f"is {node.value}" if node and number is not None else "is not there, or no number"
        line = node.line if node else section.line
        yield _complaint("no_tolerance", key, line, what, "300")
    elif number > most:
        what = f"is {number:g} s, more than {most:g}: whoever recorded a delivery can send it again"
        yield _complaint("tolerance_long", key, node.line, what, "300, in seconds")


def _events(section: Section) -> dict[str, Node]:
    node = section.table.get("events_to_process")
    listed = node.value if node and isinstance(node.value, list) else []
    return {one.value: one for one in listed if isinstance(one.value, str)}


def _event_types(section: Section) -> Iterator[ConfigProblem]:
    key, events = "events_to_process", _events(section)
    node = section.table.get(key)
    if not events and not (node and isinstance(node.value, EnvRef | Unknown)):
        line = node.line if node else section.line
        yield _complaint(
            "no_events", key, line, "names no event, so nothing is processed", ", ".join(EVENTS[:4])
        )
    for name, one in events.items():
        if name not in EVENTS and not name.endswith("*"):
            what = f"has {name}, which is never sent; {did_you_mean(name, EVENTS)}".rstrip("; ")
            yield _complaint("unknown_event", key, one.line, what, f"some of {', '.join(EVENTS)}")


def _complaint(code: str, key: str, line: int, what: str, write: str, *, warn: bool = False) -> ConfigProblem:
    return ConfigProblem(code=f"verification.{code}", key=key, line=line, what=what, write=write, warn=warn)
