"""Metrics of one scrape, in the text format or in OpenMetrics as the scraper asks for."""

import json
from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from diagnostics.exporter.examinations import Examined
from diagnostics.exporter.jobs import Answer
from diagnostics.report.formats.prometheus import HELP
from diagnostics.version import __version__

PREFIX = "clearpay_doctor_"
MAX_NAMES = 32
"""Names of steps, and of evidence, that are exported of one probe on one target; later ones are dropped."""
OWN_HELP = {
    "step_duration_seconds": "Duration of a step of a probe.",
    "evidence": "Evidence that is a number, in base units.",
}
BAD = frozenset({"fail", "error", "unknown", "blocked"})
"""Outcomes with which a scrape is no success."""
NAMED = {"step_duration_seconds": "step", "evidence": "evidence"}
"""Label that has the name, by metric."""


class ScrapeMetrics(Collector):
    """Metrics of an answer, of the probes of one module."""

    def __init__(self, answer: Answer, state: Examined, probes: Iterable[str]) -> None:
        self._answer = answer
        self._state = state
        self._probes = {"", *probes}

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        answer = self._answer
        yield _gauge("examined", "1 if the probes ran, 0 if there is no result.", int(not answer.problem))
        yield _gauge(
            "success",
            "1 if every probe of the module ended as pass, warn or skipped, 0 otherwise.",
            int(is_success(answer, self._probes)),
        )
        yield InfoMetricFamily(PREFIX.rstrip("_"), HELP["info"], value={"version": __version__})
        yield _gauge("last_run_timestamp_seconds", HELP["last_run_timestamp_seconds"], answer.started)
        yield _gauge("run_duration_seconds", "Wall time of the run.", answer.seconds)
        yield from self._of_probes()

    def _of_probes(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value, probe in json.loads(self._answer.samples):
            if probe not in self._probes or not self._has_room(name, labels, probe):
                continue
            if name not in families:
                text = OWN_HELP.get(name) or HELP.get(name, name)
                families[name] = GaugeMetricFamily(PREFIX + name, text, labels=list(labels))
            families[name].add_metric(list(labels.values()), value)
        yield from families.values()

    def _has_room(self, name: str, labels: dict[str, str], probe: str) -> bool:
        """Return True if the name of a step or of evidence is known, or one more may be added."""
        if name not in NAMED:
            return True
        names = self._state.names.setdefault(f"{name} {probe}", set())
        if len(names) < MAX_NAMES:
            names.add(labels[NAMED[name]])
        return labels[NAMED[name]] in names


def is_success(answer: Answer, probes: Iterable[str]) -> bool:
    """Return True if all of the probes that apply to the target ended well."""
    outcomes = answer.outcomes or {}
    ended = [outcomes[probe] for probe in probes if probe in outcomes]
    return not answer.problem and bool(ended) and not BAD.intersection(ended)


def encoded(metrics: Collector, accept: str) -> tuple[bytes, str]:
    """Return metrics in the format that the scraper accepts, and its content type."""
    encode, content_type = choose_encoder(accept)
    return encode(metrics), content_type


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, text, value=value)
