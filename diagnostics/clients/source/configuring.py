"""Rules about logging and secrets."""

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
KNOWN = re.compile(r"(?:sk|cp|rk)_live_\w{8}|whsec_\w{16}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY")
URL = re.compile(r"[a-z][a-z0-9+]*://[^\s/:@{}<>]+:([^\s/@{}<>]+)@[\w.]")
LEAST = 8
"""Characters of a secret; what is shorter is a word."""
SHAPE = frozenset({"handlers", "loggers", "formatters", "root"})


def hardcoded_secret(module: Module) -> Iterator[ast.AST]:
    """Who can read the code has the secret, for ever."""
    for name, value in _named_values(module):
        if SECRET.search(name) and _is_secret(value):
            yield value
    prose = {id(statement.value) for statement in module.all(ast.Expr)}
    for constant in module.all(ast.Constant):
        if isinstance(constant.value, str) and id(constant) not in prose and _shows_secret(constant.value):
            yield constant


def logging_config_not_imported(module: Module) -> Iterator[ast.AST]:
    """`import logging` alone does not bring its submodules: AttributeError, or luck."""
    for part in ("config", "handlers"):
        if f"logging.{part}" in {*module.imported, *module.imports.values()}:
            continue
        for attribute in module.all(ast.Attribute):
            inner = attribute.value
            if isinstance(inner, ast.Attribute) and module.name_of(inner) == f"logging.{part}":
                yield attribute


def logging_disables_existing(module: Module) -> Iterator[ast.AST]:
    """Loggers that were made before the configuration fall silent."""
    for dictionary in module.all(ast.Dict):
        keys = {key.value for key in dictionary.keys if isinstance(key, ast.Constant)}
        whole = "version" in keys and keys & SHAPE and None not in dictionary.keys
        if whole and "disable_existing_loggers" not in keys:
            yield dictionary
    for call in module.calls("fileConfig"):
        given = {keyword.arg for keyword in call.keywords}
        if (
            module.name_of(call.func) == "logging.config.fileConfig"
            and "disable_existing_loggers" not in given
        ):
            yield call


def _named_values(module: Module) -> Iterator[tuple[str, ast.expr]]:
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
    mixed = any(one.isdigit() for one in text) and any(one.isalpha() for one in text)
    return len(text) >= LEAST and mixed and not PLACEHOLDER.search(text) and not KNOWN.search(text)


def _shows_secret(text: str) -> bool:
    if KNOWN.search(text) and not PLACEHOLDER.search(text.replace("-----BEGIN", "")):
        return True
    found = URL.search(text)
    return bool(found and not PLACEHOLDER.search(found[0]))
