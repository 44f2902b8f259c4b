"""The lab as a target: its settings, and their TOML."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.lab.layout import Layout
from diagnostics.lab.postgres import baseline, rotated_secret
from diagnostics.lab.postgres.address import Address
from diagnostics.targets.settings import (
    LAB_THRESHOLDS,
    Commands,
    Pool,
    Report,
    Rotation,
    SecretRef,
    Secrets,
    TargetSettings,
)
from kb.records.dataclass_io import to_data

POOL = Pool(application_name="payments", size=6, max_overflow=4)
"""Pool of the lab's application. The server accepts more connections: a full pool does not fill it."""
REPORT = Report(sql="SELECT * FROM bookings WHERE extract(month FROM booked_at) = 11", memory_mb=64)


def settings_of(
    address: Address, layout: Layout, aws: str, commands: Commands, pool: Pool = POOL
) -> TargetSettings:
    """Return the settings of the database target; the monitoring role uses the real address."""
    rotated = SecretRef(
        aws=rotated_secret.NAME,
        region=rotated_secret.REGION,
        endpoint=aws,
        credentials_file=str(layout.aws_credentials),
    )
    return TargetSettings(
        production=False,
        database=address.url(baseline.APPLICATION),
        monitor=address.url(baseline.MONITOR, baseline.DATABASE),
        secrets=Secrets(
            database=SecretRef(file=str(layout.application_password)),
            monitor=SecretRef(file=str(layout.monitor_password)),
        ),
        rotation=Rotation(secret=rotated),
        pool=pool,
        report=REPORT,
        commands=commands,
        thresholds=LAB_THRESHOLDS,
    )


def render(name: str, settings: TargetSettings) -> str:
    """Return a `clearpay-doctor.toml` with one target, without default values."""
    return "\n".join(_table(f"target.{name}", to_data(settings))) + "\n"


def _table(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    defaults = to_data(TargetSettings())
    changed = {key: value for key, value in data.items() if value != defaults.get(key)}
    yield f"[{name}]"
    yield from (
        f"{key} = {_value(value)}" for key, value in changed.items() if not isinstance(value, Mapping)
    )
    for key, value in changed.items():
        if isinstance(value, Mapping):
            yield f"\n[{name}.{key}]"
            yield from (
                f"{field} = {_value(item)}"
                for field, item in value.items()
                if item is not None and item != ""
            )


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        fields = (f"{key} = {_value(item)}" for key, item in value.items() if item is not None and item != "")
        return f"{{ {', '.join(fields)} }}"
    # TOML's basic strings, numbers and booleans have the syntax of JSON.
    return json.dumps(value, ensure_ascii=False)
