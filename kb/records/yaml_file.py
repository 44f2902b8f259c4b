"""YAML files of records and runbooks: read within limits, each problem as one line with the place."""

from pathlib import Path
from typing import Any, Final

from kb.parsers.characters import printable_name, unsafe_texts
from kb.parsers.malformed import Malformed
from kb.parsers.plain_file import read_plain_file
from kb.parsers.yaml_document import parse_yaml
from kb.records.errors import InvalidRecord

MAX_BYTES: Final = 1_000_000
ONE_LINE: Final = frozenset({"id", "title"})
"""Fields that are shown on one line."""


def read_yaml_file(path: Path) -> tuple[dict[str, Any], str]:
    """Return the mapping that a file consists of, and its text. Raises InvalidRecord."""
    text = read_text(path)
    try:
        data = parse_yaml(text)
    except Malformed as error:
        place = f"{path}:{error.line}" if error.line else str(path)
        raise InvalidRecord([f"{place}: not YAML: {error}"]) from None
    if not isinstance(data, dict):
        raise InvalidRecord([f"{path}: expected a mapping of fields, found {type(data).__name__}"])
    unsafe = [f"{path}: {'.'.join(at)}: {found}; remove it" for at, found in unsafe_texts(data, _has_lines)]
    if unsafe:
        raise InvalidRecord(unsafe)
    return {_name(path, key): value for key, value in data.items()}, text


def read_text(path: Path) -> str:
    """Return the text of a regular file in UTF-8. Raises InvalidRecord."""
    try:
        return read_plain_file(path, MAX_BYTES)[0].decode("utf-8")
    except OSError as error:
        raise InvalidRecord([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except UnicodeDecodeError as error:
        raise InvalidRecord([f"{path}: cannot be read: {error}"]) from None
    except Malformed as error:
        raise InvalidRecord([f"{path}: {error}; expected a YAML file"]) from None


def _name(path: Path, key: object) -> str:
    if isinstance(key, str):
        return key
    raise InvalidRecord(
        [f"{path}: {printable_name(str(key)):.60}: a field's name is a text; put it in quotes"]
    )


def _has_lines(at: tuple[str, ...]) -> bool:
    return not at or at[-1] not in ONE_LINE
