"""What no reader sees only makes pages heavy."""

import re

_PLAIN = re.compile(r'<span class="(?:w|n|p|nb|o)">([^<]*)</span>')
"""White space, names, punctuation, operators: a third of what a page of SQL weighs."""
_INDENT = re.compile(r"\n\s+")
_ARTICLE = re.compile(r"(<article.*</article>)", re.DOTALL)


def slim_code(html: str) -> str:
    """The content of a page without marks for what looks like plain text."""
    return _PLAIN.sub(r"\1", html).replace("<pre><span></span><code>", "<pre><code>")


def slim_frame(html: str) -> str:
    """A page without the indents of the theme around its content; in the content, white space may matter."""
    parts = _ARTICLE.split(html)
    return "".join(part if number % 2 else _INDENT.sub("\n", part) for number, part in enumerate(parts))
