"""The page of the screen says nothing that no test holds: each of its sentences names its tests."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "site_docs" / "pages" / "tui.md"
FLOW = "test_the_traceback_that_the_lab_printed_leads_to_a_verified_fix"
LAB = "test_the_lab_starts_and_ends_with_the_screen_and_is_broken_from_it"
CHANGE = "test_a_change_is_shown_with_its_time_and_the_bell_rings"
STORY = "test_a_verification_is_one_run_whose_report_tells_the_story"
TIMELINE = "test_a_large_paste_opens_its_timeline_and_enter_diagnoses_a_record"
AGAIN = "test_a_run_is_repeated_and_two_marked_runs_are_compared"
SMALL = "test_in_a_small_terminal_one_pane_fills_the_screen_and_tab_shows_the_next"
LAST_LINE = "test_the_last_line_has_the_keys_that_work_now_and_the_modes"
PICTURES = "test_a_screen_looks_as_it_did"
HELD = (
    ("`clearpay-doctor tui` covers", FLOW),
    ("It makes no diagnosis", FLOW),
    ("A text may also be piped", "test_text_of_a_pipe_is_diagnosed_and_the_keys_still_work"),
    ("`journalctl -u", "test_text_of_a_pipe_is_diagnosed_and_the_keys_still_work"),
    ("In a terminal that cannot", "test_a_terminal_without_a_cursor_gets_plain_text"),
    ("Paste a traceback", "test_several_lines_pasted_into_the_filter_are_diagnosed"),
    ("The text is cleaned", "test_secrets_of_a_paste_never_reach_the_screen"),
    ("`T` chooses", "test_an_invalid_address_is_rejected_with_a_message"),
    ("A production target", "test_production_is_loud_and_no_target_is_quiet"),
    ("If the text names hosts", "test_other_hosts_than_those_of_the_target_are_said"),
    ("`R` runs the probes", FLOW),
    ("Each row names", FLOW),
    ("An arrow beside", PICTURES),
    ("While probes run", "test_while_probes_run_the_evidence_has_nothing_false"),
    ("An active probe", "test_an_active_probe_runs_only_after_consent"),
    ("`r` on it shows", "test_an_active_probe_runs_only_after_consent"),
    ("`enter` on a probe", "test_what_a_probe_confirms_stands_below_the_statement"),
    ("`f` shows the fix", FLOW),
    ("`y` copies it", "test_six_faults_are_fixed_without_one_key_lost"),
    ("`F` applies", "test_what_is_fixed_from_the_screen_is_verified_and_recorded"),
    ("`v` runs the probes", "test_a_failing_entry_is_tried_again_until_it_is_green"),
    ("`x` cancels", "test_a_stopped_verification_tries_no_more"),
    ("A panel shows", STORY),
    ("The verdict stays", "test_the_story_has_the_confirmation_and_each_probe_before_and_after"),
    ("If only an active probe", "test_an_entry_of_an_active_probe_is_not_verified_without_it"),
    ("`E` writes", STORY),
    ("After a verification", STORY),
    ("After quitting", "test_the_summary_is_short_and_names_what_was_found"),
    ("If no known error matches", "test_the_nearest_entry_can_be_run_though_nothing_matches"),
    ("A file, a pipe or a paste", "test_a_large_pipe_is_read_whole_and_opens_as_a_timeline"),
    ("Its timeline lists", TIMELINE),
    ("`enter` diagnoses a record", TIMELINE),
    ("`x` ends the reading", "test_x_ends_a_scan_and_what_was_read_is_shown"),
    ("`enter` opens one", PICTURES),
    ("`/` filters", "test_the_filter_reads_words_and_fields"),
    ("`space` marks, `R`", "test_an_entry_is_run_from_browse_and_its_state_is_in_the_list"),
    ("After a run, confirmed", "test_a_run_from_browse_names_what_it_confirmed_and_lists_it_first"),
    ("`W` runs the quiet", "test_several_targets_are_a_grid"),
    ("What changes rings", CHANGE),
    ("`enter` opens a target", CHANGE),
    ("Rounds are not recorded", "test_rounds_are_repeated_until_w_stops_them"),
    ("Every run of the screen", STORY),
    ("Times are local", AGAIN),
    ("`r` runs a run again", AGAIN),
    ("`space` marks two runs", AGAIN),
    ("With `--lab`", LAB),
    ("`L` injects", LAB),
    ("`L` also repairs", "test_the_lab_is_broken_its_output_diagnosed_and_repaired"),
    ("The last line has", LAST_LINE),
    ("`?` shows", "test_the_help_shows_keys_and_the_reasons_for_disabled_ones"),
    ("A key of another screen", "test_a_key_of_another_screen_says_where_it_works"),
    ("`ctrl+p` finds", "test_the_palette_finds_commands_and_entries"),
    ("A terminal of at least", "test_a_small_terminal_says_what_it_needs"),
    ("Below 70 x 18", SMALL),
    ("`NO_COLOR` is obeyed", "test_no_colour_is_written_where_none_is_wanted"),
    ("A heavy line", PICTURES),
    ("With the mouse", "test_a_click_moves_the_cursor_and_two_clicks_open"),
    ("Keys are served", "test_an_action_followed_by_a_word_in_one_read"),
    ("A paste cannot press", "test_a_paste_without_marks_presses_no_key"),
    ("Copies go to", "test_a_copy_goes_to_the_terminal_and_says_so"),
    ("`ctrl+z` stops", "test_ctrl_z_stops_the_program_until_it_is_continued"),
    ("The theme that", "test_the_theme_is_kept"),
)
"""The beginning of each sentence, in the order of the page, and a test that holds it."""


def sentences() -> list[str]:
    """Return the sentences of the page, without headings, code blocks and links to pictures."""
    text = re.sub(r"```.*?```", "", PAGE.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"^\[[^\]]*\]\([^)]*\)\.?$", "", text, flags=re.MULTILINE)
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=\d\. )", text))
    texts = (re.sub(r"^\d\. ", "", block) for block in blocks if block and not block.startswith("#"))
    return [sentence for block in texts for sentence in re.split(r"(?<=[.:]) (?=[A-Z`])", block)]


def test_each_sentence_of_the_page_has_a_test() -> None:
    begins = [begin for begin, _ in HELD]

    unheld = [
        sentence
        for sentence, begin in zip(sentences(), [*begins, *[" "] * len(sentences())], strict=False)
        if not sentence.startswith(begin)
    ]
    assert unheld == []
    assert len(sentences()) == len(begins)


@pytest.mark.parametrize("name", sorted({name for _, name in HELD}))
def test_the_tests_that_hold_the_page_exist(name: str) -> None:
    trees = (ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("test_*.py"))
    names = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    assert name in names
