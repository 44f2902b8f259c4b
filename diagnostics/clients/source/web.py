"""Rules about calling other services."""

import ast
from collections.abc import Iterator

from diagnostics.clients.source.asynchronous import REQUESTS
from diagnostics.clients.source.module import Module, calls_in, caught, keywords, last_name

OFF = ("verify", "ssl_verify", "verify_ssl", "tls_verify")
UNVERIFIED = frozenset({"ssl._create_unverified_context", "ssl._create_stdlib_context"})
TIMEOUT_PLACE = 2
"""Where `urlopen` takes its timeout without a name."""
LIMITS = ("RateLimit", "TooManyRequests", "Throttl")


def http_no_timeout(module: Module) -> Iterator[ast.AST]:
    """Both requests and urllib wait for ever unless they are told not to."""
    sessions = _sessions(module)
    for call in module.calls(*REQUESTS, "urlopen"):
        package, _, function = module.name_of(call.func).rpartition(".")
        opens = f"{package}.{function}" == "urllib.request.urlopen" and len(call.args) <= TIMEOUT_PLACE
        asks = function in REQUESTS and (package == "requests" or package in sessions)
        if (opens or asks) and keywords(call).isdisjoint({"timeout", "**"}):
            yield call


def tls_verify_off(module: Module) -> Iterator[ast.AST]:
    """Whoever sits between can read and change everything."""
    for call in module.calls():
        off = any(keyword.arg in OFF and _is_false(keyword.value) for keyword in call.keywords)
        if off or module.name_of(call.func) in UNVERIFIED:
            yield call
    for assign in module.all(ast.Assign):
        for target in assign.targets:
            if isinstance(target, ast.Attribute) and _switches_off(module, target.attr, assign.value):
                yield assign


def rate_retry_once(module: Module) -> Iterator[ast.AST]:
    """The second refusal is not expected, and everybody comes back in the same moment."""
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        if not any(name.startswith(LIMITS) for name in names) or module.loops_of(handler):
            continue
        block = next(module.parents(handler))
        asked = (
            {ast.dump(call.func) for call in calls_in(block.body)} if isinstance(block, ast.Try) else set()
        )
        again = [call for call in calls_in(handler.body) if ast.dump(call.func) in asked]
        if again and any(last_name(call.func) == "sleep" for call in calls_in(handler.body)):
            yield again[0]


def _sessions(module: Module) -> set[str]:
    """Names of sessions of requests."""
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
    return attribute in {"check_hostname", *OFF} and _is_false(value)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
