"""Scan on a Dask cluster of this machine: the same result, also where a worker is killed in the middle."""

import os
import signal
from pathlib import Path

import pytest

from diagnostics.errors import UsageError
from diagnostics.scan import spans
from diagnostics.scan.inputs import inputs_of
from diagnostics.scan.runner import run_scan
from kb.matching.shipped_index import load_index
from kb.scan.chunk import Scanner
from kb.scan.reading import ScanSettings
from tests.diagnostics.scan.test_runner import NOW, figures, log_text

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cluster") / "app.log"
    path.write_text(log_text(40_000))
    return path


def test_a_killed_worker_costs_nothing_and_nothing_is_counted_twice(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    inputs, _ = inputs_of([str(log)])
    scanner = Scanner(ScanSettings(load_index(), NOW))
    whole = run_scan(inputs, scanner, jobs=1)
    monkeypatch.setattr(spans, "SPAN", 60_000)
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        workers = [worker.pid for worker in cluster.workers.values()]
        killed: list[int] = []

        def kill_one_after_the_first_result(_read: int, _total: int) -> None:
            if not killed:
                os.kill(workers[0], signal.SIGKILL)
                killed.append(workers[0])

        progress = kill_one_after_the_first_result
        result = run_scan(inputs, scanner, cluster=cluster.scheduler_address, progress=progress)
        again = run_scan(inputs, scanner, cluster=cluster.scheduler_address)
    assert killed
    assert result.not_read == again.not_read == []
    assert len(result.summary.parts) > 10
    assert figures(result) == figures(again) == figures(whole)


def test_a_cluster_that_does_not_answer_is_a_usage_error(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("diagnostics.scan.cluster._CONNECT_S", 1)
    inputs, _ = inputs_of([str(log)])
    with pytest.raises(UsageError, match="--cluster"):
        run_scan(inputs, Scanner(ScanSettings(load_index(), NOW)), cluster="tcp://127.0.0.1:9")
