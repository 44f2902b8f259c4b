"""What no reader sees only makes pages heavy."""

import re

_PLAIN = re.compile(r'<span class="(?:w|n|p|nb|o|ow|sa|vm)">([^<]*)</span>')
"""White space, names, punctuation, operators: a third of what a page of SQL weighs."""
_KIND = re.compile(r'<span class="(?:(s[12bcis])|(k[dnprt])|(n[cen]))">')
"""Strings, keywords and names of many kinds; each family has one colour."""
_ALIKE = re.compile(r'<span class="(\w+)">[^<]*</span>(?:<span class="\1">[^<]*</span>)+')
_INDENT = re.compile(r"\n\s+")
_NAVIGATION = re.compile(r'(class="md-nav__link">\n)<span class="md-ellipsis">\n([^<]*)\n</span>')
_CELLS = re.compile(r"</t[dh]>\n(?:(?=<t[dh][ >])|</tr>\n(?=<tr>|</t))")
"""Ends that HTML leaves to the next beginning: a tenth of what a long table weighs."""
_ARTICLE = re.compile(r"(<article.*</article>)", re.DOTALL)


def slim_code(html: str) -> str:
    """The content of a page with one mark for each stretch of one colour, and none for plain text."""
    html = _PLAIN.sub(r"\1", html).replace("<pre><span></span><code>", "<pre><code>")
    return _ALIKE.sub(_joined, _KIND.sub(_family, html))


def _family(found: re.Match[str]) -> str:
    name = "s" if found[1] else "k" if found[2] else "nf"
    return f'<span class="{name}">'


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(f'</span><span class="{found[1]}">', "")


def slim_page(html: str) -> str:
    """A finished page with bare tables, and without the theme's indents where white space cannot matter.

    The search has read the content before: it takes words of two cells for one without what stands between.
    """
    parts = _ARTICLE.split(_CELLS.sub("", html).replace("<tr>\n<t", "<tr><t"))
    return "".join(part if number % 2 else _slim(part) for number, part in enumerate(parts))


def _slim(frame: str) -> str:
    return _NAVIGATION.sub(r"\1\2", _INDENT.sub("\n", frame))
