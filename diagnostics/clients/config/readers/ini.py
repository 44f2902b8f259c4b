"""Reader of ini and properties files: sections of `key = value`, as configparser and fileConfig read them.

`configparser` gives no lines and refuses keys before the first section, which properties files have.
"""

import re

from diagnostics.clients.config.readers.env import typed
from diagnostics.clients.config.tree import Document, Duplicate, Node, Texts, Unreadable

_SECTION = re.compile(r"\[([^\]]+)\]\s*(?:[#;].*)?")
_PAIR = re.compile(r"([^=:\s][^=:]*?)\s*[=:]\s*(.*)", re.DOTALL)
MAX_SECTIONS = 500


def read_ini(text: str) -> Document:
    """Parse a file. Raises Unreadable for a line that is neither a section nor a key with a value."""
    root = Texts()
    table = root
    key = ""
    duplicates: list[Duplicate] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;!":
            continue
        if section := _SECTION.fullmatch(stripped):
            table, key = _section(root, section[1].strip(), number), ""
        elif line[0].isspace() and key:
            table[key] = Node(f"{table[key].value}\n{stripped}", table[key].line)
        elif pair := _PAIR.fullmatch(stripped):
            key = pair[1].strip()
            if key in table:
                duplicates.append(Duplicate(key, table[key].line, number))
            table[key] = Node(typed(pair[2].strip()), number)
        else:
            raise Unreadable(f"line {number}: neither [section] nor key = value")
    return Document(root, tuple(duplicates))


def _section(root: Texts, name: str, line: int) -> Texts:
    if len(root) > MAX_SECTIONS:
        raise Unreadable(f"more than {MAX_SECTIONS} sections")
    known = root.get(name)
    if known is not None and isinstance(known.value, Texts):
        return known.value
    table = Texts()
    root[name] = Node(table, line)
    return table
