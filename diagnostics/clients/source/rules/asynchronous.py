"""Rules for event loops."""

import ast
import re
from collections.abc import Callable, Iterator

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.tree import calls_in, last_name

BLOCKING = frozenset(
    {
        "time.sleep",
        "psycopg2.connect",
        "psycopg.connect",
        "smtplib.SMTP",
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
HTTP_METHODS = REQUESTS | {"send"}
SQL_METHODS = frozenset({"execute", "executemany", "commit", "rollback", "scalar", "scalars", "query"})
BLOCKING_OBJECTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("requests.Session", HTTP_METHODS),
    ("requests.session", HTTP_METHODS),
    ("httpx.Client", HTTP_METHODS),
    ("psycopg2.connect", SQL_METHODS),
    ("psycopg.connect", SQL_METHODS),
    ("sqlalchemy.create_engine", SQL_METHODS),
    ("sqlalchemy.orm.Session", SQL_METHODS),
    ("sqlalchemy.orm.session.Session", SQL_METHODS),
    ("sqlalchemy.orm.scoped_session", SQL_METHODS),
    ("boto3.client", frozenset()),
    ("boto3.resource", frozenset()),
    ("subprocess.Popen", frozenset({"wait", "communicate"})),
    ("smtplib.SMTP", frozenset({"sendmail", "send_message", "login", "starttls"})),
)
"""Objects by what makes them, with the methods that wait; empty for all methods."""
GIL_HOLDING = ("rsa.", "ecdsa.")
"""Packages that compute in Python and hold the interpreter's lock meanwhile."""
COMPUTING = re.compile(r"sign|verify|newkeys|generate|encrypt|decrypt")
"""Functions of them that compute; others read, convert or are errors."""
GIL_RELEASING = frozenset(
    {"hashlib.pbkdf2_hmac", "hashlib.scrypt", "bcrypt.hashpw", "bcrypt.checkpw", "bcrypt.kdf"}
)
MODULAR_POW_ARGUMENTS = 3
"""Arguments of `pow` with a modulus, as in signatures."""
MAX_CALL_DEPTH = 4
"""Levels of calls within the file that are followed."""


def blocking_call_in_async(module: Module) -> Iterator[ast.AST]:
    """Yield blocking calls in coroutines: they stop the event loop."""
    if _runs_one_task(module):
        return
    blocking = _leading_to(module, lambda call: _blocks(module, call))
    for call in _in_async(module):
        if isinstance(module.parent(call), ast.Await):
            continue
        if called_name(module, call) in blocking or _blocks(module, call):
            yield call


def cpu_in_async(module: Module) -> Iterator[ast.AST]:
    """Yield CPU-bound calls in coroutines: they stop the event loop."""
    if _runs_one_task(module):
        return
    heavy = _leading_to(module, lambda call: _computes(module, call, releasing=True))
    for call in _in_async(module):
        if called_name(module, call) in heavy or _computes(module, call, releasing=True):
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


def _runs_one_task(module: Module) -> bool:
    """Return True for a program that runs one task: nobody waits beside it."""
    if module.is_django_command():
        return True
    return "asyncio.run" in _called(module, "run") and (module.is_command() or module.runs_once())


def _in_async(module: Module) -> Iterator[ast.Call]:
    """Yield the calls that run in the event loop itself."""
    for function in module.all(ast.AsyncFunctionDef):
        yield from (call for call in calls_in(function.body) if module.function_of(call) is function)


def _leading_to(module: Module, matches: Callable[[ast.Call], bool]) -> set[str]:
    """Return the functions and methods of the file that make a matching call, directly or through others.

    A function has its name, a method `Class.method`.
    """
    calls = {
        _name_in(module, function): [
            call for call in calls_in(function.body) if module.function_of(call) is function
        ]
        for function in module.all(ast.FunctionDef)
    }
    for function in module.all(ast.AsyncFunctionDef):
        calls.pop(function.name, None)  # the name may mean either
    names = {name for name in calls if any(matches(call) for call in calls[name])}
    for _ in range(MAX_CALL_DEPTH if names else 0):
        names |= {name for name in calls if any(called_name(module, call) in names for call in calls[name])}
    return names


def _called(module: Module, name: str) -> set[str]:
    """Return the full names of the called functions with this last name."""
    return {module.name_of(call.func) for call in module.calls(name)}


def _name_in(module: Module, function: ast.FunctionDef) -> str:
    owner = next(module.parents(function))
    return f"{owner.name}.{function.name}" if isinstance(owner, ast.ClassDef) else function.name


def called_name(module: Module, call: ast.Call) -> str:
    """Return the name of a called function; `Class.method` for a call of `self.method()`."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=method):
            owner = module.class_of(call)
            return f"{owner.name}.{method}" if owner else method
    return module.name_of(call.func)


def _blocks(module: Module, call: ast.Call) -> bool:
    name = module.name_of(call.func)
    package, _, function = name.rpartition(".")
    if name in BLOCKING or (package in {"requests", "httpx"} and function in REQUESTS):
        return True
    if not isinstance(call.func, ast.Attribute) or isinstance(module.parent(call), ast.Await):
        return False
    maker = module.maker_of(call.func.value)
    if maker in BLOCKING and function_of(call) not in SQL_METHODS:
        return False  # its making is reported
    return bool(maker) and any(
        (maker.startswith(start) and function_of(call) in methods) or (maker == start and not methods)
        for start, methods in BLOCKING_OBJECTS
    )


def function_of(call: ast.Call) -> str:
    """Return the last part of the name of a called function."""
    return last_name(call.func)


def _computes(module: Module, call: ast.Call, *, releasing: bool) -> bool:
    name = module.name_of(call.func)
    modular = name == "pow" and len(call.args) == MODULAR_POW_ARGUMENTS
    held = name.startswith(GIL_HOLDING) and COMPUTING.search(name.rpartition(".")[2]) is not None
    return modular or held or (releasing and name in GIL_RELEASING)


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
