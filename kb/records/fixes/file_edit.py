"""Changes of a Python file, written in a record as data and carried out by a generated program.

The program is shown for copying, so it uses only the standard library. It replaces literals by the positions
in the syntax tree: comments and strings stay, a computed value is named and left as it is, and nothing is
written unless the file parses before and after. The patch file that it writes undoes this change alone.
"""

from collections.abc import Mapping
from typing import Any, Final

RULES: Final[Mapping[str, str]] = {
    "equal": "old == new",
    "at_most": "type(old) in (int, float) and old <= new",
    "positive": "type(old) in (int, float) and 0 < old <= new",
}
"""Condition under which a value stays, by the rule of an edit."""
_HEAD: Final = """\
import ast
import difflib
from pathlib import Path

path = Path(<{file}>)
"""
_READ: Final = """\
text = path.read_bytes().decode("utf-8")
if path.suffix != ".py":
    raise SystemExit(f"{{path}}: not Python, nothing was changed; write by hand: {advice}")
edits, by_hand, computed = [], [], []
"""
_VALUES: Final = """\
found = []
for node in ast.walk(ast.parse(text)):
    pairs = []
    if isinstance(node, ast.Dict):
        pairs = [(getattr(key, "value", None), item) for key, item in zip(node.keys, node.values)]
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
        targets = getattr(node, "targets", None) or [node.target]
        pairs = [(getattr(target, "id", None), node.value) for target in targets]
    elif isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    found += [(name, item) for name, item in pairs if name in values]
for name, item in found:
    new, at = values[name], f"line {item.lineno}: {name}"
    try:
        old = ast.literal_eval(item)
    except (TypeError, ValueError):
        computed.append(f"{at} is computed; change its source so that it gives {new!r}")
        continue
    if RULE:
        continue
    if item.lineno != item.end_lineno or [key for key, _ in found].count(name) > 1:
        by_hand.append(f"{at} is one of several; write {new!r} if it is the one in use")
        continue
    edits.append((item.lineno - 1, item.col_offset, item.end_col_offset, repr(new)))
for names in required:
    if not {name for name, _ in found} & set(names):
        by_hand.append(f'add "{names[0]}": {values[names[0]]!r}')
"""
_INSERT: Final = """\
keys = [key for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict) for key in node.keys]
anchors = [key for key in keys if getattr(key, "value", None) == beside]
if not found and len(anchors) == 1:
    at, by_hand = anchors[0], []
    new = "".join(f'"{name}": {value!r}, ' for name, value in values.items())
    edits.append((at.lineno - 1, at.col_offset, at.col_offset, new))
"""
_IMPORT: Final = """\
for node in ast.parse(text).body:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if module in names:
        edits = []
        break
    if module.partition(".")[0] in names and not edits:
        edits.append((node.lineno - 1, 0, 0, f"import {module}\\n"))
"""
_WRITE: Final = """\
if by_hand or not edits:
    raise SystemExit("\\n".join([f"{path}: nothing was changed", *computed, *by_hand]))
rows = text.encode("utf-8").splitlines(keepends=True)
for row, start, end, new in sorted(edits, reverse=True):
    rows[row] = rows[row][:start] + new.encode("utf-8") + rows[row][end:]
after = b"".join(rows).decode("utf-8")
ast.parse(after)
before_and_after = text.removesuffix("\\n").split("\\n"), after.removesuffix("\\n").split("\\n")
copy, patch = Path(f"{path}.before-{name_of_edit}"), Path(f"{path}.{name_of_edit}.patch")
for file, content in (
    (copy, text),
    (patch, "\\n".join(difflib.unified_diff(*before_and_after, path.name, path.name, lineterm="")) + "\\n"),
):
    file.touch(mode=0o600)
    file.write_bytes(content.encode("utf-8"))
path.write_bytes(after.encode("utf-8"))
print("\\n".join(difflib.unified_diff(*before_and_after, str(copy), str(path), lineterm="", n=0)))
if computed:
    print("\\n".join(["not changed, unless it is within the limit already:", *computed]))
"""


def with_programs(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a record with code and undo of each step that is written as an edit.

    Data that is not of a record's form stays as it is; validation reports it.
    """
    causes = data.get("causes")
    return (
        {**data, "causes": [_with_programs(cause) for cause in causes]} if isinstance(causes, list) else data
    )


def _with_programs(cause: Any) -> Any:
    if not isinstance(cause, dict) or not isinstance(cause.get("fix"), list):
        return cause
    name = str(cause.get("finding", "")).replace(".", "-").replace("_", "-")
    return {**cause, "fix": [_with_program(step, name) for step in cause["fix"]]}


def _with_program(step: Any, name: str) -> Any:
    edit = step.get("edit") if isinstance(step, dict) else None
    if not isinstance(edit, dict):
        return step
    file = str(edit.get("file", ""))
    undo = f"`patch -R <{file}> <{file}>.{name}.patch` puts back these lines and no others; then restart."
    return {"code": program(edit, name), "undo": undo, **step}


def program(edit: Mapping[str, Any], name: str) -> str:
    """Return the program of an edit; `name` is part of the names of the copy and the patch file."""
    head = _HEAD.format(file=edit.get("file", ""))
    if module := edit.get("module", ""):
        settings = f"module, name_of_edit = {module!r}, {name!r}\n"
        return head + settings + _READ.format(advice="import {module}") + _IMPORT + _WRITE
    required, optional = _table(edit, "values"), _table(edit, "values_if_present")
    alternatives = [tuple(key.split("|")) for key in required]
    values = {key: value for names, value in required.items() for key in names.split("|")} | optional
    beside = edit.get("beside", "")
    settings = f"values, required = {values!r}, {alternatives!r}\nname_of_edit = {name!r}\n"
    settings += f"beside = {beside!r}\n" if beside else ""
    rule = RULES.get(str(edit.get("rule", "equal")), RULES["equal"])
    change = _VALUES.replace("RULE", rule) + (_INSERT if beside else "")
    return head + settings + _READ.format(advice="{values}") + change + _WRITE


def _table(edit: Mapping[str, Any], field: str) -> dict[str, Any]:
    table = edit.get(field)
    return {str(key): value for key, value in table.items()} if isinstance(table, Mapping) else {}
