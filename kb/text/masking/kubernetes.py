"""Data of Kubernetes Secrets in YAML and JSON: each value is a secret, whatever its name."""

import re
from typing import Final

from kb.text.masking.marks import Marks

_KIND: Final = r"""(?m)(?:^|[\s"'`(|>-])kind:[ \t]*["']?Secret["']?[ \t]*$"""
_DATA: Final = r"""(?:^|[\s"'`(|>-])((?:data|stringData):[ \t]*(\{[^\n]*\})?[ \t]*$)"""
_ITEM: Final = r"""["']?[\w.-]{1,253}["']?:[ \t]*(?:[|>][+-]?[ \t]*)?(.*)"""
_FLOW_VALUE: Final = r"""(:[ \t]*["']?)([^\s"',{}]{1,2000})"""
_JSON_KIND: Final = r'\\{0,7}"kind\\{0,7}"[ \t]{0,4}:[ \t]{0,4}\\{0,7}"Secret\\{0,7}"'
_JSON_DATA: Final = r'"(?:data|stringData)\\{0,7}"\s{0,20}:\s{0,20}\{([^{}]*)\}'
_JSON_VALUE: Final = r'(:\s{0,20}\\{0,7}")((?:[^"\\]|\\[^"])*)'
_DOCUMENT: Final = r"(?m)(^---[^\n]*$)"
NAME: Final = "secret"


def hide_kubernetes_data(marks: Marks, text: str) -> str:
    """Mask the values below `data` and `stringData` of every document with `kind: Secret`."""
    if re.search(_KIND, text):
        parts = re.split(_DOCUMENT, text)
        text = "".join(_hide_yaml(marks, part) if re.search(_KIND, part) else part for part in parts)
    if re.search(_JSON_KIND, text):
        text = re.sub(_JSON_DATA, lambda data: _hide_values(marks, data[0], _JSON_VALUE), text)
    return text


def _hide_yaml(marks: Marks, document: str) -> str:
    """Mask the lines that are further to the right than `data:`, also behind the prefixes of a log."""
    out = []
    column = -1
    for line in document.split("\n"):
        if column >= 0 and line.strip() and not line[column : column + 1].isspace():
            column = -1
        data = re.search(_DATA, line) if column < 0 else None
        if data:
            column = data.start(1)
            line = line[:column] + _hide_values(marks, line[column:], _FLOW_VALUE) if data[2] else line  # noqa: PLW2901
        elif column >= 0 and line.strip():
            words = line[column:].lstrip()
            line = line[: len(line) - len(words)] + _hide_line(marks, words)  # noqa: PLW2901
        out.append(line)
    return "\n".join(out)


def _hide_line(marks: Marks, words: str) -> str:
    """Return a line below `data` with its value masked; a line of a block is a value as a whole."""
    item = re.fullmatch(_ITEM, words)
    if not item:
        return marks.hide(words, NAME)
    value = item[1].strip()
    return words[: item.start(1)] + marks.hide(value, NAME)


def _hide_values(marks: Marks, text: str, pattern: str) -> str:
    return re.sub(pattern, lambda match: match[1] + marks.hide(match[2], NAME), text)
