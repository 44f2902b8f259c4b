"""Rules for the configuration of logging."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.module import Module

FRAMEWORKS = (
    "alembic",
    "celery",
    "django",
    "fastapi",
    "flask",
    "gunicorn",
    "opentelemetry",
    "tornado",
    "uvicorn",
)
DICT_CONFIG_KEYS = frozenset({"handlers", "loggers", "formatters", "root"})


def logging_config_not_imported(module: Module) -> Iterator[ast.AST]:
    """Yield uses of a submodule of logging that is not imported: AttributeError unless others import it."""
    if module.imports_any(*FRAMEWORKS):
        return  # they import both
    for part in ("config", "handlers"):
        known = {*module.imported, *module.imports.values()}
        if part == "handlers" and b"__main__" not in module.source:
            continue  # another module of the program may import it
        if known & {f"logging.{part}", "logging.config"}:  # logging.config imports logging.handlers
            continue
        for attribute in module.all(ast.Attribute):
            inner = attribute.value
            if isinstance(inner, ast.Attribute) and module.name_of(inner) == f"logging.{part}":
                yield attribute


def logging_disables_existing(module: Module) -> Iterator[ast.AST]:
    """Yield logging configurations that disable the loggers that exist already."""
    if module.imports_any("alembic") or b"INSTALLED_APPS" in module.source:
        return  # programs and settings that are read first: no logger exists yet
    for dictionary in module.all(ast.Dict):
        keys = {key.value for key in dictionary.keys if isinstance(key, ast.Constant)}
        whole = "version" in keys and keys & DICT_CONFIG_KEYS and None not in dictionary.keys
        if whole and "disable_existing_loggers" not in keys and not _is_of_django(module, dictionary):
            yield dictionary
    for call in module.calls("fileConfig"):
        names = {keyword.arg for keyword in call.keywords}
        if (
            module.name_of(call.func) == "logging.config.fileConfig"
            and "disable_existing_loggers" not in names
        ):
            yield call


def _is_of_django(module: Module, dictionary: ast.Dict) -> bool:
    """Return True for `LOGGING = {...}`, which Django applies before it imports an application."""
    parent = module.parent(dictionary)
    return isinstance(parent, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "LOGGING" for target in parent.targets
    )
