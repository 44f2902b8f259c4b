"""Commands that CI runners read from the output of a job: text from outside must not contain one.

Forms: `::set-env name=...` and its like at the beginning of a line (GitHub and Gitea Actions), `##[...]` (the
older form of GitHub), `##vso[...]` (Azure Pipelines) and `##teamcity[...]` anywhere in a line,
`section_start:...` (GitLab) and `travis_fold:...`.
"""

import re
from typing import Final

_MARKS: Final = ("##", "::", "section_", "travis_")
_HASH: Final = re.compile(r"#(?=#(?:[A-Za-z]{1,16})?\[)")
_LINE_BEGIN: Final = re.compile(r"(?:^|(?<=[\r\n]))([^\S\r\n]*):(?=:)")
_SECTION: Final = re.compile(r"\b(section)_(?=(?:start|end):)|\b(travis)_(?=(?:fold|time):)")


def defuse(text: str) -> str:
    """Return text with a space within each form that a runner takes for its command."""
    if not _may_contain(text):
        return text
    text = _SECTION.sub(lambda word: f"{word[1] or word[2]} _", _HASH.sub("# ", text))
    return _LINE_BEGIN.sub(r"\1: ", text)


def defuse_json(text: str) -> str:
    """Return a JSON document with escapes in such forms; its values are the same."""
    if not _may_contain(text):
        return text
    return _SECTION.sub(lambda word: f"{word[1] or word[2]}\\u005f", _HASH.sub(r"\\u0023", text))


def defuse_xml(text: str) -> str:
    """Return an XML document with character references in such forms; its text is the same."""
    if not _may_contain(text):
        return text
    text = _SECTION.sub(lambda word: f"{word[1] or word[2]}&#95;", _HASH.sub("&#35;", text))
    return _LINE_BEGIN.sub(r"\1&#58;", text)


def _may_contain(text: str) -> bool:
    return any(mark in text for mark in _MARKS)
