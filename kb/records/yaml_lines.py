"""The line on which a field of a YAML record stands."""

from collections.abc import Sequence

import yaml


def line_of(text: str, steps: Sequence[int | str]) -> int:
    """The line, from 1, of the deepest part of a path that exists in a YAML text; 0 where there is none."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 0
    for step in steps:
        found = _child(node, step)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None
