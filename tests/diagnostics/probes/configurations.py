"""Good configurations, and a run of one probe on one file."""

from pathlib import Path

from diagnostics.targets.settings import ConfigFiles, TargetSettings
from diagnostics.targets.target import CONFIG_KINDS, Endpoint, Target
from kb.records.dataclass_io import build
from tests.diagnostics.probes.running import ProbeResult, run_probes

PROBES = {
    "credentials": "credentials",
    "network": "timeouts",
    "currency": "currency",
    "webhook": "verification",
    "logging": "logs",
}
"""Probe of each role."""
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


def run_on_file(path: Path, role: str, **own: object) -> ProbeResult:
    """Run the probe of a role on one file."""
    files = build(ConfigFiles, {role: str(path)})
    target = Target(
        "test",
        (Endpoint(CONFIG_KINDS[role], str(path), str(path)),),
        TargetSettings(production=True, config=files, **own),  # type: ignore[arg-type]  # a test's own
    )
    return run_probes(target, PROBES[role])[PROBES[role]]


def write_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path
