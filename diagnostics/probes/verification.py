"""Rules for the webhook file: signature header, secret, tolerance and event types."""

from collections.abc import Iterator

from diagnostics.clients.config.file import ConfigFile, config_tables
from diagnostics.clients.config.mapping.placeholders import is_generated, is_placeholder
from diagnostics.clients.config.problems import ConfigProblem, report_problems, report_unseen
from diagnostics.clients.config.tree import EnvRef, Node, Section, Unknown, literal
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind
from kb.text.suggestions import did_you_mean

QUESTION = "Does the webhook configuration have all settings that are needed to reject forged deliveries?"
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
BUDGET = 15.0
ALONE = False
SENDS = "Nothing; it parses the file and does not run it."

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
"""Event types that ClearPay sends; the reference page of webhooks has the same list."""
EXPECTED = frozenset({"refund.failed", "dispute.opened"})
"""Event types whose loss costs money; if they are not processed, the evidence says so without a finding."""
SEEN = ("verify_signatures", "signature_header", "tolerance_seconds", "events_to_process")
"""Settings whose values decide; the secret may be a reference."""
OWN_ONLY = ("signature_header", "tolerance_seconds", "events_to_process")
"""Settings that only receivers have which verify by themselves."""
SECRET = "webhook_secret"  # noqa: S105  the key's name


def run(context: Context, /) -> None:
    """Read the file and apply the rules."""
    webhook = context.target.settings.webhook
    header = webhook.header if webhook else HEADER
    tables = config_tables(context, "webhook")
    for file in tables:
        if file.vendor or (not file.declared and file.section.table.keys().isdisjoint(OWN_ONLY)):
            report_problems(context, file, vendor_problems(file))
            continue
        found = problems(file.section, header, context.thresholds, versioned=file.versioned)
        report_problems(context, file, found)
        report_unseen(context, file, SEEN)
        missing = EXPECTED - _events(file.section).keys()
        if missing:
            note = "failed refunds and new disputes are not noticed"
            context.evidence("events not processed", ", ".join(sorted(missing)), note=note)
    if all(_is_open(file) for file in tables):
        place = f"{tables[0].name}:{tables[0].section.line}"
        context.unknown(f"{place}: the secret is to be filled in; check the file that the deployment reads")


def _is_open(file: ConfigFile) -> bool:
    """Return True if a table of a provider has a placeholder or nothing where its secret has to be."""
    node = file.section.table.get(SECRET)
    if file.declared or node is None or isinstance(node.value, EnvRef | Unknown):
        return False
    return not literal(node).strip() or is_placeholder(literal(node))


def vendor_problems(file: ConfigFile) -> Iterator[ConfigProblem]:
    """Yield the problems of a provider's webhooks; its library knows header and tolerance."""
    table = file.section.table
    yield from _switched_off(file.section)
    node = table.get(SECRET)
    if node is None:
        return
    value = literal(node)
    deployed = not file.template and (file.declared or not file.versioned) and isinstance(node.value, str)
    advice = "the secret as it was issued, from the secret store"
    if deployed and not value.strip():
        yield _problem("no_secret", SECRET, node.line, "is empty", advice)
    elif deployed and is_placeholder(value):
        yield _problem("placeholder", SECRET, node.line, "is the placeholder of an example", advice)
    elif file.versioned and is_generated(value):
        message = "is a secret in a file of the source code"
        yield _problem("secret_in_source", SECRET, node.line, message, advice, warn=True)


def problems(
    section: Section, header: str, limits: Thresholds, *, versioned: bool
) -> Iterator[ConfigProblem]:
    """Yield every problem, in the order in which a receiver needs the settings.

    `versioned` is True for a file under version control, which must not hold the secret.
    """
    yield from _switched_off(section)
    yield from _secret(section, versioned=versioned)
    yield from _header(section, header)
    yield from _tolerance(section, limits)
    yield from _event_types(section)


def _switched_off(section: Section) -> Iterator[ConfigProblem]:
    node = section.table.get("verify_signatures")
    if node is None or isinstance(node.value, EnvRef | Unknown) or node.value is True:
        return
    if str(node.value).lower() not in {"true", "1", "yes", "on"}:
        yield _problem(
            "off", "verify_signatures", node.line, "is off: forged deliveries are accepted", "true"
        )


def _secret(section: Section, *, versioned: bool) -> Iterator[ConfigProblem]:
    node, advice = (
        section.table.get(SECRET),
        "a reference to the secret store, os.environ['CLEARPAY_WEBHOOK_SECRET']",
    )
    if node is None or node.value is None or node.value == "":
        message = "is empty" if node else "is missing"
        yield _problem("no_secret", SECRET, node.line if node else section.line, message, advice)
    elif is_placeholder(literal(node)):
        yield _problem("placeholder", SECRET, node.line, "is the placeholder of an example", advice)
    elif literal(node) and versioned:
        message = "is a secret in a file of the source code"
        yield _problem("secret_in_source", SECRET, node.line, message, advice, warn=True)


def _header(section: Section, header: str) -> Iterator[ConfigProblem]:
    node = section.table.get("signature_header")
    if node is None:
        yield _problem("header", "signature_header", section.line, "is missing", header)
    elif isinstance(node.value, str) and node.value.lower() != header.lower():
        message = f"is {node.value}"
        if "_" in node.value:
            message += "; proxies and WSGI servers drop headers with underscores"
        yield _problem("header", "signature_header", node.line, message, header)


def _tolerance(section: Section, limits: Thresholds) -> Iterator[ConfigProblem]:
    key, most = "tolerance_seconds", limits.tolerance_most_s
    node = section.table.get(key)
    if node and isinstance(node.value, EnvRef | Unknown):
        return
    number = node.value if node and isinstance(node.value, int | float) else None
    if node is None or number is None or not number > 0:
        message = f"is {node.value}" if node and number is not None else "is missing, or not a number"
        line = node.line if node else section.line
        yield _problem("no_tolerance", key, line, message, "300")
    elif number > most:
        message = f"is {number:g} s, more than {most:g}: a recorded delivery can be sent again for that long"
        yield _problem("tolerance_long", key, node.line, message, "300, in seconds")


def _events(section: Section) -> dict[str, Node]:
    """Return the nodes of the event types by type."""
    node = section.table.get("events_to_process")
    nodes = node.value if node and isinstance(node.value, list) else []
    return {event.value: event for event in nodes if isinstance(event.value, str)}


def _event_types(section: Section) -> Iterator[ConfigProblem]:
    key, events = "events_to_process", _events(section)
    node = section.table.get(key)
    if not events and not (node and isinstance(node.value, EnvRef | Unknown)):
        line = node.line if node else section.line
        yield _problem(
            "no_events", key, line, "lists no event type, so nothing is processed", ", ".join(EVENTS[:4])
        )
    for name, event in events.items():
        if name not in EVENTS and not name.endswith("*"):
            message = f"has {name}, which is never sent; {did_you_mean(name, EVENTS)}".rstrip("; ")
            yield _problem("unknown_event", key, event.line, message, f"some of {', '.join(EVENTS)}")


def _problem(
    code: str, key: str, line: int, message: str, advice: str, *, warn: bool = False
) -> ConfigProblem:
    return ConfigProblem(
        code=f"verification.{code}", key=key, line=line, message=message, advice=advice, warn=warn
    )
