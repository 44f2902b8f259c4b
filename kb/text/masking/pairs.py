"""Values whose name stands in a field or an element of its own, as in `name: DB_PASSWORD` and `value: x`."""

from typing import Final

from kb.text.masking.keyed import hide_values
from kb.text.masking.marks import MARK, Marks
from kb.text.masking.names import find_pairs
from kb.text.masking.shapes import KEYWORD, Shape, rule_of

_VARIABLE: Final = (
    rf"variable \"\w{{0,60}}?{KEYWORD}\d{{0,3}}\" \{{[^{{}}]{{0,200}}?default\s{{0,20}}=\s{{0,20}}\""
    rf"(?P<s>[^\"\n]{{1,400}})"
)
_VALUE_FIRST: Final = (
    rf"value(?:\\?[\"'])?[ \t]{{0,4}}[:=][ \t]{{0,4}}\\?[\"'](?P<s>[^\"'\\\n]{{1,400}})\\?[\"'][\s,;]{{1,20}}"
    rf"(?:\\?[\"'])?(?:name|key|label|id|field)(?:\\?[\"'])?[ \t]{{0,4}}[:=][ \t]{{0,4}}\\?[\"']"
    rf"[\w.:/-]{{0,60}}?{KEYWORD}\d{{0,3}}\\?[\"']"
)
_VALUE_ELEMENT: Final = (
    rf"(?:<value>|{MARK})(?P<s>[^<>\n]{{1,400}})</value>\s{{0,20}}<(?:name|key)>"
    rf"[\w.:/-]{{0,60}}?{KEYWORD}\d{{0,3}}<"
)
_NAMED_ELEMENT: Final = (
    rf"(?:<|&lt;)[\w:.-]{{1,40}}[ \t][^<>\n]{{0,120}}?(?:name|key|id)=(?:\\{{0,3}}[\"']|&quot;|&#x27;)"
    rf"[\w.:/-]{{0,60}}?"
    rf"(?:{KEYWORD}|pass)\d{{0,3}}(?:\\{{0,3}}[\"']|&quot;|&#x27;)[^<>\n&]{{0,120}}(?:>|&gt;)(?P<s>"
    rf"[^<>&\n]{{1,400}})(?:<|&lt;)"
)
_KEY_ELEMENT: Final = (
    rf"<key>[\w.:/-]{{0,60}}?{KEYWORD}\d{{0,3}}</key>\s{{0,20}}<string>(?P<s>[^<>\n]{{1,400}})<"
)
_FORM_FIELD: Final = (
    rf"form-data; ?name=[\"'][\w.-]{{0,60}}?(?:{KEYWORD}|pass)\d{{0,3}}[\"'](?:\r?\n|\\r\\n){{2}}(?P<s>"
    rf"[^\r\n\\]{{1,400}})"
)

ELEMENTS: Final[tuple[Shape, ...]] = (
    Shape(("variable",), "secret", f"(?i){_VARIABLE}", checked=True),
    Shape(("value",), "secret", f"(?i){_VALUE_FIRST}", checked=True),
    Shape(("</value>",), "secret", f"(?i){_VALUE_ELEMENT}", checked=True),
    Shape(("<", "&lt;"), "secret", f"(?i){_NAMED_ELEMENT}", checked=True),
    Shape(("</key>",), "secret", f"(?i){_KEY_ELEMENT}", checked=True),
    Shape(("form-data",), "secret", f"(?i){_FORM_FIELD}", checked=True),
)
"""Forms in which a name and its value stand in two elements."""
_RULES: Final = tuple(rule_of(shape) for shape in ELEMENTS)


def hide_pairs(marks: Marks, text: str) -> str:
    """Mask values whose name stands in a field or an element of its own."""
    text = hide_values(marks, text, find_pairs(text))
    lowered = text.lower()
    for hints, rule in _RULES:
        if any(hint in lowered for hint in hints):
            text = rule(marks, text)
    return text
