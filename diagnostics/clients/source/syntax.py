"""Syntax trees of Python, made by one thread at a time."""

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()
"""CPython counts the depth of the tree that it makes in one place for all threads, and another thread may get
its turn meanwhile: two trees at once end in a SystemError (python/cpython#106905, seen with 3.11.7)."""


def parsed(source: str | bytes) -> ast.Module:
    """The tree of a module. Raises SyntaxError, ValueError, RecursionError, MemoryError."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
