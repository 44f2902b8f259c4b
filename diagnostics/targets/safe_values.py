"""Keys and values of a target file that no setting may have: unsafe characters, and numbers without sense.

Names, URLs and paths of a target file are printed, so nothing of them may act on a terminal.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kb.parsers.characters import unsafe_character, unsafe_texts

MAX_NUMBER: Final = 1e9
MAX_NAME: Final = 200
"""Characters of a key."""
MULTI_LINE: Final = frozenset({"sql", "work_body"})
"""Keys of texts that may have lines."""
MULTI_LINE_TABLES: Final = frozenset({"commands", "command"})
"""Tables and lists of texts that may have lines."""
SECRETS: Final = frozenset({"secrets", "secret"})
"""Tables and keys of secrets; a literal one is never printed, and a probe judges its form."""


def unsafe_values(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line, with the key path, for each value and each key that a target file may not have."""
    for path, found in unsafe_texts(data, _may_have_lines):
        if not _is_literal_secret(path, data):
            yield f"{'.'.join(path)}: {found}; remove it"
    yield from _numbers(data, "")


def unsafe_text(text: str) -> str:
    """Return the problem of a text of the command line or the environment; empty if there is none."""
    return unsafe_character(text)


def _may_have_lines(path: tuple[str, ...]) -> bool:
    return path[-1] in MULTI_LINE or bool(MULTI_LINE_TABLES.intersection(path[:-1]))


def _is_literal_secret(path: tuple[str, ...], data: Mapping[str, Any]) -> bool:
    """Return True for the path of a text that is a secret itself, not a part of a reference to one."""
    value: Any = data
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return isinstance(value, str) and bool(SECRETS.intersection(path[-2:])) and not _in_reference(path)


def _in_reference(path: tuple[str, ...]) -> bool:
    """Return True for a part of a reference: `secrets.database.env`, `webhook.secret.file`."""
    return path[-2] == "secret" or (len(path) > 2 and path[-3] == "secrets")  # noqa: PLR2004


def _numbers(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if len(str(key)) > MAX_NAME:
                yield f"{path}: a name of more than {MAX_NAME} characters".removeprefix(": ")
            else:
                yield from _numbers(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item, path)
    elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        yield f"{path}: not a number between -{MAX_NUMBER:.0f} and {MAX_NUMBER:.0f}"
