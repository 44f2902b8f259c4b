"""Line numbers of fields in YAML records."""

from collections.abc import Sequence
from functools import lru_cache

import yaml

from kb.parsers.malformed import Malformed
from kb.parsers.yaml_document import check_limits


def line_of(text: str, path: Sequence[int | str]) -> int:
    """Return the line, from 1, of the deepest existing part of a path of keys and positions, or 0.

    libyaml, which reads the records, accepts texts that this parser does not: their lines are not known.
    """
    node = _root(text)
    line = 0
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        line, node = child
    return line


@lru_cache(maxsize=1)
def _root(text: str) -> yaml.Node | None:
    """Return the document's node, None if it cannot be read. The last one is kept for further problems."""
    try:
        check_limits(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, Malformed):
        return None
    return root


def _child(node: yaml.Node | None, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None
