"""Line breaking: sentences are filled, lists and commands keep their lines."""

from kb.text.wrapping import wrap_lines


def test_a_sentence_that_the_records_width_broke_is_whole_again() -> None:
    first = "1. Name the columns, and add ON CONFLICT DO NOTHING with a key of the row, so that a batch"
    rest = "that broke off can be sent again."

    assert wrap_lines(f"{first}\n   {rest}", 200, "") == [f"{first} {rest}"]


def test_a_command_below_its_step_keeps_its_line() -> None:
    text = "2. Above any line that rejects, add one line with the network of the app:\n   hostssl all all"

    assert wrap_lines(text, 200, "  ") == [f"  {line}" for line in text.splitlines()]


def test_a_sentence_after_a_list_begins_a_line() -> None:
    text = f"1. {'word ' * 17}end.\nIt ends here, whatever the width of the item above was in the record."

    assert wrap_lines(text, 200, "")[1].startswith("It ends here")


def test_the_lines_of_a_message_stay_as_they_are() -> None:
    first = "TLS connections to api.example.com, port 443, fail: the certificate has expired at 02:00 today."
    text = f"{first}\nevidence: not after 2026-11-29"

    assert wrap_lines(text, 200, "") == [f"{first} evidence: not after 2026-11-29"]
    assert wrap_lines(text, 130, "", rejoin=False) == [first, "evidence: not after 2026-11-29"]
