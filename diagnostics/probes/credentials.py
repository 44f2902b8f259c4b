"""Rules for the credentials file: presence, form, and agreement of keys and environment."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from diagnostics.clients.config.document import in_version_control
from diagnostics.clients.config.facts import ConfiguredAccount
from diagnostics.clients.config.file import ConfigFile, config_tables
from diagnostics.clients.config.mapping.key_names import normal
from diagnostics.clients.config.mapping.placeholders import is_generated, is_placeholder
from diagnostics.clients.config.mapping.vendors import MODES, VendorKey, kind_of, other_key
from diagnostics.clients.config.problems import ConfigProblem, report_problems
from diagnostics.clients.config.tree import EnvRef, Node, Section, Unknown, literal
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.secrets.fingerprint import fingerprint
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the configuration have every credential of the API, and each in the right form?"
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("credentials file", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "credentials.missing",
    "credentials.empty",
    "credentials.placeholder",
    "credentials.whitespace",
    "credentials.malformed",
    "credentials.mixed_pair",
    "credentials.wrong_environment",
    "credentials.in_source",
)
SAFETY: Safety = "local"
BUDGET = 15.0
ALONE = False
SENDS = "Nothing; it parses the file and does not run it."

REQUIRED = ("api_key", "merchant_id", "secret_key", "environment")
PREFIXES = {"api_key": "cp_", "secret_key": "sk_"}
ENVIRONMENTS = {"production": "live", "sandbox": "test"}
"""Values of `environment`, and the word in the keys that belong to each: `cp_live_...`, `sk_test_...`."""
FILLED_IN = frozenset({"credentials.missing", "credentials.empty", "credentials.placeholder"})
"""Findings that a template, as `.env.example`, has by its nature."""
MAX_SHOWN = 3
MIN_VALUE = 4
"""Characters of a credential; fewer are a mark for one that is to be filled in."""
MIN_KEY_CHARS = 12
"""Characters after the prefix; a shorter key was cut off while it was copied."""


def run(context: Context, /) -> None:
    """Read the files, share the account that a table of ours names, and apply the rules to each table."""
    stated = 0
    tables = config_tables(context, "credentials")
    for file in tables:
        _show_references(context, file)
        if file.vendor is None:
            _share_account(context, file.section)
            own = {key: name for key, name in file.names.items() if key in file.named}
            found = problems(file.section, file.path, own)
            meant = file.template and not file.declared
            report_problems(
                context, file, (problem for problem in found if not (meant and problem.code in FILLED_IN))
            )
        else:
            report_problems(context, file, vendor_problems(file))
        stated += any(not _is_open(node, file.own_name(key)) for key, node in file.section.table.items())
    if not stated and all(not file.declared for file in tables):
        names = ", ".join(f"{file.name}:{file.section.line}" for file in tables[:MAX_SHOWN])
        context.unknown(
            f"placeholders or empty values only: {names}; check the file that the deployment reads"
        )


def _is_open(node: Node, name: str) -> bool:
    """Return True for a value that somebody has to fill in, as one that repeats its key's `name`."""
    if isinstance(node.value, EnvRef | Unknown):
        return False
    text = "" if node.value is None else str(node.value).strip()
    return len(text) < MIN_VALUE or is_placeholder(text) or normal(name).endswith(normal(text))


def _show_references(context: Context, file: ConfigFile) -> None:
    """Show which variable each value comes from, and where the file says so."""
    for key, node in file.section.table.items():
        place = f"{file.name}:{node.line} {file.own_name(key)}"
        if isinstance(node.value, EnvRef) and node.value.name:
            note = "not looked up: the doctor's environment is not the application's"
            if node.value.default not in {None, ""}:
                note = "with a default in the file, which counts while the variable is not set"
            context.evidence(place, f"from ${node.value.name}", note=note)
        elif node.origin:
            context.evidence(place, f"from {node.origin}")
        elif isinstance(node.value, str) and file.vendor and _is_open(node, file.own_name(key)):
            value = "empty" if not node.value.strip() else "a placeholder"
            context.evidence(place, value, note="a template: the deployment sets it" if file.template else "")


def _share_account(context: Context, section: Section) -> None:
    """Show and share the account that the file names; of the key, only its fingerprint."""
    key, merchant = (_own_value(section, name) for name in ("api_key", "merchant_id"))
    key_fingerprint = fingerprint(key) if key else None
    stated = literal(section.table.get("environment")).strip()
    environment = ENVIRONMENTS.get(stated)
    if key_fingerprint:
        context.evidence("fingerprint of the API key", key_fingerprint)
    if merchant:
        context.evidence("merchant", merchant)
    if environment:
        context.evidence("environment", environment, note=f"the file says {stated}")
    context.share(ConfiguredAccount(key_fingerprint, merchant, environment))


def _own_value(section: Section, key: str) -> str | None:
    """Return a literal of the file; None if there is none or it is a placeholder."""
    value = literal(section.table.get(key)).strip()
    return value if value and not is_placeholder(value) else None


def problems(
    section: Section, path: Path, names: Mapping[str, str] = MappingProxyType({})
) -> Iterator[ConfigProblem]:
    """Yield every problem: of single values first, then between them.

    `names` has the application's own names by key; with one of them, only the named keys are expected.
    """
    for key in [key for key in REQUIRED if key in names] or REQUIRED:
        yield from _single(section, key, names)
    yield from _between(section)
    yield from _in_source(section, path, names)


def vendor_problems(file: ConfigFile) -> Iterator[ConfigProblem]:
    """Yield the problems of the credentials of a provider; an application may need few of them."""
    vendor = file.vendor
    if vendor is None:
        return
    keys = {key.key: key for key in vendor.keys if key.key in file.section.table}
    for name, key in keys.items():
        node = file.section.table[name]
        value = literal(node)
        if isinstance(node.value, EnvRef) and not value:
            continue
        if problem := _vendor_value(file, key, node, value):
            yield problem
        elif key.secret and file.versioned and is_generated(value):
            yield _vendor_in_source(file, key, node)
    yield from _vendor_kinds(file, keys)


def _vendor_value(file: ConfigFile, key: VendorKey, node: Node, value: str) -> ConfigProblem | None:
    """Return the problem of one value by itself: it is open, damaged, or another key."""
    vendor = file.vendor
    if vendor is None or not isinstance(node.value, str | EnvRef):
        return None
    deployed = not file.template and (file.declared or not file.versioned) and isinstance(node.value, str)
    code = message = ""
    if deployed and key.secret and not value.strip():
        code, message = "empty", "is empty"
    elif deployed and key.secret and is_placeholder(value):
        code, message = "placeholder", "is the placeholder of an example"
    elif (
        key.secret
        and is_generated(value.replace(" ", "").replace("\n", ""))
        and (value != value.strip() or any(character.isspace() for character in value))
    ):
        code, message = "whitespace", "has white space in or around it"
    elif not is_placeholder(value) and (other := other_key(value, vendor, key)):
        code, message = "malformed", f"has the form of {vendor.forms[other.key]} of {vendor.name}"
        if other.secret and not key.secret:
            message += ", and browsers see this one"
    if not code:
        return None
    advice = f"the value as {vendor.name} issued it"
    return ConfigProblem(
        code=f"credentials.{code}", key=key.key, line=node.line, message=message, advice=advice
    )


def _vendor_in_source(file: ConfigFile, key: VendorKey, node: Node) -> ConfigProblem:
    kind = kind_of(literal(node), key)
    message = (
        f"is a {kind} secret in a file of the source code"
        if kind
        else "is a secret in a file of the source code"
    )
    if file.template:
        message = message.replace("of the source code", "that is a template")
    note = "everybody who can read the repository has it: replace the key after moving it"
    return ConfigProblem(
        code="credentials.in_source", key=key.key, line=node.line, message=message,
        advice="a reference to the environment or the secret store", note=note, warn=True,
    )  # fmt: skip


def _vendor_kinds(file: ConfigFile, keys: Mapping[str, VendorKey]) -> Iterator[ConfigProblem]:
    """Yield the problems between values: live and test keys together, or in the other environment."""
    table = file.section.table
    kinds = {
        name: kind
        for name, key in keys.items()
        if not is_placeholder(literal(table[name])) and (kind := kind_of(literal(table[name]), key))
    }
    for name, kind in kinds.items():
        wanted = file.modes.get(name) or MODES.get(literal(table.get("mode")).strip().lower(), kind)
        if wanted != kind:
            message = (
                f"is a {kind} key under the name of a {wanted} one"
                if name in file.modes
                else (f"is a {kind} key, and {file.own_name('mode')} is {literal(table['mode']).strip()}")
            )
            yield ConfigProblem(
                code="credentials.wrong_environment", key=name, line=table[name].line, message=message,
                advice=f"the {wanted} key",
            )  # fmt: skip
    if len(set(kinds.values())) > 1 and not file.modes:
        (first, one), *rest = kinds.items()
        other = next(name for name, kind in rest if kind != one)
        message = f"is a {kinds[other]} key, and {file.own_name(first)} is a {one} key"
        yield ConfigProblem(
            code="credentials.mixed_pair", key=other, line=table[other].line, message=message,
            advice="the keys that were issued together",
        )  # fmt: skip


def _single(section: Section, key: str, names: Mapping[str, str]) -> Iterator[ConfigProblem]:
    node = section.table.get(key)
    if node is None or node.value is None:
        line = node.line if node else section.line
        message = "is null" if node else "is missing"
        yield ConfigProblem(
            code="credentials.missing", key=key, line=line, message=message, advice=_reference(key, names)
        )
    elif isinstance(node.value, EnvRef | Unknown):
        return
    elif problem := _form(key, str(node.value), own=key in names):
        code, message = problem
        yield ConfigProblem(code=code, key=key, line=node.line, message=message, advice=_wanted(key))


def _form(key: str, value: str, *, own: bool) -> tuple[str, str] | None:
    """Return finding and message for one value by itself, or None; the message does not repeat the value.

    A value under the application's `own` name may be another system's and have another form.
    """
    if not value.strip():
        return "credentials.empty", "is empty"
    if is_placeholder(value):
        return "credentials.placeholder", "is the placeholder of an example"
    if value != value.strip() or any(character.isspace() for character in value):
        return "credentials.whitespace", "has white space in or around it"
    if not own or value.startswith(PREFIXES.get(key, "\0")):
        return _clearpay_form(key, value)
    return None


def _clearpay_form(key: str, value: str) -> tuple[str, str] | None:
    """Return finding and message for a value that does not have the form of ClearPay's, or None."""
    message = ""
    if key == "environment" and value not in ENVIRONMENTS:
        message = f"is not one of {', '.join(ENVIRONMENTS)}"
    elif key in PREFIXES:
        message = _key_form(value, PREFIXES[key])
    return ("credentials.malformed", message) if message else None


def _key_form(value: str, prefix: str) -> str:
    kind, _, rest = value.removeprefix(prefix).partition("_")
    if not value.startswith(prefix) or kind not in ENVIRONMENTS.values():
        return f"has {len(value)} characters and does not begin with {prefix}live_ or {prefix}test_"
    if len(rest) < MIN_KEY_CHARS or not rest.isalnum():
        return (
            f"has {len(rest)} characters after {prefix}{kind}_, or other characters than letters and digits"
        )
    return ""


def _between(section: Section) -> Iterator[ConfigProblem]:
    kinds = {key: kind for key in PREFIXES if (kind := _kind(section.table.get(key), PREFIXES[key]))}
    environment = section.table.get("environment")
    if len(set(kinds.values())) > 1:
        line = section.table["secret_key"].line
        message = f"is a {kinds['secret_key']} key, and api_key is a {kinds['api_key']} key"
        advice = "the two keys that were issued together"
        yield ConfigProblem(
            code="credentials.mixed_pair", key="secret_key", line=line, message=message, advice=advice
        )
    elif kinds and environment and (wanted := ENVIRONMENTS.get(str(environment.value))):
        for key, kind in kinds.items():
            if kind != wanted:
                node = section.table[key]
                message = f"is a {kind} key in environment {environment.value}"
                advice = f"the {wanted} key, or the environment that the key belongs to"
                code = "credentials.wrong_environment"
                yield ConfigProblem(code=code, key=key, line=node.line, message=message, advice=advice)


def _kind(node: Node | None, prefix: str) -> str:
    """Return `live` or `test` for a literal key with that word, else an empty string."""
    if node is None or not isinstance(node.value, str) or is_placeholder(node.value):
        return ""
    kind = node.value.strip().removeprefix(prefix).partition("_")[0]
    return kind if kind in ENVIRONMENTS.values() else ""


def _in_source(section: Section, path: Path, names: Mapping[str, str]) -> Iterator[ConfigProblem]:
    if not in_version_control(path):
        return
    for key in (*PREFIXES, "webhook_secret"):
        node = section.table.get(key)
        if node and literal(node).strip() and not is_placeholder(literal(node)):
            message = "is a secret in a file of the source code"
            note = "everybody who can read the repository has it: replace the key after moving it"
            code, advice = "credentials.in_source", _reference(key, names)
            yield ConfigProblem(
                code=code, key=key, line=node.line, message=message, advice=advice, note=note, warn=True
            )


def _reference(key: str, names: Mapping[str, str]) -> str:
    if key == "environment":
        return " or ".join(ENVIRONMENTS)
    variable = names.get(key, f"CLEARPAY_{key}").upper()
    return f"the key as it was issued, from the secret store: environment variable {variable}"


def _wanted(key: str) -> str:
    if key in PREFIXES:
        return f"{PREFIXES[key]}live_... or {PREFIXES[key]}test_..., exactly as it was issued"
    return " or ".join(ENVIRONMENTS) if key == "environment" else "the id exactly as it was issued"
