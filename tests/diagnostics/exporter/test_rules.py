"""Alert rules and the dashboard: promtool checks them and runs their unit tests, and all metrics exist."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from diagnostics.exporter.dashboard import WIDTH, dashboard
from diagnostics.exporter.rules import FOR, alert_name, alert_rules
from diagnostics.run.knowledge import catalogue_of
from tests.support.requirements import needs_promtool

CATALOGUE = catalogue_of(None)
SITE = "https://docs.test/doctor"
PAGE = Path(__file__).parents[3] / "site_docs" / "pages" / "exporter.md"
METRIC = re.compile(r"\b(?:clearpay_doctor|process)_\w+")


def unit_test(entries: list[str]) -> dict[str, object]:
    """Return a test in which entries are confirmed from minute 2 to 13, and suspected all the time."""
    series = 'clearpay_doctor_diagnosis{{target="prod",entry="{}",instance="prod",verdict="{}"}}'
    return {
        "interval": "1m",
        "input_series": [
            line
            for entry in entries
            for line in (
                {"series": series.format(entry, "confirmed"), "values": "_ _ " + "1 " * 12 + "stale"},
                {"series": series.format(entry, "suspected"), "values": "1x20"},
            )
        ],
        "alert_rule_test": [case for entry in entries for case in cases(entry)],
    }


def cases(entry: str) -> list[dict[str, object]]:
    """Return the expected alerts of an entry: before the error, at the end of `for`, and after it."""
    severity, name = CATALOGUE.entries[entry].severity, alert_name(entry)
    alert = {
        "exp_labels": {"severity": severity, "target": "prod", "entry": entry},
        "exp_annotations": annotations(entry, "prod"),
    }
    fires = f"{2 + int(FOR[severity].rstrip('m'))}m"
    return [
        {"eval_time": "1m", "alertname": name, "exp_alerts": []},
        {"eval_time": fires, "alertname": name, "exp_alerts": [alert]},
        {"eval_time": "16m", "alertname": name, "exp_alerts": []},
    ]


def annotations(entry: str, target: str) -> dict[str, str]:
    (rule,) = (rule for rule in rules() if rule["alert"] == alert_name(entry))
    texts: dict[str, str] = rule["annotations"]
    return {name: text.replace("{{ $labels.target }}", target) for name, text in texts.items()}


@cache
def rules() -> list[dict[str, Any]]:
    """Return the rules of all alerts."""
    found: list[dict[str, Any]] = yaml.safe_load(alert_rules(CATALOGUE, SITE))["groups"][0]["rules"]
    return found


@needs_promtool
def test_promtool_accepts_the_rules_and_each_fires_and_resolves(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(alert_rules(CATALOGUE, SITE), "utf-8")
    alerted = [
        entry for entry in CATALOGUE.entries if alert_name(entry) in {rule["alert"] for rule in rules()}
    ]
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [unit_test(alerted)]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document), "utf-8")
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "tests.yml"]):
        done = subprocess.run(
            ["promtool", *command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(alerted) > 30


def test_each_alert_of_an_entry_has_the_address_of_its_page_unless_there_is_no_site() -> None:
    entries = {alert_name(entry): entry for entry in CATALOGUE.entries}
    addresses = {rule["alert"]: rule["annotations"].get("runbook_url") for rule in rules()}

    assert {alert: f"{SITE}/errors/{entries[alert]}/" for alert in addresses if alert in entries} == {
        alert: address for alert, address in addresses.items() if address
    }
    assert "runbook_url" not in alert_rules(CATALOGUE, "")


def test_no_alert_waits_for_an_error_that_active_probes_alone_can_see() -> None:
    alerts = {rule["alert"] for rule in rules()}
    unseen = [
        entry.id
        for entry in CATALOGUE.entries.values()
        if all(CATALOGUE.probes[name].SAFETY == "active" for name in CATALOGUE.probes_of(entry))
    ]

    assert unseen
    assert not [entry for entry in unseen if alert_name(entry) in alerts]


def test_rules_and_dashboard_ask_for_metrics_of_the_page_alone() -> None:
    page = PAGE.read_text("utf-8")
    documented = {f"{name}{end}" for name in METRIC.findall(page) for end in ("", "_bucket", "_count")}
    asked = set(METRIC.findall(alert_rules(CATALOGUE, SITE) + dashboard())) - {
        "process_resident_memory_bytes"
    }

    assert "clearpay_doctor_diagnosis" in asked
    assert asked <= documented


def test_panels_of_the_dashboard_are_placed_without_overlap_and_have_queries() -> None:
    document = json.loads(dashboard())
    cells: list[tuple[int, int]] = []
    for panel in document["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        cells += [(x, y) for x in range(place["x"], place["x"] + place["w"])
                  for y in range(place["y"], place["y"] + place["h"])]  # fmt: skip
        assert all(query["expr"] for query in panel["targets"])

    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in document["panels"]}) == len(document["panels"])
    assert document["schemaVersion"] >= 36


@needs_promtool
def test_prometheus_parses_each_query_of_the_dashboard(tmp_path: Path) -> None:
    queries = [query["expr"] for panel in json.loads(dashboard())["panels"] for query in panel["targets"]]
    recorded = [
        {"record": f"query:{number}", "expr": query.replace("$target", "prod")}
        for number, query in enumerate(queries)
    ]
    (tmp_path / "queries.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}), "utf-8"
    )
    done = subprocess.run(
        ["promtool", "check", "rules", "queries.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
