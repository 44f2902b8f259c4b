"""Parser of Python that runs in one thread at a time."""

import ast
import threading

_LOCK = threading.Lock()
"""CPython keeps the recursion depth of the parser in one place for all threads, so two threads that parse at
the same time can raise a SystemError (python/cpython#106905, seen with 3.11.7)."""


def parse(source: str | bytes) -> ast.Module:
    """Return the syntax tree of a module. Raises SyntaxError, ValueError, RecursionError, MemoryError."""
    with _LOCK:
        return ast.parse(source)
