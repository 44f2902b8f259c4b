"""Rules for HTTP and TLS clients."""

import ast
import re
from collections.abc import Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules.asynchronous import REQUESTS
from diagnostics.clients.source.tree import calls_in, caught, keywords, last_name

VERIFY_OPTIONS = ("verify", "ssl_verify", "verify_ssl", "tls_verify", "verify_certs")
UNVERIFIED_CONTEXTS = frozenset({"ssl._create_unverified_context", "ssl._create_stdlib_context"})
NO_CONNECTION = frozenset({"add_argument", "decode", "option", "field", "Field"})
"""Functions with an option `verify` that is about something else: arguments of programs, tokens."""
SESSIONS = frozenset(
    {
        "requests.Session",
        "requests.session",
        "requests.sessions.Session",
        "requests_oauthlib.OAuth1Session",
        "requests_oauthlib.OAuth2Session",
        "cloudscraper.create_scraper",
    }
)
SESSION_PACKAGES = ("requests", "requests_oauthlib", "cloudscraper")
CONNECTING = REQUESTS | {"send", "stream", "Client", "AsyncClient", "client", "resource", "connect"}
"""Functions of HTTP clients with an option `verify`; elsewhere it may mean anything."""
OF_REQUESTS = frozenset({"headers", "params", "json", "auth", "cert", "allow_redirects"})
"""Options beside `verify` by which a call is known as an HTTP request."""
CHOICE = re.compile(r"verif|insecure|tls|ssl|cert|skip", re.IGNORECASE)
"""Words of a setting that decides about verification."""
OPENERS = frozenset({"urllib.request.urlopen", "urllib2.urlopen"})
HTTPLIB2_TIMEOUT_POSITION = 2
"""Position of the timeout among the arguments of `httplib2.Http`, counted from 1."""
TIMEOUT_POSITION = 2
"""Position of the timeout among the arguments of `urlopen`."""
RATE_LIMIT_ERRORS = ("RateLimit", "TooManyRequests", "Throttl")


def http_no_timeout(module: Module) -> Iterator[ast.AST]:
    """Yield HTTP requests without a timeout: requests and urllib wait forever by default."""
    adapted = _mounts_timeouts(module)
    for call in module.calls(*REQUESTS, "urlopen"):
        package, _, function = module.name_of(call.func).rpartition(".")
        timeout = next((keyword.value for keyword in call.keywords if keyword.arg == "timeout"), None)
        if f"{package}.{function}" in OPENERS:
            waits = len(call.args) <= TIMEOUT_POSITION and timeout is None
        elif package in ("requests", "requests.api") or (not adapted and _is_session(module, call)):
            waits = timeout is None or _is_none(timeout)
        else:
            waits = package == "httpx" and timeout is not None and _is_none(timeout)
        if waits and not _may_unpack(module, call, "timeout") and not _is_local(module, call):
            yield call
    for call in module.calls("fetch_token", "refresh_token"):
        waits = _is_session(module, call) and "timeout" not in keywords(call)
        if waits and not adapted and not _may_unpack(module, call, "timeout"):
            yield call
    yield from _clients_without_timeout(module)


def _clients_without_timeout(module: Module) -> Iterator[ast.AST]:
    """Yield clients of httplib2 and httpx that are made without a timeout."""
    for call in module.calls("Http"):
        of_httplib2 = module.name_of(call.func) == "httplib2.Http"
        if of_httplib2 and len(call.args) < HTTPLIB2_TIMEOUT_POSITION and "timeout" not in keywords(call):
            yield call
    for call in module.calls("Client", "AsyncClient"):
        options = {keyword.arg: keyword.value for keyword in call.keywords}
        if module.name_of(call.func).startswith("httpx.") and _is_none(options.get("timeout")):
            yield call


def tls_verify_off(module: Module) -> Iterator[ast.AST]:
    """Yield code that switches off certificate verification: a man in the middle can read and change all."""
    for call in module.calls():
        name = last_name(call.func)
        if name.startswith("assert_") or name in NO_CONNECTION or name == "head":
            continue
        sends = name in CONNECTING or not keywords(call).isdisjoint(OF_REQUESTS)
        options = VERIFY_OPTIONS if sends else VERIFY_OPTIONS[1:]
        off = any(keyword.arg in options and _is_false(keyword.value) for keyword in call.keywords)
        off = off or (
            any(keyword.arg == "ssl" and _is_false(keyword.value) for keyword in call.keywords)
            and (name in {"TCPConnector", *REQUESTS} and module.imports_any("aiohttp"))
        )
        off = off or module.name_of(call.func) in UNVERIFIED_CONTEXTS
        if off and not _is_choice(module, call):
            yield call
    for assign in module.all(ast.Assign):
        for target in assign.targets:
            off = isinstance(target, ast.Attribute) and _switches_off(module, target, assign.value)
            if off and not _is_choice(module, assign):
                yield assign


def rate_retry_once(module: Module) -> Iterator[ast.AST]:
    """Yield one retry after a rate limit: it may be refused again, and all clients retry at the same time."""
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        if not any(name.startswith(RATE_LIMIT_ERRORS) for name in names) or module.loops_of(handler):
            continue
        block = next(module.parents(handler))
        functions = (
            {ast.dump(call.func) for call in calls_in(block.body)} if isinstance(block, ast.Try) else set()
        )
        repeated = [call for call in calls_in(handler.body) if ast.dump(call.func) in functions]
        if repeated and any(last_name(call.func) == "sleep" for call in calls_in(handler.body)):
            yield repeated[0]


def _is_choice(module: Module, node: ast.AST) -> bool:
    """Return True under a condition about verification: an operator has chosen, not the code."""
    for parent in module.parents(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if isinstance(parent, ast.If | ast.IfExp) and CHOICE.search(ast.unparse(parent.test)):
            return True
    return False


def _is_session(module: Module, call: ast.Call) -> bool:
    """Return True for a method of a session of requests or of a client built on it."""
    if not isinstance(call.func, ast.Attribute) or not module.imports_any(*SESSION_PACKAGES):
        return False
    return module.maker_of(call.func.value) in SESSIONS


def _may_unpack(module: Module, call: ast.Call, option: str) -> bool:
    """Return True if `**` may bring an option: it is no dictionary of the file, or one with this key."""
    for keyword in call.keywords:
        if keyword.arg is None:
            value = module.value_of(keyword.value)
            if not isinstance(value, ast.Dict) or None in value.keys:
                return True
            if any(isinstance(key, ast.Constant) and key.value == option for key in value.keys):
                return True
    return False


def _is_local(module: Module, call: ast.Call) -> bool:
    """Return True for a request to this machine, such as that of a health check."""
    expressions = [call, *(module.value_of(argument) for argument in call.args)]
    texts = (node.value for root in expressions for node in ast.walk(root) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and re.search(r"//(?:localhost|127\.0\.0\.1)\b", text) for text in texts)


def _mounts_timeouts(module: Module) -> bool:
    """Return True if an adapter or a subclass in the file gives sessions a timeout."""
    classes = module.all(ast.ClassDef)
    return any(
        "timeout" in last_name(call.args[1]).lower() for call in module.calls("mount") if call.args[1:]
    ) or any(
        last_name(base) in {"HTTPAdapter", "Session"} and "timeout" in ast.dump(owner)
        for owner in classes
        for base in owner.bases
    )


def _switches_off(module: Module, target: ast.Attribute, value: ast.expr) -> bool:
    if target.attr == "verify_mode":
        return module.name_of(value) == "ssl.CERT_NONE" and not _reads_certificate(module, target)
    name = last_name(target.value).lower()
    if name == "self" and target.attr == "verify":
        return _is_false(value) and _sends_own_verify(module, target)
    session = module.maker_of(target.value) in SESSIONS or "session" in name or name == "http"
    return target.attr in VERIFY_OPTIONS and session and _is_false(value)


def _sends_own_verify(module: Module, target: ast.Attribute) -> bool:
    """Return True if the class of `self.verify` makes requests with `verify=self.verify`."""
    owner = module.class_of(target)
    calls = calls_in([owner]) if owner else ()
    values = (keyword.value for call in calls for keyword in call.keywords if keyword.arg == "verify")
    return any(ast.unparse(value) == "self.verify" for value in values)


def _reads_certificate(module: Module, node: ast.AST) -> bool:
    """Return True if the function asks for the peer's certificate, and judges it itself."""
    return any(last_name(call.func) == "getpeercert" for call in calls_in([module.function_of(node)]))


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
