"""Parser of Python that runs in one thread at a time, and reads some syntax of newer versions."""

import ast
import threading
from contextlib import suppress

from diagnostics.clients.source.newer_syntax import rewritten

_LOCK = threading.Lock()
"""CPython keeps the recursion depth of the parser in one place for all threads, so two threads that parse at
the same time can raise a SystemError (python/cpython#106905, seen with 3.11.7)."""


def parse(source: str | bytes) -> ast.Module:
    """Return the syntax tree of a module, which may be of a newer Python as far as it can be rewritten.

    Raises SyntaxError, ValueError, RecursionError, MemoryError.
    """
    try:
        return _parse(source)
    except SyntaxError:
        text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
        older = rewritten(text)
        if older == text:
            raise
        with suppress(SyntaxError):
            return _parse(older)
        raise


def _parse(source: str | bytes) -> ast.Module:
    with _LOCK:
        return ast.parse(source)
