"""Rules for event loops."""

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
GIL_HOLDING = ("rsa.", "ecdsa.", "jose.")
"""Packages that compute in Python and hold the interpreter's lock meanwhile."""
GIL_RELEASING = frozenset(
    {"hashlib.pbkdf2_hmac", "hashlib.scrypt", "bcrypt.hashpw", "bcrypt.checkpw", "bcrypt.kdf"}
)
MODULAR_POW_ARGUMENTS = 3
"""Arguments of `pow` with a modulus, as in signatures."""
MAX_CALL_DEPTH = 4
"""Levels of calls within the file that are followed."""


def blocking_call_in_async(module: Module) -> Iterator[ast.AST]:
    """Yield blocking calls in coroutines: they stop the event loop."""
    blocking = _leading_to(module, lambda call: _blocks(module, call))
    for call in _in_async(module):
        if module.name_of(call.func) in blocking or _blocks(module, call):
            yield call


def cpu_in_async(module: Module) -> Iterator[ast.AST]:
    """Yield CPU-bound calls in coroutines: they stop the event loop."""
    heavy = _leading_to(module, lambda call: _computes(module, call, releasing=True))
    for call in _in_async(module):
        if last_name(call.func) in heavy & {module.name_of(call.func)} or _computes(
            module, call, releasing=True
        ):
            yield call


def executor_holds_gil(module: Module) -> Iterator[ast.AST]:
    """Yield thread offloads of functions that hold the interpreter's lock, which the event loop needs."""
    heavy = _leading_to(module, lambda call: _computes(module, call, releasing=False))
    threads = _thread_pools(module)
    for call in module.calls("run_in_executor", "to_thread"):
        position = 0 if last_name(call.func) == "to_thread" else 1
        if len(call.args) <= position or (position and not _is_threads(call.args[0], threads)):
            continue
        name = module.name_of(call.args[position])
        if name in heavy or name.startswith(GIL_HOLDING):
            yield call


def _in_async(module: Module) -> Iterator[ast.Call]:
    """Yield the calls that run in the event loop itself."""
    for function in module.all(ast.AsyncFunctionDef):
        yield from (call for call in calls_in(function.body) if module.function_of(call) is function)


def _leading_to(module: Module, matches: Callable[[ast.Call], bool]) -> set[str]:
    """Return the functions of the file that make a matching call, directly or through each other."""
    functions = (node for node in module.tree.body if isinstance(node, ast.FunctionDef))
    calls = {function.name: list(calls_in(function.body)) for function in functions}
    names = {name for name in calls if any(matches(call) for call in calls[name])}
    for _ in range(MAX_CALL_DEPTH):
        names |= {name for name in calls if any(module.name_of(call.func) in names for call in calls[name])}
    return names


def _blocks(module: Module, call: ast.Call) -> bool:
    package, _, function = module.name_of(call.func).rpartition(".")
    return f"{package}.{function}" in BLOCKING or (package == "requests" and function in REQUESTS)


def _computes(module: Module, call: ast.Call, *, releasing: bool) -> bool:
    name = module.name_of(call.func)
    modular = name == "pow" and len(call.args) == MODULAR_POW_ARGUMENTS
    return modular or name.startswith(GIL_HOLDING) or (releasing and name in GIL_RELEASING)


def _thread_pools(module: Module) -> set[str]:
    """Return the names that a ThreadPoolExecutor is assigned to."""
    names: set[str] = set()
    for assign in module.all(ast.Assign):
        if _is_thread_pool(assign.value):
            names |= {last_name(target) for target in assign.targets}
    for item in module.all(ast.withitem):
        if _is_thread_pool(item.context_expr) and item.optional_vars:
            names.add(last_name(item.optional_vars))
    return names


def _is_thread_pool(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Call) and last_name(expression.func) == "ThreadPoolExecutor"


def _is_threads(pool: ast.expr, threads: set[str]) -> bool:
    """Return True for a pool of threads; None stands for the event loop's own pool, which is one."""
    return (isinstance(pool, ast.Constant) and pool.value is None) or last_name(pool) in threads
