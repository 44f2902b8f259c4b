"""Rules for logging and secrets."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Module, last_name

SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|api_?key|api_?secret|secret|token|private_?key)$", re.IGNORECASE
)
PLACEHOLDER = re.compile(
    r"x{4}|\*{3}|your|example|changeme|placeholder|dummy|fake|sample|test|secret$|password$|token$|[][<>{}()|\\\s]",
    re.IGNORECASE,
)
KNOWN_FORMAT = re.compile(
    r"(?:sk|cp|rk)_live_\w{8}|whsec_\w{16}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY"
)
URL = re.compile(r"[a-z][a-z0-9+]*://[^\s/:@{}<>]+:([^\s/@{}<>]+)@[\w.]")
MIN_CHARS = 8
"""Characters of a secret; shorter texts are words."""
DICT_CONFIG_KEYS = frozenset({"handlers", "loggers", "formatters", "root"})


def hardcoded_secret(module: Module) -> Iterator[ast.AST]:
    """Yield literals that are secrets: everybody who can read the code has them."""
    for name, value in _named_values(module):
        if SECRET.search(name) and _is_secret(value):
            yield value
    docstrings = {id(statement.value) for statement in module.all(ast.Expr)}
    for constant in module.all(ast.Constant):
        if (
            isinstance(constant.value, str)
            and id(constant) not in docstrings
            and _shows_secret(constant.value)
        ):
            yield constant


def logging_config_not_imported(module: Module) -> Iterator[ast.AST]:
    """Yield uses of a submodule of logging that is not imported: AttributeError unless others import it."""
    for part in ("config", "handlers"):
        if f"logging.{part}" in {*module.imported, *module.imports.values()}:
            continue
        for attribute in module.all(ast.Attribute):
            inner = attribute.value
            if isinstance(inner, ast.Attribute) and module.name_of(inner) == f"logging.{part}":
                yield attribute


def logging_disables_existing(module: Module) -> Iterator[ast.AST]:
    """Yield logging configurations that disable the loggers that exist already."""
    for dictionary in module.all(ast.Dict):
        keys = {key.value for key in dictionary.keys if isinstance(key, ast.Constant)}
        whole = "version" in keys and keys & DICT_CONFIG_KEYS and None not in dictionary.keys
        if whole and "disable_existing_loggers" not in keys:
            yield dictionary
    for call in module.calls("fileConfig"):
        names = {keyword.arg for keyword in call.keywords}
        if (
            module.name_of(call.func) == "logging.config.fileConfig"
            and "disable_existing_loggers" not in names
        ):
            yield call


def _named_values(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and values of keyword arguments, assignments and dictionary items."""
    for call in module.all(ast.Call):
        yield from ((keyword.arg or "", keyword.value) for keyword in call.keywords)
    for assign in module.all(ast.Assign):
        yield from ((last_name(target), assign.value) for target in assign.targets)
    for dictionary in module.all(ast.Dict):
        for key, value in zip(dictionary.keys, dictionary.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _is_secret(value: ast.expr) -> bool:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return False
    text = value.value
    mixed = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    known = KNOWN_FORMAT.search(text)  # reported by _shows_secret
    return len(text) >= MIN_CHARS and mixed and not PLACEHOLDER.search(text) and not known


def _shows_secret(text: str) -> bool:
    if KNOWN_FORMAT.search(text) and not PLACEHOLDER.search(text.replace("-----BEGIN", "")):
        return True
    url = URL.search(text)
    return bool(url and not PLACEHOLDER.search(url[0]))
