"""Templates match literal words in order, with any text in the holes."""

from hypothesis import given
from hypothesis import strategies as st

from kb.matching.templates import MAX_HOLE, Hit, find, fold, split

REFUSED = "connection to server at <host> port <port> failed: Connection refused"


def hit(template: str, text: str) -> Hit | None:
    return find(*split(template), fold(text))


def test_holes_are_captured_without_their_quotes() -> None:
    found = hit(
        REFUSED, 'x: connection to server at "db.internal" (10.0.0.1), port 5432 failed: Connection refused'
    )

    assert found is not None
    assert found.holes == {"host": "db.internal", "port": "5432"}


def test_case_spaces_and_typographic_quotes_do_not_matter() -> None:
    assert hit('database "<name>" does not exist', "FATAL:  Database  “tx”\tdoes not\u00a0exist")
    assert hit('user "<role>"', 'for user \\"app\\" in a JSON string')


def test_words_may_stand_on_two_lines_but_a_hole_may_not() -> None:
    assert hit("refused Is the server running", "Connection refused\n\tIs the server running on that host")
    assert hit("role <role> is not permitted", "role x\ny is not permitted") is None


def test_a_blank_line_parts_what_is_not_one_sentence() -> None:
    assert hit("deadlock detected", "deadlock\n\ndetected") is None


def test_a_word_is_found_only_as_a_whole() -> None:
    assert hit("deadlock detected", "undeadlock detected") is None
    assert hit("deadlock detected", "deadlock detectedly") is None


def test_a_hole_is_short() -> None:
    assert hit("role <role> is gone", f"role {'x' * (MAX_HOLE + 1)} is gone") is None


def test_a_later_place_is_found_when_the_first_one_fails() -> None:
    found = hit("role <role> is gone", f"role {'x' * 200}\nrole app is gone")

    assert found is not None
    assert found.holes == {"role": "app"}


def test_what_was_raised_is_told_and_not_the_code_that_raises_it() -> None:
    traceback = '    raise Error(f"currency: {code} is unknown")\nclearpay.Error: currency: HRK is unknown'

    found = hit("currency: <code> is unknown", traceback)
    alone = hit("currency: <code> is unknown", traceback.partition("\n")[0])

    assert found is not None
    assert found.holes == {"code": "HRK"}
    assert alone is not None


def test_a_hole_at_the_end_holds_one_word() -> None:
    found = hit("failed for user <role>", 'failed for user "app user", then more')

    assert found is not None
    assert found.holes == {"role": "app user"}


@given(st.text(), st.lists(st.text(alphabet=st.characters(exclude_characters="<>"), min_size=1), min_size=1))
def test_any_template_meets_any_text(text: str, parts: list[str]) -> None:
    find(*split("<hole>".join(parts)), fold(text))


@given(st.text())
def test_folding_keeps_every_character_at_its_place(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.lower)
    assert len(folded.starts) == text.count("\n") + 1
