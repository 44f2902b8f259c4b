"""Modules of the exporter, deadlines of scrapes, samples, and the file with certificate and users."""

import base64
import json
from pathlib import Path

import bcrypt
import pytest

from diagnostics.engine.events import Evidence, Finding, Key, Step
from diagnostics.errors import UnknownName, UsageError
from diagnostics.exporter.application import TIMEOUT_HEADER, scrape_seconds
from diagnostics.exporter.examinations import Examined
from diagnostics.exporter.exposition import MAX_NAMES, ScrapeMetrics
from diagnostics.exporter.jobs import Answer, answer_of
from diagnostics.exporter.modules import DEFAULT_MODULE, modules_of
from diagnostics.exporter.samples import samples_of_scrape
from diagnostics.exporter.web_config import read_web_config
from diagnostics.report.model import Report, Result
from diagnostics.run.knowledge import catalogue_of
from diagnostics.targets.settings import Module, Settings
from kb.records.errors import InvalidRecord

CATALOGUE = catalogue_of(None)


def modules(**named: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    settings = Settings(module={name: Module(probes=probes) for name, probes in named.items()})
    return modules_of(settings, CATALOGUE)


def header(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_no_module_has_an_active_probe() -> None:
    layers = {probe.LAYER for probe in CATALOGUE.probes.values()}
    named = modules(**{layer: (layer,) for layer in layers if layer != "service"})
    active = {name for name, probe in CATALOGUE.probes.items() if probe.SAFETY == "active"}

    assert active
    assert not [name for name, probes in named.items() if active & set(probes)]


def test_the_default_module_watches_no_window() -> None:
    probes = modules()[DEFAULT_MODULE]

    assert {"connect", "login", "tls", "reach"} <= set(probes)
    assert not [name for name in probes if getattr(CATALOGUE.probes[name], "WINDOW", "")]
    assert "source" not in probes


def test_a_module_of_the_name_default_replaces_it() -> None:
    assert modules(default=("connect",)) == {"default": ("connect",)}


def test_a_module_has_the_probes_that_its_own_need() -> None:
    assert {"connect", "login", "pool"} <= set(modules(pool=("pool",))["pool"])


@pytest.mark.parametrize("probes", [("rotation",), ("connect", "loop"), ()])
def test_a_module_that_names_an_active_probe_or_none_is_invalid(probes: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRecord, match=r"module\.wrong\.probes"):
        modules(wrong=probes)


def test_a_module_with_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="connect"):
        modules(wrong=("conect",))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10", 9.5), ("0.2", 0.5), ("1e9", 119.5), ("nan", 9.5), ("inf", 9.5), ("-3", 0.5), ("x", 9.5)],
)
def test_the_timeout_of_a_scrape_is_the_deadline_and_bounded(text: str, seconds: float) -> None:
    assert scrape_seconds({TIMEOUT_HEADER: text}) == seconds


def report(*evidence: Evidence, steps: tuple[Step, ...] = ()) -> Report:
    key = Key("prod", "postgresql://app@db/x", "connect")
    result = Result(key, "fail", findings=(Finding(code="connect.refused"),), evidence=evidence, steps=steps)
    return Report(tool_version="1", run_id="1", started="2026-01-01T00:00:00+00:00", results=(result,))


def test_numbers_are_in_base_units_and_names_with_digits_are_left_out() -> None:
    samples = samples_of_scrape(
        report(
            Evidence(name="delay", value=250, unit="ms"),
            Evidence(name="used", value=12.5, unit="%"),
            Evidence(name="valid for", value=2, unit="days"),
            Evidence(name="file.py:12", value=3),
            Evidence(name="a text", value="x"),
            Evidence(name="a truth", value=True),
            steps=(Step(name="tcp", ms=1500.0), Step(name="try 2", ms=1.0)),
        )
    )

    found = {
        labels["evidence"]: (labels["unit"], value)
        for name, labels, value, _ in samples
        if name == "evidence"
    }
    assert found == {
        "delay": ("seconds", 0.25),
        "used": ("ratio", 0.125),
        "valid for": ("seconds", 172_800.0),
    }
    assert [
        (labels["step"], value) for name, labels, value, _ in samples if name == "step_duration_seconds"
    ] == [("tcp", 1.5)]


def test_a_sample_that_repeats_is_exported_once() -> None:
    samples = samples_of_scrape(report(Evidence(name="x", value=1), Evidence(name="x", value=2)))

    assert [value for name, _, value, _ in samples if name == "evidence"] == [1]


def test_names_of_evidence_are_bounded_over_all_scrapes() -> None:
    state, exported = Examined(), set()
    for number in range(3 * MAX_NAMES):
        name = "x" * (number % 100 + 1)
        samples = samples_of_scrape(report(Evidence(name=name[:79], value=1)))
        metrics = ScrapeMetrics(Answer(1, samples=json.dumps(samples)), state, ["connect"])
        exported |= {
            sample.labels["evidence"]
            for family in metrics.collect()
            for sample in family.samples
            if "evidence" in sample.labels
        }

    assert len(exported) == MAX_NAMES


def test_an_answer_is_the_same_after_its_way_through_the_pipe() -> None:
    answer = Answer(7, '[["x"]]', {"connect": "fail"}, (("connect.refused", "entry", ""),), 1.5, 2.5, "")

    assert answer_of(answer.line()) == answer


def test_a_user_is_checked_once_and_then_known(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    digest = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    path.write_text(f"basic_auth_users:\n  me: {digest}\n", "utf-8")
    web = read_web_config(path)

    assert web.knows(header("me", "right")) is None
    assert not web.allows(header("me", "wrong"))
    assert not web.allows(header("you", "right"))
    assert web.allows(header("me", "right"))
    assert web.knows(header("me", "right")) is True
    assert web.knows(header("me", "wrong")) is None
    assert web.knows("Bearer x") is False
    assert web.knows("Basic §§") is False
    assert web.knows("") is False
    assert digest not in repr(web)


@pytest.mark.parametrize(
    "text",
    [
        "basic_auth_users:\n  me: plain-password-7\n",
        "tls_server_config:\n  cert_file: plain-password-7\n",
        "tls_server_config:\n  certfile: plain-password-7\n",
        "plain-password-7: 1\n",
        "[plain-password-7]\n",
        "basic_auth_users: [plain-password-7]\n",
        "- : {\n",
        "tls_server_config:\n  cert_file: web.yml\n  key_file: web.yml\n  client_auth_type: Request\n",
    ],
)
def test_a_wrong_file_is_refused_and_its_values_are_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "web.yml"
    path.write_text(text, "utf-8")

    with pytest.raises(UsageError) as error:
        read_web_config(path)
    assert ": plain-password-7" not in str(error.value).removeprefix(f"{path}: plain-password-7")
