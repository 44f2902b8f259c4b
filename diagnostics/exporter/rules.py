"""Alert rules of Prometheus: one for each error that a probe can confirm, with the address of its page."""

from collections.abc import Iterator
from typing import Any

import yaml

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.exporter.exposition import PREFIX
from kb.records.models import Entry, Severity

FOR: dict[Severity, str] = {"critical": "1m", "high": "2m", "medium": "5m", "low": "10m"}
"""Time for which an error is confirmed before its alert fires, by the severity of its entry."""
WIDTH = 10_000


def alert_rules(catalogue: Catalogue, site_url: str) -> str:
    """Return the rules in YAML; without the address of a site they have no `runbook_url`."""
    rules = [
        _rule_of(entry, site_url)
        for entry in catalogue.entries.values()
        if not entry.retired and any(_is_quiet(name, catalogue) for name in catalogue.probes_of(entry))
    ]
    document = {"groups": [{"name": "clearpay-doctor", "rules": [*rules, *_own_rules()]}]}
    return yaml.safe_dump(document, sort_keys=False, width=WIDTH, allow_unicode=True)


def _is_quiet(probe: str, catalogue: Catalogue) -> bool:
    return catalogue.probes[probe].SAFETY != "active"


def alert_name(entry: str) -> str:
    """Return the name of the alert of an entry: `ClearPayDbDeadlock`."""
    return "ClearPay" + "".join(word.capitalize() for word in entry.split("-"))


def _rule_of(entry: Entry, site_url: str) -> dict[str, Any]:
    annotations = {"summary": f"{{{{ $labels.target }}}}: {_plain(entry.title)}"}
    if entry.mitigation:
        annotations["description"] = _plain(entry.mitigation)
    if site_url:
        annotations["runbook_url"] = f"{site_url.rstrip('/')}/errors/{entry.id}/"
    return {
        "alert": alert_name(entry.id),
        "expr": f'max by (target, entry) ({PREFIX}diagnosis{{entry="{entry.id}",verdict="confirmed"}}) == 1',
        "for": FOR[entry.severity],
        "labels": {"severity": entry.severity},
        "annotations": annotations,
    }


def _own_rules() -> Iterator[dict[str, Any]]:
    yield {
        "alert": "ClearPayNotExamined",
        "expr": f"{PREFIX}examined == 0",
        "for": "5m",
        "labels": {"severity": "warning"},
        "annotations": {
            "summary": "{{ $labels.instance }} has had no result for 5 minutes",
            "description": "The page of the exporter shows the reason.",
        },
    }
    yield {
        "alert": "ClearPayChildrenRestart",
        "expr": f"increase({PREFIX}exporter_child_restarts_total[30m]) > 8",
        "for": "5m",
        "labels": {"severity": "warning"},
        "annotations": {
            "summary": "Child processes of the exporter at {{ $labels.instance }} end again and again"
        },
    }


def _plain(text: str) -> str:
    """Return a text without the braces that Prometheus would read as a template."""
    return text.replace("{{", "{ {").replace("}}", "} }")
