"""The probes that read configuration files: quiet on good ones in every format, exact on bad ones, no secret out."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.clients.log_rehearsal import rehearse, safe
from diagnostics.deadline import Deadline
from diagnostics.settings import ConfigFiles, Pool, TargetSettings, Thresholds
from diagnostics.target import Endpoint, Target, endpoint
from tests.diagnostics.probes.seeing import Seen, everything, seen

PROBES = {
    "credentials": "credentials",
    "network": "timeouts",
    "currency": "currency",
    "webhook": "verification",
    "logging": "logs",
}
"""Roles of files, and the probes that read them."""
KEY, SECRET, HOOK = "cp_live_Canary1aaaaaaaaa", "sk_live_Canary2bbbbbbbbb", "whsec_Canary3cccccccccc"
GOOD: dict[str, dict[str, object]] = {
    "network": {
        "connection_timeout": 3.05,
        "read_timeout": 10,
        "max_retries": 2,
        "retry_delay": 1,
        "backoff_factor": 2,
    },
    "currency": {
        "supported_currencies": ["USD", "JPY", "KWD"],
        "default_currency": "USD",
        "min_amount": {"USD": "1.00", "JPY": "100", "KWD": "0.100"},
        "max_amount": {"USD": "2000.00", "JPY": "300000", "KWD": "900.125"},
    },
    "logging": {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"full": {"format": "%(asctime)s %(message)s", "datefmt": "%H:%M:%S%z"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "full"}},
        "loggers": {"clearpay": {"level": "INFO", "handlers": ["out"]}},
    },
}
REFERENCES = {
    "credentials": ("api_key", "merchant_id", "secret_key"),
    "webhook": ("webhook_secret",),
}
GOOD_PYTHON = {
    "credentials": """
import os
CONFIG = {"api_key": os.environ["K"], "merchant_id": os.environ["M"], "secret_key": os.getenv("S"),
          "environment": "production"}
""",
    "webhook": """
import os
CONFIG = {"verify_signatures": True, "signature_header": "Clearpay-Signature", "tolerance_seconds": 300,
          "webhook_secret": os.environ["W"], "events_to_process": ["payment.approved", "refund.*"]}
""",
}
GOOD_ENV = {
    "credentials": f"API_KEY={KEY}\nMERCHANT_ID=merchant_8841\nSECRET_KEY={SECRET}\nENVIRONMENT=production\n",
    "network": "CONNECTION_TIMEOUT=3.05\nREAD_TIMEOUT=10\nMAX_RETRIES=2\nBACKOFF_FACTOR=1.5\n",
    "currency": "SUPPORTED_CURRENCIES=USD,JPY\nDEFAULT_CURRENCY=USD\nMIN_AMOUNT_USD=1.00\nMIN_AMOUNT_JPY=100\n"
    "MAX_AMOUNT_USD=2000.00\nMAX_AMOUNT_JPY=300000\n",
    "webhook": f"VERIFY_SIGNATURES=true\nSIGNATURE_HEADER=clearpay-signature\nWEBHOOK_SECRET={HOOK}\n"
    "TOLERANCE_SECONDS=300\nEVENTS_TO_PROCESS=payment.approved,refund.processed\n",
}


def looked(path: Path, role: str, **own: object) -> Seen:
    """One file of a target, by the probe of its role."""
    files = ConfigFiles(**{role: str(path)})
    target = Target(
        "test",
        (Endpoint("config", str(path), str(path)),),
        TargetSettings(production=True, config=files, **own),  # type: ignore[arg-type]  # a test's own
    )
    return seen(target, PROBES[role])[PROBES[role]]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def good() -> Iterator[tuple[str, str, str]]:
    """Good files: role, ending, text."""
    for role, tree in GOOD.items():
        yield role, ".py", f"CONFIG = {tree!r}\n"
        yield role, ".json", json.dumps(tree, indent=2)
        yield role, ".yaml", json.dumps({"clearpay": tree})  # JSON is YAML
        yield role, ".toml", "\n".join(_toml(tree))
    yield from ((role, ".py", text) for role, text in GOOD_PYTHON.items())
    yield from ((role, ".env", text) for role, text in GOOD_ENV.items())


def _toml(tree: dict[str, object]) -> Iterator[str]:
    for key, value in tree.items():
        if not isinstance(value, dict):
            yield f"{key} = {json.dumps(value)}"
    for key, value in tree.items():
        if isinstance(value, dict):
            pairs = (f"{name} = {_inline(one)}" for name, one in value.items())
            yield f"[{key}]\n" + "\n".join(pairs)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("role", "suffix", "text"), [pytest.param(*one, id="".join(one[:2])) for one in good()]
)
def test_a_good_configuration_gives_no_finding(role: str, suffix: str, text: str, tmp_path: Path) -> None:
    found = looked(written(tmp_path, f"config{suffix}", text), role)

    assert (found.outcome, found.codes, found.reason) == ("pass", [], "")


@pytest.mark.parametrize("role", GOOD)
def test_a_bare_path_is_told_by_its_keys_and_the_other_probes_pass_it_over(role: str, tmp_path: Path) -> None:
    path = written(tmp_path, "settings.py", f"ANY_NAME = {GOOD[role]!r}\n")

    found = seen(Target("bare", (endpoint(str(path)),), bare=True), *PROBES.values())

    assert {name: one.outcome for name, one in found.items()} == {
        name: "pass" if other == role else "skipped" for other, name in PROBES.items()
    }


def test_a_folder_and_a_file_of_another_kind_are_passed_over(tmp_path: Path) -> None:
    text = written(tmp_path, "notes.txt", "read_timeout = 0")

    for path in (tmp_path, text):
        found = seen(Target("bare", (endpoint(str(path)),), bare=True), "timeouts")["timeouts"]
        assert found.outcome == "skipped"


def test_the_settings_of_the_guide_take_ten_minutes_and_the_sum_is_shown(tmp_path: Path) -> None:
    text = "C = {'connection_timeout': 30, 'read_timeout': 120, 'max_retries': 3, 'retry_delay': 2, 'backoff_factor': 1.5}"

    found = looked(written(tmp_path, "network.py", text), "network")

    assert found.codes == ["timeouts.connect_too_long", "timeouts.longer_than_proxy", "timeouts.worst_case"]
    assert (found.evidence["worst case"].value, found.evidence["worst case"].unit) == (609.5, "s")
    assert found.evidence["worst case"].note == "4 x (30 + 120) + 9.5 of pauses = 609.5 s"


def test_a_job_that_may_wait_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "network.env", "CONNECT_TIMEOUT=5\nREAD_TIMEOUT=50\nMAX_RETRIES=3\n")

    patient = looked(path, "network", thresholds=Thresholds(call_budget_s=600))

    assert (looked(path, "network").codes, patient.codes) == (["timeouts.worst_case"], [])


@pytest.mark.parametrize(
    "value", ["None", "0", "-1", "float('nan')", "1e400", "'10'", "True", "[]", "10**9", "os.environ['X']"]
)
def test_no_value_of_a_timeout_breaks_the_probe(value: str, tmp_path: Path) -> None:
    text = (
        f"C = {{'connection_timeout': 3, 'read_timeout': {value}, 'max_retries': 2, 'backoff_factor': 1e300}}"
    )

    assert looked(written(tmp_path, "network.py", text), "network").outcome in {"pass", "fail"}


def test_every_breach_has_its_place_what_is_wrong_and_what_to_write(tmp_path: Path) -> None:
    text = 'C = {\n "supported_currencies": ["HRK", "XAU", "usd"],\n "default_currency": "EUR",\n}\n'

    found = looked(written(tmp_path, "money.py", text), "currency")

    assert found.codes == ["currency.withdrawn", "currency.unknown", "currency.default_unsupported"]
    default = found.evidence["money.py:3 default_currency"]
    assert default.value == "is EUR, which supported_currencies has not"
    assert default.note.startswith("write: one of HRK, XAU, usd")


@pytest.mark.parametrize(
    ("code", "amount", "codes"),
    [
        ("JPY", "100.5", ["currency.minor_unit"]),
        ("JPY", "100.0", []),
        ("KWD", "0.125", []),
        ("KWD", "0.1255", ["currency.minor_unit"]),
        ("USD", "1e2", []),
        ("USD", "NaN", []),
        ("USD", "1e999999", []),
    ],
)
def test_amounts_are_held_against_the_minor_unit(
    code: str, amount: str, codes: list[str], tmp_path: Path
) -> None:
    limits = {"supported_currencies": [code], "min_amount": {code: amount}, "max_amount": {code: "90000"}}

    assert looked(written(tmp_path, "money.json", json.dumps(limits)), "currency").codes == codes


def test_nothing_of_a_secret_comes_out_however_the_file_is_wrong(tmp_path: Path) -> None:
    values = {"api_key": KEY, "merchant_id": "m1", "secret_key": SECRET, "environment": "sandbox"}
    broken = {
        "wrong.py": f"CONFIG = {values!r}\n",
        "mixed.json": json.dumps(values | {"secret_key": SECRET.replace("live", "test")}),
        "spaced.yaml": json.dumps(values | {"api_key": f" {KEY} "}),
        "prefix.toml": f'api_key = "{KEY[8:]}"\nsecret_key = "{SECRET[8:]}"\n',
        "syntax.py": f'CONFIG = {{"api_key": "{KEY}" "secret_key" = "{SECRET}"}}\n',
        "syntax.json": f'{{"api_key": "{KEY}" "secret_key": "{SECRET}"}}',
        "syntax.toml": f'api_key = "{KEY}\nsecret_key = {SECRET}\n',
        "syntax.yaml": f"api_key: {KEY}\n  secret_key: [{SECRET}\n",
        "syntax.env": f"API_KEY={KEY}\n{SECRET}\n",
        "called.py": f'CONFIG = {{"api_key": decrypt("{KEY}"), "secret_key": f"{SECRET}"}}\n',
    }

    for name, text in broken.items():
        found = looked(written(tmp_path, name, text), "credentials")
        assert found.outcome != "error", (name, found.reason)
        assert "Canary" not in everything([found]), name


def test_the_secret_of_webhooks_does_not_come_out(tmp_path: Path) -> None:
    text = f'webhook_secret = "{HOOK}"\nsignature_header = "{HOOK}"\nverify_signatures = false\n'

    found = looked(written(tmp_path, "hooks.toml", text), "webhook")

    assert "verification.off" in found.codes
    assert "Canary" not in everything([found])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    key=st.sampled_from(["api_key", "secret_key", "merchant_id", "environment"]),
    value=st.text(st.characters(codec="utf-8"), max_size=30) | st.integers() | st.none() | st.booleans(),
)
def test_any_value_of_a_credential_is_judged(key: str, value: object, tmp_path: Path) -> None:
    values = {
        "api_key": KEY,
        "merchant_id": "m1",
        "secret_key": SECRET,
        "environment": "production",
        key: value,
    }

    found = looked(written(tmp_path, "any.json", json.dumps(values)), "credentials")

    assert found.outcome in {"pass", "warn", "fail"}, found.reason


def logging_file(folder: Path, changes: dict[str, object]) -> Path:
    return written(folder, "logs.json", json.dumps(GOOD["logging"] | changes))


def test_the_rehearsal_touches_no_file_of_the_application(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    handlers = {"out": {"class": "logging.handlers.RotatingFileHandler", "filename": str(log)}}

    found = looked(logging_file(tmp_path, {"handlers": handlers}), "logging")

    assert found.outcome == "pass"
    assert not log.exists()


def test_the_rehearsal_imports_nothing_that_the_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "imported"
    written(tmp_path, "evil_handlers.py", f"open({str(marker)!r}, 'w')\nout = None\n")
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

    rehearse(config, Deadline(10))

    assert not marker.exists()
    assert safe(config, tmp_path)[1] == [
        "handlers.own", "handlers.made", "handlers.stream", "handlers.mail", "formatters.a", "formatters.b", "filters.c",
    ]  # fmt: skip


def test_a_class_of_the_application_is_not_made_and_the_evidence_says_so(tmp_path: Path) -> None:
    handlers = {"out": {"class": "payments.handlers.Kafka", "topic": "logs"}}

    found = looked(logging_file(tmp_path, {"handlers": handlers}), "logging")

    assert found.outcome == "pass"
    assert found.evidence["not rehearsed"].value == "handlers.out"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "Unsupported version: 2"),
        ({"loggers": {"clearpay": {"level": "LOUD"}}}, "Unknown level: 'LOUD'"),
        ({"handlers": {"out": {"class": "logging.StreamHandler", "formatter": "none"}}}, "formatter 'none'"),
        ({"formatters": {"full": {"format": "%(nope)s"}}}, "Formatting field not found in record: 'nope'"),
        ({"handlers": ["out"]}, ""),
    ],
)
def test_what_logging_would_raise_is_said(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    found = looked(logging_file(tmp_path, changes), "logging")

    assert "logs.invalid" in found.codes, found
    assert said in everything([found])


def test_the_end_of_the_log_is_searched_and_never_shown(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    order = "payment 4012888888881881 booked\n"  # digits of a card's form that nothing calls a card
    log.write_text(
        "fine\n" * 50_000 + order + "card 4242 4242 4242 4242\nAuthorization: Bearer Canary4ddddddd9\n"
    )
    handlers = {"out": {"class": "logging.FileHandler", "filename": str(log)}}

    found = looked(logging_file(tmp_path, {"handlers": handlers}), "logging")

    assert found.codes == ["logs.card_numbers", "logs.secrets"]
    assert found.evidence["app.log: perhaps card numbers"].value == 1
    assert not {"4242", "Canary", "8888"} & {
        one for one in ("4242", "Canary", "8888") if one in everything([found])
    }


def test_numbers_of_payments_and_times_are_no_cards(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(
        "2026-11-23T09:00:00 payment 7f3c9e1a-2d4b-4c6e-8f10-1234567890ab took 1763888400123456 us\n" * 99
    )
    handlers = {"out": {"class": "logging.FileHandler", "filename": str(log)}}

    assert looked(logging_file(tmp_path, {"handlers": handlers}), "logging").codes == []


def test_a_log_that_cannot_be_opened_and_one_that_is_rotated_by_many_are_named(tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.log"
    nobody.touch(mode=0o400)
    nobody.chmod(0o400)
    handlers = {"out": {"class": "logging.handlers.RotatingFileHandler", "filename": str(nobody)}}
    pool = Pool(application_name="payments", size=1, processes=4)

    found = looked(logging_file(tmp_path, {"handlers": handlers}), "logging", pool=pool)

    assert found.codes == ["logs.not_writable", "logs.shared_file"]
    assert os.stat(nobody).st_size == 0
