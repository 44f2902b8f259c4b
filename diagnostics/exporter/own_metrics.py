"""Metrics of the exporter itself."""

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from diagnostics.exporter.children import Children
from diagnostics.exporter.examinations import Examinations
from diagnostics.exporter.exposition import PREFIX

OWN = f"{PREFIX}exporter_"
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class OwnMetrics:
    """Registry with counters of scrapes, and gauges of examinations and child processes."""

    def __init__(self, examinations: Examinations, children: Children) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.scrapes = Counter(
            f"{OWN}scrapes", "Scrapes of targets by their result.", ["result"], registry=self.registry
        )
        self.duration = Histogram(
            f"{OWN}scrape_duration_seconds",
            "Time from a scrape of a target to its answer.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.reloads = Counter(
            f"{OWN}reloads", "Reads of the target file by their result.", ["result"], registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_State(examinations, children))
        for result in ("success", "failure", "no_result"):
            self.scrapes.labels(result)
        for result in ("success", "failure"):
            self.reloads.labels(result)


class _State(Collector):
    """State that is read when it is scraped."""

    def __init__(self, examinations: Examinations, children: Children) -> None:
        self._examinations = examinations
        self._children = children

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        running = self._children.running
        gauges = {
            "targets": ("Targets of the file.", len(self._examinations.targets)),
            "running_examinations": ("Examinations that run now.", self._examinations.active),
            "child_processes": ("Child processes.", len(running)),
            "child_threads": ("Threads of all child processes.", sum(child.threads for child in running)),
            "child_resident_memory_bytes": (
                "Resident memory of all child processes.",
                sum(child.memory for child in running),
            ),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(OWN + name, text, value=value)
        counters = {
            "examinations": ("Examinations that were begun.", self._examinations.total),
            "child_restarts": ("Child processes that were replaced.", self._children.restarts),
        }
        for name, (text, value) in counters.items():
            yield CounterMetricFamily(OWN + name, text, value=value)
