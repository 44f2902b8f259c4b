"""Configuration files as probes read them: the tables for a role, of one file or of a project's folder."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from diagnostics.clients.config.document import READERS, in_version_control, is_template, read, reader_of
from diagnostics.clients.config.folder import MAX_FILES, configuration_files
from diagnostics.clients.config.mapping.key_names import FORMS, OWN, WORDS, normal
from diagnostics.clients.config.mapping.role_tables import Mapped, own_tables, vendor_tables
from diagnostics.clients.config.mapping.vendors import VENDORS, Vendor
from diagnostics.clients.config.readers.env import typed
from diagnostics.clients.config.secrets import learn
from diagnostics.clients.config.settings_code import settings_tables
from diagnostics.clients.config.tree import Document, EnvRef, Node, Section, Texts
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import CONFIG_KINDS

SECRETS = ("api_key", "secret_key", "webhook_secret")
"""Keys of credentials that are secrets, under whatever name."""
SUBJECTS = {
    "credentials": "credentials of an API",
    "network": "timeouts of calls",
    "currency": "currencies",
    "webhook": "verification of webhooks",
    "logging": "dictionary for logging",
}
"""Subject of each role, in reasons."""
MIN_EXACT = 3
"""Names of the page of files that make a table ours."""
MAX_NAME = 60
"""Characters of a name in a reason."""
MAX_NEAR = 3
"""Near names that a reason lists."""
MAX_TABLES = 40
"""Tables of a role that one run judges."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """Parsed file, and one of its tables for a role."""

    path: Path
    name: str
    """Name as evidence shows it, before the line."""
    document: Document
    section: Section
    names: Mapping[str, str] = field(default_factory=dict)
    """Names that the application gives to keys, by the keys of the section."""
    named: frozenset[str] = frozenset()
    """Keys whose names the target maps."""
    declared: bool = True
    """True if the target names the file for the role, or if it has the names of the pages."""
    vendor: Vendor | None = None
    """Provider whose names the table has."""
    modes: Mapping[str, str] = field(default_factory=dict)
    """`live` or `test` by the keys whose names say it."""

    def own_name(self, key: str) -> str:
        """Return the name of a key as the file has it; one timeout may stand for both."""
        both = key in {"connection_timeout", "read_timeout"}
        return self.names.get(key) or (self.names.get("timeout") if both else None) or key

    @property
    def template(self) -> bool:
        """True if its values are meant to be replaced, as those of `.env.example`."""
        return is_template(self.path)

    @property
    def versioned(self) -> bool:
        """True if it is usually in version control."""
        return in_version_control(self.path)


def config_tables(context: Context, role: str) -> list[ConfigFile]:
    """Read the endpoint's file, or the files of its folder, and return the tables for a role.

    Raises Skip if there is none, CannotTell if a file cannot be read or the target names it for the role and
    it has none.
    """
    declared = context.endpoint.kind != "path"
    path = context.target.folder / context.endpoint.url
    if declared and path.is_dir():
        raise Skip(f"{context.endpoint.name} is a folder; name the configuration file")
    if not declared and not path.is_dir() and not reader_of(path.name):
        raise Skip(f"{context.endpoint.name} is not a {', '.join(READERS)} file")
    with context.step("read"):
        variables = _read_others(context)
        files = _folder(context, path) if path.is_dir() else {path: _learned(context, path)}
    found = [
        table
        for file, document in files.items()
        for table in _tables(context, file, document, role, variables, declared=declared)
    ][:MAX_TABLES]
    if found:
        return found
    raise _nothing(context, path, files, role, declared=declared)


def _learned(context: Context, path: Path, paths: str = "") -> Document:
    """Read a file and learn its secrets; a word of `paths` is shown, and is no secret."""
    document = read(path)
    learn(context.redactor, document, _own_secrets(context), f"{_shown(context)} {paths}")
    return document


def _folder(context: Context, folder: Path) -> dict[Path, Document]:
    """Return the documents of a folder; evidence says what could not be read."""
    documents: dict[Path, Document] = {}
    unread: list[str] = []
    paths = configuration_files(folder)
    names = " ".join(str(path.relative_to(folder)) for path in paths)
    for path in paths:
        context.deadline.within(1.0)
        try:
            documents[path] = _learned(context, path, names)
        except CannotTell as error:
            if path.suffix != ".conf":  # programs of all kinds have files of this name in forms of their own
                unread.append(str(error))
    note = f"the first {MAX_FILES}" if len(paths) == MAX_FILES else ""
    context.evidence("configuration files read", len(documents), note=note)
    if unread:
        context.evidence("files not read", len(unread), note="; ".join(unread[:MAX_NEAR]))
    return documents


def _tables(
    context: Context,
    path: Path,
    document: Document,
    role: str,
    variables: Mapping[str, Node],
    *,
    declared: bool,
) -> Iterator[ConfigFile]:
    """Yield the tables of one file: that with most of our settings first, then those of providers."""
    own = {key: name for key, name in _names(context).items() if key in FORMS[role]}
    base = context.target.folder / context.endpoint.url
    name = str(path.relative_to(base)) if base.is_dir() else Path(context.endpoint.name).name
    mapped: list[Mapped] = []
    for written in settings_tables(path, document, chosen=not base.is_dir()):
        section = _with_variables(written, variables)
        mapped += own_tables(
            section, role, declared=declared, names=own, file_name=name, libraries=document.imports
        )
        mapped += vendor_tables(section, role, name) if not own else ()
    ours = [table for table in mapped if table.vendor is None]
    if declared and ours:
        ours = [max(ours, key=lambda table: len(table.section.table))]
    for table in [*ours, *(table for table in mapped if table.vendor)]:
        yield ConfigFile(
            path=path,
            name=name,
            document=document,
            section=table.section,
            names={**own, **table.names},
            named=frozenset(own),
            declared=declared or _is_ours(table),
            vendor=table.vendor,
            modes=table.modes,
        )


def _is_ours(table: Mapped) -> bool:
    """Return True for a table with ClearPay's name, or with several names of the page of files."""
    exact = sum(name == key for key, name in table.names.items())
    named = any(
        normal(name).startswith(OWN) for name in (table.section.name.split(".")[-1], *table.names.values())
    )
    return table.vendor is None and (named or exact >= MIN_EXACT)


def _with_variables(section: Section, variables: Mapping[str, Node]) -> Section:
    """Return the section with the values of variables that the target's environment files set."""
    if not any(
        isinstance(node.value, EnvRef) and node.value.name in variables for node in section.table.values()
    ):
        return section
    table = Texts() if isinstance(section.table, Texts) else {}
    for key, node in section.table.items():
        known = variables.get(node.value.name) if isinstance(node.value, EnvRef) else None
        table[key] = replace(node, value=known.value, origin=known.origin) if known else node
    return replace(section, table=table)


def _nothing(
    context: Context, path: Path, files: Mapping[Path, Document], role: str, *, declared: bool
) -> CannotTell | Skip:
    """Return the reason why there is no table: the names that were looked for, and those that are near."""
    own = {key: name for key, name in _names(context).items() if key in FORMS[role]}
    wanted = ", ".join(sorted({own.get(key, key) for key in FORMS[role]}))
    if role in {"credentials", "webhook"} and not own:
        wanted += f", and the usual names of {', '.join(vendor.name for vendor in VENDORS)}"
    near = list(_near(files, role, chosen=not path.is_dir()))
    hint = f"; near: {', '.join(near[:MAX_NEAR])}" if near else ""
    hint += "; [target.NAME.config.names] maps other names" if role != "logging" and near and not own else ""
    if declared:
        return CannotTell(f"{path.name}: no table with any of {wanted}{hint}")
    where = Path(context.endpoint.name).name
    if path.is_dir():
        where = f"{context.endpoint.name}, {len(files)} configuration file{'s' if len(files) != 1 else ''}"
    return Skip(f"{where}: no {SUBJECTS[role]}; looked for {wanted}{hint}")


def _near(files: Mapping[Path, Document], role: str, *, chosen: bool) -> Iterator[str]:
    """Yield names of files that have a word of a role, with file and line."""
    seen: set[str] = set()
    for path, document in files.items():
        for section in settings_tables(path, document, chosen=chosen):
            for name, node in section.table.items():
                if name not in seen and _is_near(name, role, code=path.suffix == ".py"):
                    seen.add(name)
                    yield f"{name} ({path.name}:{node.line})"


def _is_near(name: str, role: str, *, code: bool) -> bool:
    """Return True for a name with a word of a role; in `code`, only names of constants are settings."""
    if len(name) > MAX_NAME or (code and not name.isupper()):
        return False
    return any(word in f"_{normal(name)}" for word in WORDS[role])


def _names(context: Context) -> dict[str, str]:
    """Return the application's own names by our keys."""
    names = context.target.settings.config.names
    return {item.name: name for item in fields(names) if (name := getattr(names, item.name))}


def _own_secrets(context: Context) -> frozenset[str]:
    """Return the application's own names of secrets in their normal form."""
    names = _names(context)
    return frozenset(normal(names[key]) for key in SECRETS if key in names)


def _shown(context: Context) -> str:
    """Return the text that reports repeat: a secret that is a part of it is a word and no secret."""
    return " ".join([context.target.name, *(endpoint.name for endpoint in context.target.endpoints)])


def _read_others(context: Context) -> dict[str, Node]:
    """Learn the secrets of the target's other files, and return the variables that its environment files set.

    This file may repeat the secrets, and refer to the variables.
    """
    variables: dict[str, Node] = {}
    for endpoint in context.target.endpoints:
        if endpoint.kind in CONFIG_KINDS.values() and endpoint != context.endpoint:
            path = context.target.folder / endpoint.url
            with suppress(CannotTell):
                document = _learned(context, path)
                if not in_version_control(path):
                    variables |= _variables(document, path.name)
    return variables


def _variables(document: Document, file: str) -> dict[str, Node]:
    return {
        name: replace(
            node,
            value=typed(node.value) if isinstance(node.value, str) else node.value,
            origin=f"${name}, {file}:{node.line}",
        )
        for name, node in document.root.items()
        if not isinstance(node.value, dict | list | EnvRef)
    }
