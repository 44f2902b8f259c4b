"""The table of probes loads no driver, is ordered, and its modules follow the protocol."""

import subprocess
import sys

import pytest

from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.engine.probe import Probe
from diagnostics.probes import (
    PROBES,
    agreement,
    batches,
    clock,
    conflicts,
    connect,
    credentials,
    currency,
    key,
    kills,
    latency,
    login,
    logs,
    loop,
    pool,
    pooler,
    quota,
    reach,
    report,
    rotation,
    scopes,
    source,
    statements,
    timeouts,
    tls,
    token,
    verification,
    webhook,
)

TYPED: dict[str, Probe] = {
    "source": source,
    "credentials": credentials,
    "timeouts": timeouts,
    "currency": currency,
    "verification": verification,
    "logs": logs,
    "tls": tls,
    "reach": reach,
    "clock": clock,
    "latency": latency,
    "key": key,
    "token": token,
    "scopes": scopes,
    "quota": quota,
    "agreement": agreement,
    "loop": loop,
    "webhook": webhook,
    "connect": connect,
    "login": login,
    "pooler": pooler,
    "rotation": rotation,
    "kills": kills,
    "pool": pool,
    "statements": statements,
    "conflicts": conflicts,
    "batches": batches,
    "report": report,
}
"""The same table for the type checker, which compares each module with the protocol."""


def test_the_table_is_the_one_that_the_type_checker_sees() -> None:
    assert dict(PROBES) == TYPED
    assert "diagnostics" not in PROBES


def test_the_order_is_that_of_a_request_and_of_the_needs() -> None:
    order = list(PROBES)

    expected = ["source", "credentials", "tls", "reach", "loop", "webhook", "connect", "login"]
    assert [name for name in order if name in expected] == expected
    for name, probe in PROBES.items():
        assert all(order.index(need) < order.index(name) for need in (*probe.NEEDS, *probe.READS))


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_declares_its_findings_and_what_it_sends(name: str) -> None:
    probe = PROBES[name]

    assert {probe_of(code) for code in probe.FINDINGS} == {name}
    assert len(set(probe.FINDINGS)) == len(probe.FINDINGS)
    assert probe.SENDS.endswith(".")
    assert 0 < probe.BUDGET <= (60 if name == "source" else 30)  # a large repository is read to its end


def test_only_intrusive_probes_are_active() -> None:
    active = [name for name, probe in PROBES.items() if probe.SAFETY == "active"]
    assert active == ["loop", "webhook", "rotation"]


def test_the_table_loads_without_drivers() -> None:
    program = (
        "import sys, diagnostics.probes\n"
        "print(sorted({'psycopg2', 'boto3', 'botocore', 'pydantic', 'requests', 'ssl'} & set(sys.modules)))"
    )

    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert completed.stdout.strip() == "[]"
