"""Ids of steps, and what their records say about undoing them."""

import pytest

from diagnostics.fixes.contexts import with_context
from diagnostics.fixes.step_ids import is_alternative, step_ids
from diagnostics.fixes.undo import reversibility
from kb.records.loader import load_entries

CAUSES = {cause.finding: cause for entry in load_entries().values() for cause in entry.causes}


def test_every_step_has_an_id_of_its_own_that_a_shell_takes_as_it_is() -> None:
    ids = [id_ for cause in CAUSES.values() for id_ in step_ids(cause)]

    assert len(ids) == len(set(ids))
    assert all(set(id_) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.:") for id_ in ids)


def test_an_id_has_words_of_the_action_without_its_condition() -> None:
    assert "connect.refused:start-postgresql" in step_ids(CAUSES["connect.refused"])
    assert "login.role_limit:lift-role-limit-now" in step_ids(CAUSES["login.role_limit"])
    assert is_alternative("If it is stopped: start PostgreSQL")
    assert not is_alternative("Restart the application, so that it fetches a new token")


@pytest.mark.parametrize(
    ("finding", "number", "expected"),
    [
        ("statements.lock_queue", 1, "impossible"),
        ("connect.shutting_down", 0, "impossible"),
        ("token.expired", 0, "not needed"),
        ("login.role_limit", 1, "possible"),
        ("login.slots_reserved", 3, "not needed"),
        ("logs.folder_missing", 0, "by hand"),
    ],
)
def test_what_a_record_says_of_the_undo_is_understood(finding: str, number: int, expected: str) -> None:
    step = CAUSES[finding].fix[number]

    assert reversibility(step, has_copies=False) == expected


def test_a_step_that_nothing_undoes_never_counts_as_one_that_needs_no_undo() -> None:
    for cause in CAUSES.values():
        for step in cause.fix:
            if step.changes and reversibility(step, has_copies=False) == "not needed":
                assert "none is needed" in step.undo.lower().replace("none are", "none is"), step.undo


def test_a_context_is_written_into_each_command_of_kubernetes() -> None:
    code = "kubectl -n shop get pods\ncmctl renew -n shop api; echo kubectl-not"

    assert with_context(code, "prod eu") == (
        "kubectl --context 'prod eu' -n shop get pods\n"
        "cmctl --context 'prod eu' renew -n shop api; echo kubectl-not"
    )
