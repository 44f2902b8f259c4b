"""Rules about event loops."""

import ast
from collections.abc import Callable, Iterator

from diagnostics.clients.source.module import Module, calls_in, last_name

BLOCKING = frozenset(
    {
        "time.sleep",
        "psycopg2.connect",
        "urllib.request.urlopen",
        "os.system",
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "socket.create_connection",
        "socket.getaddrinfo",
        "socket.gethostbyname",
    }
)
REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
HOLDING = ("rsa.", "ecdsa.", "jose.")
"""Packages that compute in Python: the interpreter's lock is theirs meanwhile."""
RELEASING = frozenset(
    {"hashlib.pbkdf2_hmac", "hashlib.scrypt", "bcrypt.hashpw", "bcrypt.checkpw", "bcrypt.kdf"}
)
MODULAR = 3
"""Arguments of `pow` where it computes a power modulo a number, as signatures do."""
LEVELS = 4
"""Calls of functions of the file that are followed."""


def blocking_call_in_async(module: Module) -> Iterator[ast.AST]:
    """The loop waits too, and with it everybody."""
    through = _leading_to(module, lambda call: _blocks(module, call))
    for call in _in_async(module):
        if module.name_of(call.func) in through or _blocks(module, call):
            yield call


def cpu_in_async(module: Module) -> Iterator[ast.AST]:
    """The loop computes, and everybody waits."""
    heavy = _leading_to(module, lambda call: _computes(module, call, releasing=True))
    for call in _in_async(module):
        if last_name(call.func) in heavy & {module.name_of(call.func)} or _computes(
            module, call, releasing=True
        ):
            yield call


def executor_holds_gil(module: Module) -> Iterator[ast.AST]:
    """Threads that compute in Python hold the interpreter's lock, which the loop needs."""
    heavy = _leading_to(module, lambda call: _computes(module, call, releasing=False))
    threads = _thread_pools(module)
    for call in module.calls("run_in_executor", "to_thread"):
        place = 0 if last_name(call.func) == "to_thread" else 1
        if len(call.args) <= place or (place and not _is_threads(call.args[0], threads)):
            continue
        name = module.name_of(call.args[place])
        if name in heavy or name.startswith(HOLDING):
            yield call


def _in_async(module: Module) -> Iterator[ast.Call]:
    """Calls that the loop itself makes."""
    for function in module.all(ast.AsyncFunctionDef):
        yield from (call for call in calls_in(function.body) if module.function_of(call) is function)


def _leading_to(module: Module, does: Callable[[ast.Call], bool]) -> set[str]:
    """Functions of the file that do something, by themselves or through another of them."""
    bodies = {one.name: one for one in module.tree.body if isinstance(one, ast.FunctionDef)}
    calls = {name: list(calls_in(body.body)) for name, body in bodies.items()}
    found = {name for name in bodies if any(does(call) for call in calls[name])}
    for _ in range(LEVELS):
        found |= {name for name in bodies if any(module.name_of(call.func) in found for call in calls[name])}
    return found


def _blocks(module: Module, call: ast.Call) -> bool:
    package, _, function = module.name_of(call.func).rpartition(".")
    return f"{package}.{function}" in BLOCKING or (package == "requests" and function in REQUESTS)


def _computes(module: Module, call: ast.Call, *, releasing: bool) -> bool:
    name = module.name_of(call.func)
    modular = name == "pow" and len(call.args) == MODULAR
    return modular or name.startswith(HOLDING) or (releasing and name in RELEASING)


def _thread_pools(module: Module) -> set[str]:
    """Names of pools of threads."""
    found: set[str] = set()
    for assign in module.all(ast.Assign):
        if isinstance(assign.value, ast.Call) and last_name(assign.value.func) == "ThreadPoolExecutor":
            found |= {last_name(target) for target in assign.targets}
    for item in module.all(ast.withitem):
        made = item.context_expr
        if isinstance(made, ast.Call) and last_name(made.func) == "ThreadPoolExecutor" and item.optional_vars:
            found.add(last_name(item.optional_vars))
    return found


def _is_threads(pool: ast.expr, threads: set[str]) -> bool:
    """None means the loop's own pool, which is one of threads."""
    return (isinstance(pool, ast.Constant) and pool.value is None) or last_name(pool) in threads
