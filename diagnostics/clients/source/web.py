"""Rules for HTTP and TLS clients."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.asynchronous import REQUESTS
from diagnostics.clients.source.module import Module, calls_in, caught, keywords, last_name

VERIFY_OPTIONS = ("verify", "ssl_verify", "verify_ssl", "tls_verify")
UNVERIFIED_CONTEXTS = frozenset({"ssl._create_unverified_context", "ssl._create_stdlib_context"})
TIMEOUT_POSITION = 2
"""Position of the timeout among the arguments of `urlopen`."""
RATE_LIMIT_ERRORS = ("RateLimit", "TooManyRequests", "Throttl")


def http_no_timeout(module: Module) -> Iterator[ast.AST]:
    """Yield HTTP requests without a timeout: requests and urllib wait forever by default."""
    sessions = _sessions(module)
    for call in module.calls(*REQUESTS, "urlopen"):
        package, _, function = module.name_of(call.func).rpartition(".")
        opens = f"{package}.{function}" == "urllib.request.urlopen" and len(call.args) <= TIMEOUT_POSITION
        requests = function in REQUESTS and (package == "requests" or package in sessions)
        if (opens or requests) and keywords(call).isdisjoint({"timeout", "**"}):
            yield call


def tls_verify_off(module: Module) -> Iterator[ast.AST]:
    """Yield code that switches off certificate verification: a man in the middle can read and change all."""
    for call in module.calls():
        off = any(keyword.arg in VERIFY_OPTIONS and _is_false(keyword.value) for keyword in call.keywords)
        if off or module.name_of(call.func) in UNVERIFIED_CONTEXTS:
            yield call
    for assign in module.all(ast.Assign):
        for target in assign.targets:
            if isinstance(target, ast.Attribute) and _switches_off(module, target.attr, assign.value):
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


def _sessions(module: Module) -> set[str]:
    """Return the names that a session of requests is assigned to."""
    return {
        module.name_of(target)
        for assign in module.all(ast.Assign)
        if isinstance(assign.value, ast.Call)
        and module.name_of(assign.value.func) in {"requests.Session", "requests.session"}
        for target in assign.targets
    }


def _switches_off(module: Module, attribute: str, value: ast.expr) -> bool:
    if attribute == "verify_mode":
        return module.name_of(value) == "ssl.CERT_NONE"
    return attribute in {"check_hostname", *VERIFY_OPTIONS} and _is_false(value)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
