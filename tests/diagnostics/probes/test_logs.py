"""The logging dictionary is tried without side effects, and logs are searched without being shown."""

import json
import threading
from pathlib import Path

import pytest

from diagnostics.clients.logging_config.trial import (
    MAX_TRIALS,
    TRIAL_S,
    TrialResult,
    harmless_copy,
    run_trial,
)
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.targets.settings import Pool
from tests.diagnostics.probes.configurations import GOOD, run_on_file, write_file
from tests.diagnostics.probes.running import all_text
from tests.support.deadlines import ends_within


def logging_file(folder: Path, changes: dict[str, object]) -> Path:
    return write_file(folder, "logs.json", json.dumps(GOOD["logging"] | changes))


@pytest.mark.parametrize("name", [".env", "payments.env", ".env.production"])
@pytest.mark.parametrize("text", ["LOG_LEVEL=ERROR\n", "VERSION=1\nHANDLERS=console\n", "nonsense"])
def test_an_environment_file_is_unknown_and_says_what_to_name(tmp_path: Path, name: str, text: str) -> None:
    result = run_on_file(write_file(tmp_path, name, text), "logging")

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "has no dictionary for logging.config" in result.reason
    assert "LOG_LEVEL" in result.reason


def test_the_trial_writes_no_file_of_the_application(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    handlers = {"out": {"class": "logging.handlers.RotatingFileHandler", "filename": str(log)}}

    result = run_on_file(logging_file(tmp_path, {"handlers": handlers}), "logging")

    assert result.outcome == "pass"
    assert not log.exists()


def test_the_trial_imports_nothing_that_the_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "imported"
    write_file(tmp_path, "evil_handlers.py", f"open({str(marker)!r}, 'w')\nout = None\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    config = {
        "version": 1,
        "formatters": {"a": {"()": "evil_handlers.out"}, "b": {"class": "evil_handlers.out"}},
        "filters": {"c": {"()": "evil_handlers.out"}},
        "handlers": {
            "own": {"class": "evil_handlers.out"},
            "made": {"()": "evil_handlers.out"},
            "stream": {"class": "logging.StreamHandler", "stream": "ext://evil_handlers.out"},
            "level": {"class": "logging.StreamHandler", "level": "ext://evil_handlers.out"},
            "mail": {"class": "logging.handlers.SMTPHandler", "mailhost": "mail.example"},
        },
        "root": {"level": "INFO", "handlers": ["own", "made", "stream", "mail"]},
    }

    run_trial(config, Deadline(10))

    assert not marker.exists()
    assert harmless_copy(config, tmp_path)[1] == [
        *(f"handlers.{name}" for name in ("own", "made", "stream", "mail")),
        "formatters.a",
        "formatters.b",
        "filters.c",
    ]


@pytest.mark.parametrize("width", ["999999999", "99999999999999999999"])
def test_a_format_that_needs_all_memory_ends_the_trial_and_not_the_program(width: str) -> None:
    config = {
        "version": 1,
        "formatters": {"wide": {"format": f"%(message){width}s"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "wide"}},
        "root": {"level": "DEBUG", "handlers": ["out"]},
    }
    with ends_within(TRIAL_S):
        try:
            result = run_trial(config, Deadline(10))
            problems = [result.error, *result.format_errors]
        except CannotTell as reason:
            problems = [str(reason)]

    assert any(problems)


def test_many_trials_at_once_all_end() -> None:
    config: dict[str, object] = {"version": 1}
    results: list[TrialResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(run_trial(config, Deadline(30))))
        for _ in range(2 * MAX_TRIALS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [result.error for result in results] == [""] * 2 * MAX_TRIALS


KAFKA = {"out": {"class": "payments.handlers.Kafka", "topic": "logs"}}


def test_a_class_that_is_not_at_hand_leaves_the_question_open(tmp_path: Path) -> None:
    result = run_on_file(logging_file(tmp_path, {"handlers": KAFKA}), "logging")

    assert (result.outcome, result.codes) == ("unknown", [])
    assert result.evidence["not rehearsed"].value == "handlers.out"
    assert "payments.handlers.Kafka (handlers.out.class)" in result.reason


@pytest.mark.parametrize(
    "code",
    [
        "class Kafka: ...",
        "def Kafka(): ...",
        "from elsewhere import Kafka",
        "import elsewhere as Kafka",
        "Kafka, other = make()",
        "try:\n    from fast import Kafka\nexcept ImportError:\n    Kafka = None",
        "if True:\n    class Kafka: ...",
    ],
)
def test_a_class_of_the_application_is_found_and_not_instantiated(tmp_path: Path, code: str) -> None:
    (tmp_path / "payments").mkdir()
    write_file(tmp_path / "payments", "__init__.py", "")
    write_file(tmp_path / "payments", "handlers.py", code)
    (tmp_path / "config").mkdir()

    result = run_on_file(logging_file(tmp_path / "config", {"handlers": KAFKA}), "logging")

    assert (result.outcome, result.reason) == ("pass", "")
    assert result.evidence["not rehearsed"].value == "handlers.out"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("class Kafka2: ...", "fail"),
        ("", "fail"),
        ("from elsewhere import *", "unknown"),
        ("def __getattr__(name): ...", "unknown"),
        ("globals()['Kafka'] = make()", "unknown"),
        ("class Kafka(:", "unknown"),
    ],
)
def test_a_class_that_the_application_does_not_have_is_named(tmp_path: Path, code: str, outcome: str) -> None:
    (tmp_path / "payments").mkdir()
    write_file(tmp_path / "payments", "__init__.py", "")
    write_file(tmp_path / "payments", "handlers.py", code)

    result = run_on_file(logging_file(tmp_path, {"handlers": KAFKA}), "logging")

    assert (result.outcome, result.codes) == (outcome, ["logs.invalid"] if outcome == "fail" else [])


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ({"class": "logging.NoSuchHandler"}, "names logging.NoSuchHandler, which does not exist"),
        ({"class": "logging.handlers.NoSuchHandler"}, "logging.handlers.NoSuchHandler, which does not exist"),
        ({"class": "logging.nowhere.Handler"}, "logging.nowhere.Handler, which does not exist"),
        ({"class": "not a name"}, "which does not exist"),
        ({"class": "logging.StreamHandler", "stream": "ext://sys.stdoutt"}, "sys.stdoutt, which does not"),
        ({"class": "logging.StreamHandler", "stream": "ext://json.nosuch"}, "json.nosuch, which does not"),
        ({"()": "logging.handlers.nosuch"}, "logging.handlers.nosuch, which does not exist"),
        ({"class": "logging.handlers.SMTPHandler"}, "SMTPHandler: missing a required argument: 'mailhost'"),
        ({"class": "logging.handlers.SocketHandler", "hots": "x"}, "missing a required argument: 'host'"),
        ({"class": "logging.handlers.SysLogHandler", "adress": "/dev/log"}, "unexpected keyword argument"),
    ],
)
def test_a_handler_with_which_the_application_does_not_start_is_invalid(
    tmp_path: Path, handler: dict[str, object], message: str
) -> None:
    result = run_on_file(logging_file(tmp_path, {"handlers": {"out": handler}}), "logging")

    assert result.codes == ["logs.invalid"]
    assert message in all_text([result])


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        ({"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}, "pass"),
        ({"class": "logging.handlers.SysLogHandler", "address": "/dev/log"}, "pass"),
        ({"class": "logging.handlers.SocketHandler", "host": "h", "port": 9}, "pass"),
        ({"class": "logging.StreamHandler", "stream": "ext://nosuch.stream"}, "unknown"),
        ({"class": "somewhere_else.Handler"}, "unknown"),
        ({"class": "requests.Session"}, "pass"),
    ],
)
def test_objects_of_python_and_of_installed_packages_are_found(
    tmp_path: Path, handler: dict[str, object], outcome: str
) -> None:
    result = run_on_file(logging_file(tmp_path, {"handlers": {"out": handler}}), "logging")

    assert (result.outcome, result.codes) == (outcome, [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "Unsupported version: 2"),
        ({"loggers": {"clearpay": {"level": "LOUD"}}}, "Unknown level: 'LOUD'"),
        ({"handlers": {"out": {"class": "logging.StreamHandler", "formatter": "none"}}}, "formatter 'none'"),
        ({"formatters": {"full": {"format": "%(nope)s"}}}, "Formatting field not found in record: 'nope'"),
        ({"handlers": ["out"]}, ""),
    ],
)
def test_the_error_that_logging_would_raise_is_shown(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    result = run_on_file(logging_file(tmp_path, changes), "logging")

    assert "logs.invalid" in result.codes, result
    assert message in all_text([result])


def test_the_end_of_the_log_is_searched_and_never_shown(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    order = (
        "payment 4012888888881881 booked\n"  # digits in the form of a card number, and no other sign of one
    )
    log.write_text(
        "fine\n" * 50_000 + order + "card 4242 4242 4242 4242\nAuthorization: Bearer Canary4ddddddd9\n"
    )
    handlers = {"out": {"class": "logging.FileHandler", "filename": str(log)}}

    result = run_on_file(logging_file(tmp_path, {"handlers": handlers}), "logging")

    assert result.codes == ["logs.card_numbers", "logs.secrets"]
    assert result.evidence["app.log: perhaps card numbers"].value == 1
    assert [secret for secret in ("4242", "Canary", "8888") if secret in all_text([result])] == []


def test_numbers_of_payments_and_times_are_no_cards(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(
        "2026-11-23T09:00:00 payment 7f3c9e1a-2d4b-4c6e-8f10-1234567890ab took 1763888400123456 us\n" * 99
    )
    handlers = {"out": {"class": "logging.FileHandler", "filename": str(log)}}

    assert run_on_file(logging_file(tmp_path, {"handlers": handlers}), "logging").codes == []


def test_a_log_that_cannot_be_opened_and_one_that_is_rotated_by_many_are_named(tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.log"
    nobody.touch(mode=0o400)
    nobody.chmod(0o400)
    handlers = {"out": {"class": "logging.handlers.RotatingFileHandler", "filename": str(nobody)}}
    pool = Pool(application_name="payments", size=1, processes=4)

    result = run_on_file(logging_file(tmp_path, {"handlers": handlers}), "logging", pool=pool)

    assert result.codes == ["logs.not_writable", "logs.shared_file"]
    assert nobody.stat().st_size == 0
