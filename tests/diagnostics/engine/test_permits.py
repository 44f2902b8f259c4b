"""Permits of a run limit the sessions that its probes have open at once."""

import threading

import pytest

from diagnostics.engine.deadline import Deadline
from diagnostics.engine.shared_resources import Place, SharedResources
from diagnostics.errors import CannotTell

PLACE = Place("prod", "database", "sessions of probes")


def test_a_permit_is_waited_for_and_handed_on() -> None:
    shared, waiting, entered = SharedResources(), threading.Event(), threading.Event()

    def second() -> None:
        waiting.set()
        with shared.permit(PLACE, 1, Deadline(60)):
            entered.set()

    with shared.permit(PLACE, 1, Deadline(60)):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(60)
        assert not entered.is_set()
    assert entered.wait(60)
    thread.join()


def test_without_a_free_permit_the_deadline_ends_the_wait() -> None:
    shared = SharedResources()
    with (
        shared.permit(PLACE, 1, Deadline(60)),
        pytest.raises(CannotTell, match="all 1 sessions of probes of this run were in use"),
        shared.permit(PLACE, 1, Deadline(0.01)),
    ):
        pass


def test_an_error_returns_the_permit_and_each_endpoint_has_its_own() -> None:
    shared = SharedResources()
    with pytest.raises(ZeroDivisionError), shared.permit(PLACE, 1, Deadline(60)):
        raise ZeroDivisionError

    with (
        shared.permit(PLACE, 1, Deadline(1)),
        shared.permit(PLACE._replace(endpoint="replica"), 1, Deadline(1)),
    ):
        pass
