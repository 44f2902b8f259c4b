"""Rules for secrets in the code, and for secrets that the code shows or compares."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import last_name

SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|api_?key|api_?secret|secret(?:_key)?|(?:access|auth|api|bot)_token|private_?key)$",
    re.IGNORECASE,
)
PUBLIC_KEY = re.compile(r"(?:^|_)api_?key$", re.IGNORECASE)
PLACEHOLDER = re.compile(
    r"x{4}|\*{3}|your|example|change|placeholder|dummy|fake|sample|test|secret|password|token|default|insecure"
    r"|django|local|dev|demo|seed|e2e|abc|1234|[][<>{}()|\\\s:/]",
    re.IGNORECASE,
)
KNOWN_FORMAT = re.compile(
    r"\b(?:(?:sk|rk|cp)_live_\w{16}|whsec_[A-Za-z0-9+/]{20}|AKIA[0-9A-Z]{16}\b|gh[pousr]_\w{30}|xox[abpr]-\w{8})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}"
)
HASH = re.compile(
    r"(?:pbkdf2|argon2|bcrypt|scrypt|sha(?:1|256|512)|md5|\{SSHA\})[\w-]*\$|\$(?:2[abxy]|5|6|argon2\w*)\$"
)
"""Beginning of a hash of a password, which is no password."""
URL = re.compile(r"[a-z][a-z0-9+]*://([^\s/:@{}<>$]+):([^\s/@{}<>$]+)@([\w.-]+)")
HOSTS_OF_DEVELOPMENT = re.compile(r"localhost|127\.0\.0\.1|example\.|host$|^\w+$|\.test$|\.local$|\.invalid$")
"""Hosts of a machine or a network of containers, whose passwords are in everybody's compose file."""
FOR_DEVELOPMENT = re.compile(
    r"^(?:Dev|Test|Local|CI)|(?:Dev|Development|Test|Testing|Local)(?:Config|Settings)?$"
)
"""Names of classes with the settings of development."""
MIN_CHARS = 10
MIN_PASSWORD = 6
MIN_FRAMEWORK_KEY = 40
"""Characters of a key that Django generates, without its prefix."""
MIN_FRAMEWORK_BITS = 4.0
WORDS = re.compile(r"secret|local|develop|insecure|testing|change|example|replace", re.IGNORECASE)
MIN_BITS = 3.0
"""Shannon entropy of a random secret, bits a character; words and slugs have less."""
LOGGERS = re.compile(r"^_?(?:log|logger|logging|LOG|LOGGER)$|_log(?:ger)?$")
LEVELS = ("debug", "info", "warning", "warn", "error", "exception", "critical")
SHOWN_SECRET = re.compile(
    r"^(?:\w+_)?(?:password|passwd|secret|secret_key|client_secret|api_?key|access_token|refresh_token|auth_token"
    r"|bearer_token|new_token|reset_token|private_key|webhook_secret|signing_secret)$",
    re.IGNORECASE,
)
DEVELOPMENT = re.compile(r"production|\bprod\b|develop|debug|sensitive|testing", re.IGNORECASE)
SECRET_KEY = re.compile(
    r"(?:\w+_)?(?:password|passwd|secret|secret_key|client_secret|api_?key|private_key)|(?:access|refresh|auth)_token"
    r"|authorization",
    re.IGNORECASE,
)
"""Keys of secrets in a dictionary that is logged as a whole."""
TOKEN_OF = re.compile(r"\b(?:reset|access|bearer|login|session)\b.{0,30}\btoken|password", re.IGNORECASE)
"""Texts about a token that lets its holder in."""
REFUSED = re.compile(r"\binvalid|does not exist|not found|unknown|expired", re.IGNORECASE)
SIGNATURE = re.compile(r"signature|hmac|digest|^(?:expected_)?mac$|^sig$|checksum_header", re.IGNORECASE)


def hardcoded_secret(module: Module) -> Iterator[ast.AST]:
    """Yield literals that are secrets: everybody who can read the code has them."""
    for name, value in _named_values(module):
        if SECRET.search(name) and _is_secret(value) and not _is_example(module, value):
            if PUBLIC_KEY.search(name) and not _is_of_settings(module):
                continue  # programs bring the keys of other people's pages, which are public
            yield value
    yield from _framework_keys(module)
    docstrings = {id(statement.value) for statement in module.all(ast.Expr)}
    for constant in module.all(ast.Constant):
        text = constant.value
        if not isinstance(text, str) or len(text) < MIN_CHARS or id(constant) in docstrings:
            continue
        if _shows_secret(text) and not _is_example(module, constant):
            yield constant


def _is_of_settings(module: Module) -> bool:
    """Return True for a module that defines no function, as settings do."""
    return not any(True for _ in module.all(ast.FunctionDef, ast.AsyncFunctionDef))


def _framework_keys(module: Module) -> Iterator[ast.AST]:
    """Yield the generated key of Django or Flask in settings: whoever has it forges sessions."""
    if not re.search(rb"INSTALLED_APPS|from flask import", module.source):
        return
    for assign in module.all(ast.Assign):
        match assign.targets, assign.value:
            case [ast.Name() | ast.Attribute() as target], ast.Constant(value=str() as key):
                if last_name(target) in {"SECRET_KEY", "secret_key"} and _is_generated_key(key):
                    yield assign.value


def _is_generated_key(key: str) -> bool:
    """Return True for a key as Django generates it: of letters, digits and signs; words are a placeholder."""
    key = key.removeprefix("django-insecure-")
    if WORDS.search(key):
        return False
    mixed = re.search(r"[0-9]", key) and re.search(r"[^\w\s-]", key)
    return bool(mixed) and len(key) >= MIN_FRAMEWORK_KEY and _entropy(key) >= MIN_FRAMEWORK_BITS


def secret_in_log(module: Module) -> Iterator[ast.AST]:
    """Yield calls of a logger that write a secret: whoever reads the log can use it."""
    for call in module.calls(*LEVELS):
        if not isinstance(call.func, ast.Attribute) or not LOGGERS.search(last_name(call.func.value)):
            continue
        shown = any(_is_shown(module, argument) for argument in call.args)
        if shown and not _is_refused(call) and not _is_for_development(module, call):
            yield call


def signature_compare(module: Module) -> Iterator[ast.AST]:
    """Yield `==` on signatures: its time tells how much of a guess is right."""
    if not module.imports_any("hmac", "hashlib"):
        return
    for compare in module.all(ast.Compare):
        if len(compare.ops) == 1 and isinstance(compare.ops[0], ast.Eq | ast.NotEq):
            if _is_query(module, compare):
                continue
            sides = (compare.left, compare.comparators[0])
            named = all(SIGNATURE.search(last_name(side)) for side in sides) and module.imports_any("hmac")
            if named or any(_is_mac(module, side) for side in sides):
                yield compare


def _is_shown(module: Module, argument: ast.expr) -> bool:
    """Return True for an argument that shows a secret: by its name, as a part of a dictionary, as a token."""
    names = list(_shown_names(argument))
    if any(SHOWN_SECRET.search(name) for name in names):
        return True
    if "token" in names and TOKEN_OF.search(_literal_text(argument)):
        return True
    return any(_holds_secret(module, name) for name in _shown_variables(argument))


def _literal_text(argument: ast.expr) -> str:
    parts = (node.value for node in ast.walk(argument) if isinstance(node, ast.Constant))
    return " ".join(part for part in parts if isinstance(part, str))


def _is_refused(call: ast.Call) -> bool:
    """Return True for a message that the secret is none: it is not valid, or not known."""
    return REFUSED.search(" ".join(map(_literal_text, call.args))) is not None


def _is_for_development(module: Module, call: ast.Call) -> bool:
    """Return True under a condition that tells development from production, or asks for sensitive records."""
    for parent in module.parents(call):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if isinstance(parent, ast.If) and DEVELOPMENT.search(ast.unparse(parent.test)):
            return True
    return False


def _is_query(module: Module, compare: ast.Compare) -> bool:
    """Return True for a comparison that builds a condition of a query, which the database makes."""
    parent = module.parent(compare)
    return isinstance(parent, ast.Call) and last_name(parent.func) in {
        "filter",
        "where",
        "having",
        "and_",
        "or_",
    }


def _is_mac(module: Module, value: ast.expr) -> bool:
    """Return True for a digest of `hmac`, also encoded, whatever name it was assigned."""
    value = module.value_of(value)
    for _ in range(6):
        match value:
            case ast.Call(func=function) if module.name_of(function) in {
                "hmac.new",
                "hmac.HMAC",
                "hmac.digest",
            }:
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id="base64" | "binascii")), args=[first, *_]):
                value = module.value_of(first)
            case ast.Call(
                func=ast.Attribute(value=inner, attr="hexdigest" | "digest" | "decode" | "hex" | "upper")
            ):
                value = module.value_of(inner)
            case ast.Call(func=ast.Name(id="str"), args=[first, *_]):
                value = module.value_of(first)
            case ast.Subscript(value=inner, slice=ast.Slice()):
                value = module.value_of(inner)
            case ast.BinOp(op=ast.Add(), right=right):
                value = module.value_of(right)
            case _:
                return False
    return False


def _shown_names(argument: ast.expr) -> Iterator[str]:
    """Yield the names whose values an argument of a logger shows."""
    match argument:
        case ast.Name() | ast.Attribute():
            yield last_name(argument)
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            yield key
    for part in _shown_parts(argument):
        yield from _shown_names(part)


def _shown_variables(argument: ast.expr) -> Iterator[ast.Name]:
    """Yield the variables that an argument of a logger shows as a whole."""
    if isinstance(argument, ast.Name):
        yield argument
    for part in _shown_parts(argument):
        yield from _shown_variables(part)


def _holds_secret(module: Module, name: ast.Name) -> bool:
    """Return True for a dictionary that the same function puts a secret into, or takes one from."""
    function = module.function_of(name)
    if function is module.tree:
        return False
    value = module.value_of(name)
    if isinstance(value, ast.Dict) and any(_is_secret_key(key) for key in value.keys):
        return True
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name.id
        and (isinstance(node.ctx, ast.Load) or node.lineno < name.lineno)
        and _is_secret_key(node.slice)
        for node in ast.walk(function)
    )


def _is_secret_key(key: ast.expr | None) -> bool:
    return (
        isinstance(key, ast.Constant) and isinstance(key.value, str) and bool(SECRET_KEY.fullmatch(key.value))
    )


def _shown_parts(argument: ast.expr) -> list[ast.expr]:
    """Return the expressions that a text is put together from."""
    match argument:
        case ast.JoinedStr(values=values):
            return [value.value for value in values if isinstance(value, ast.FormattedValue)]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Tuple(elts=parts) | ast.Call(func=ast.Attribute(attr="format"), args=parts):
            return parts
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[part]):
            return [part]
    return []


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


def _is_example(module: Module, value: ast.expr) -> bool:
    """Return True for a value in an example, or beside a setting that chooses a sandbox."""
    for parent in module.parents(value):
        if isinstance(parent, ast.keyword) and (parent.arg or "") in {
            "example",
            "examples",
            "help",
            "description",
        }:
            return True
        if isinstance(parent, ast.Dict) and any(
            isinstance(item, ast.Constant) and item.value in {"sandbox", "test"} for item in parent.values
        ):
            return True
        if isinstance(parent, ast.ClassDef):
            return FOR_DEVELOPMENT.search(parent.name) is not None
        if isinstance(parent, ast.Assign) and any(
            "example" in last_name(target).lower() for target in parent.targets
        ):
            return True
    return False


def _is_secret(value: ast.expr) -> bool:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return False
    text = value.value
    mixed = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    if (
        HASH.match(text)
        or len(text) < MIN_CHARS
        or not mixed
        or PLACEHOLDER.search(text)
        or KNOWN_FORMAT.search(text)
    ):
        return False  # a known format is reported by _shows_secret
    return _entropy(text) >= MIN_BITS


def _entropy(text: str) -> float:
    """Return the Shannon entropy of a text in bits a character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def _shows_secret(text: str) -> bool:
    known = KNOWN_FORMAT.search(text)
    if known and not re.search(r"x{4}|\*{3}|\.{3}|example|1234|abcd", known[0], re.IGNORECASE):
        return True
    url = URL.search(text)
    if not url or "://" not in text:
        return False
    user, password, host = url.groups()
    weak = (
        user == password
        or PLACEHOLDER.search(password)
        or len(password) < MIN_PASSWORD
        or password.startswith("%")
    )
    return not weak and not HOSTS_OF_DEVELOPMENT.search(host)
