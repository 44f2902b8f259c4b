"""Fuzzed texts: scores in range, proven entries first, the same result each time, and no error."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.records.loader import load_entries
from kb.text.sanitize import clean

ENTRIES = load_entries()
INDEX = compile_index(ENTRIES.values())
REVERSED = compile_index(reversed([*ENTRIES.values()]))
"""Index of the same entries in reverse order."""
SAMPLES = sorted(
    {sample.text for entry in ENTRIES.values() for symptom in entry.symptoms for sample in symptom.samples}
)
LINES = st.sampled_from(sorted({line for text in SAMPLES for line in text.splitlines()}))
NAMES = st.sampled_from(
    sorted({name for entry in ENTRIES.values() for name in (entry.id, *entry.error_names)})
)
ODD = st.sampled_from(
    ["Traceback (most recent call last):", '  File "a.py", line 1, in b', "Caused by: ", "During handling of",
     "{", '{"message": "', '"}', "SQLSTATE: ", "40P01", "SSL: ", "HTTP/1.1 ", "429", "redis", "<host>",
     "\x1b[31m", "\u202e", "\ud800", "\0"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(),
    st.lists(st.one_of(LINES, NAMES, ODD, st.text(max_size=20)), max_size=12).map("\n".join),
    st.lists(st.one_of(LINES, NAMES, ODD), max_size=6).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_any_text_is_ranked_in_order_and_the_same_again(text: str) -> None:
    matches = match(clean(text), INDEX)

    assert all(0 <= found.score <= 1 for found in matches)
    assert [found.proves for found in matches] == sorted((found.proves for found in matches), reverse=True)
    assert len({found.entry for found in matches}) == len(matches)
    assert all(found.why and found.entry in ENTRIES for found in matches)
    assert match(clean(text), REVERSED) == matches


@settings(max_examples=60, deadline=None)
@given(sample=st.sampled_from(SAMPLES), noise=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_cleaning_a_text_twice_changes_no_match(sample: str, noise: str) -> None:
    once = clean(f"{noise}\n{sample}")

    assert match(clean(once.text), INDEX) == match(once, INDEX)
