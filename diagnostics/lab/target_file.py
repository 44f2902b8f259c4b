"""The lab as a target: its settings, and the TOML table that says them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.lab.layout import Layout
from diagnostics.lab.postgres import baseline, rotated_secret
from diagnostics.lab.postgres.address import Address
from diagnostics.targets.settings import Commands, Pool, Report, Rotation, SecretRef, Secrets, TargetSettings
from kb.records.dataclass_io import to_data

POOL = Pool(application_name="payments", size=6, max_overflow=4)
"""What the lab's application may open: less than the server has, so that a full pool is no full server."""
REPORT = Report(sql="SELECT * FROM bookings WHERE extract(month FROM booked_at) = 11", memory_mb=64)


def settings_of(
    address: Address, layout: Layout, aws: str, commands: Commands, pool: Pool = POOL
) -> TargetSettings:
    """What the doctor is told of the lab; the monitor's role always looks at the true database."""
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
    )


def render(name: str, settings: TargetSettings) -> str:
    """The text of a `clearpay-doctor.toml` with one target; what is not said is left out."""
    return "\n".join(_table(f"target.{name}", to_data(settings))) + "\n"


def _table(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    defaults = to_data(TargetSettings())
    said = {key: value for key, value in data.items() if value != defaults.get(key)}
    yield f"[{name}]"
    yield from (f"{key} = {_value(value)}" for key, value in said.items() if not isinstance(value, Mapping))
    for key, value in said.items():
        if isinstance(value, Mapping):
            yield f"\n[{name}.{key}]"
            yield from (
                f"{field} = {_value(one)}" for field, one in value.items() if one is not None and one != ""
            )


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        fields = (f"{key} = {_value(one)}" for key, one in value.items() if one is not None and one != "")
        return f"{{ {', '.join(fields)} }}"
    # TOML's basic strings, numbers and booleans are written as JSON writes them.
    return json.dumps(value, ensure_ascii=False)
