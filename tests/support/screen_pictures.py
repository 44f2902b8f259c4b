"""Pictures of the screen: what Textual exports, without what varies, and a reading that can be compared."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from tui.app import DoctorApp

NEEDLESS: Final = (
    re.compile(r"\s*@font-face \{.*?\}", re.DOTALL),
    re.compile(r"\s*<!-- .*? -->"),
    re.compile(r"<clipPath.*?</clipPath>\s*", re.DOTALL),
    re.compile(r' clip-path="[^"]*"'),
    re.compile(r'<text class="\S+-title".*?</text>', re.DOTALL),
    re.compile(r'<g transform="translate\(26,22\)">.*?</g>', re.DOTALL),
    re.compile(r"<text [^>]*>\s*</text>"),
)
"""Fonts from elsewhere, the frame of a window with its coloured buttons, texts of nothing."""
STYLES: Final = re.compile(r"\.terminal-(r\d+) \{ (.*?) \}")
TEXTS: Final = re.compile(
    r'<text class="terminal-(r\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', re.DOTALL
)
RECTS: Final = re.compile(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
COLOURS: Final = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})\b")


def picture(app: DoctorApp) -> str:
    """The screen as SVG that a browser shows; the same screen gives the same text."""
    svg = re.sub(r"terminal-\d+-", "terminal-", app.export_screenshot(title=""))
    for needless in NEEDLESS:
        svg = needless.sub("", svg)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


def painted(svg: str) -> list[str]:
    """What is painted and how, from top to bottom: row, column, style and text; and what is behind it."""
    return [told for _, told in sorted(_painted(svg))]


def _painted(svg: str) -> Iterator[tuple[tuple[float, float], str]]:
    styles = dict(STYLES.findall(svg))
    for name, x, y, text in TEXTS.findall(svg):
        yield (float(y), float(x)), f"{_row(y)} {_column(x)}  {styles[name]}  {unescape(text)}"
    for colour, x, y, width in RECTS.findall(svg):
        place = float(y), float(x)
        yield place, f"{_row(y)} {_column(x)}  ground {colour}  {_column(width)} wide"


def _row(y: str) -> str:
    return f"{int(float(y) / 24.4):>2}"


def _column(x: str) -> str:
    return f"{round(float(x) / 12.2):>3}"


def coloured(svg: str) -> list[str]:
    """The colours of what is painted that are no greys."""
    shades = [shade for line in painted(svg) for shade in COLOURS.finditer(line)]
    return sorted({shade[0] for shade in shades if len({part.lower() for part in shade.groups()}) > 1})
