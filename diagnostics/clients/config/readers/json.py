"""Configuration in JSON (RFC 8259), with the line of every key and the keys that stand twice."""

import json
import re
from collections.abc import Iterator

from diagnostics.clients.config.tree import Document, Duplicate, Node, Table, Unreadable

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


def read_json(text: str) -> Document:
    """Read a document whose top is an object. Raises Unreadable, RecursionError."""
    try:
        top = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(top, dict):
        raise Unreadable("not a JSON object at the top")
    reader = _Reader(text)
    node = reader.node(*reader.next())
    root = node.value if isinstance(node.value, dict) else {}
    return Document(root, tuple(reader.duplicates))


class _Reader:
    """Walks the tokens of a text that the parser has already accepted."""

    def __init__(self, text: str) -> None:
        self.duplicates: list[Duplicate] = []
        self._tokens = self._numbered(text)

    def next(self) -> tuple[str, int]:
        """The next token and its line."""
        return next(self._tokens)

    def node(self, token: str, line: int) -> Node:
        """The value that begins with a token."""
        if token == "{":  # noqa: S105  a brace, no secret
            return Node(self._object(), line)
        if token == "[":  # noqa: S105
            return Node(self._array(), line)
        return Node(json.loads(token), line)

    def _object(self) -> Table:
        table: Table = {}
        while (token := self.next())[0] != "}":
            if token[0] == ",":
                continue
            key, line = json.loads(token[0]), token[1]
            self.next()  # the colon
            if key in table:
                self.duplicates.append(Duplicate(key, table[key].line, line))
            table[key] = Node(self.node(*self.next()).value, line)
        return table

    def _array(self) -> list[Node]:
        found: list[Node] = []
        while (token := self.next())[0] != "]":
            if token[0] != ",":
                found.append(self.node(*token))
        return found

    @staticmethod
    def _numbered(text: str) -> Iterator[tuple[str, int]]:
        line = 1
        for match in _TOKEN.finditer(text):
            if match[0] == "\n":
                line += 1
            else:
                yield match[0], line
