"""A Grafana dashboard of the exporter's metrics."""

import json
from typing import Any

from diagnostics.exporter.exposition import PREFIX

SCHEMA_VERSION = 39
"""Version of Grafana's model of a dashboard, of Grafana 10 and later, which migrate it."""
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
TARGETS = '{target=~"$target"}'
WIDTH, HALF, HEIGHT = 24, 12, 8


def dashboard() -> str:
    """Return the dashboard in JSON."""
    panels = [
        _panel("table", "Errors", f"{PREFIX}diagnosis{TARGETS}", "{{entry}}", WIDTH, table=True),
        _panel("state-timeline", "Targets without a problem", f"{PREFIX}success", "{{instance}}", WIDTH),
        _panel("table", "Findings", f"{PREFIX}finding{TARGETS}", "{{finding}}", WIDTH, table=True),
        _panel(
            "timeseries", "Duration of probes", f"{PREFIX}probe_duration_seconds{TARGETS}",
            "{{target}} {{probe}}", HALF, unit="s",
        ),
        _panel(
            "timeseries", "Duration of steps", f"{PREFIX}step_duration_seconds{TARGETS}",
            "{{target}} {{probe}} {{step}}", HALF, unit="s",
        ),
        _panel(
            "timeseries", "Scrapes by result", f"sum by (result) (rate({PREFIX}exporter_scrapes_total[5m]))",
            "{{result}}", HALF, unit="ops",
        ),
        _panel("timeseries", "Memory of the exporter", _memory(), "{{instance}}", HALF, unit="bytes"),
    ]  # fmt: skip
    document = {
        "title": "clearpay-doctor",
        "uid": "clearpay-doctor",
        "tags": ["clearpay"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": _variables()},
        "panels": _placed(panels),
    }
    return json.dumps(document, indent=2) + "\n"


def _memory() -> str:
    return f"process_resident_memory_bytes + on(instance) {PREFIX}exporter_child_resident_memory_bytes"


def _variables() -> list[dict[str, Any]]:
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"},
        {
            "name": "target",
            "type": "query",
            "label": "Target",
            "datasource": SOURCE,
            "query": f"label_values({PREFIX}probe_outcome, target)",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
        },
    ]


def _panel(
    kind: str, title: str, query: str, legend: str, width: int, *, unit: str = "short", table: bool = False
) -> dict[str, Any]:
    form = {"format": "table", "instant": True} if table else {}
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "gridPos": {"w": width, "h": HEIGHT},
        "targets": [{"refId": "A", "datasource": SOURCE, "expr": query, "legendFormat": legend, **form}],
    }


def _placed(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Place the panels in rows, from left to right, and number them."""
    x = y = 0
    for number, panel in enumerate(panels, 1):
        width = panel["gridPos"]["w"]
        if x + width > WIDTH:
            x, y = 0, y + HEIGHT
        panel["id"] = number
        panel["gridPos"] |= {"x": x, "y": y}
        x += width
    return panels
