"""Child process of the exporter: reads jobs on stdin, examines targets, writes answers on stdout.

It ends with its parent, because its stdin is then closed. A probe that hangs holds a thread of this process,
and the parent replaces a process that has too many of them.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UsageError, frame_names
from diagnostics.exporter.jobs import READY, Answer, Job, job_of
from diagnostics.exporter.samples import samples_of_scrape
from diagnostics.report.model import Report, by_probe
from diagnostics.run.examination import Examination, examine
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import require_endpoints
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.secrets.check import require_secrets
from kb.records.errors import InvalidRecord
from kb.text.sanitize import mask_message, one_line

JOBS = 16
"""Examinations at the same time in one process."""
MARGIN_S = 0.4
"""Seconds before the end of a job in which the report is built and sent."""
SHORTEST_S = 0.2


class Child:
    """Examiner of the targets of one file."""

    def __init__(self, config: target_file.Config, catalogue: Catalogue, kb: tuple[str, ...]) -> None:
        self._config = config
        self._catalogue = catalogue
        self._kb = kb

    def answer(self, job: Job) -> Answer:
        """Return the result of a job; a problem is a text without secrets."""
        began = time.time()
        try:
            examination, report = self._examine(job)
        except UsageError as error:
            return self._problem(job, began, str(error))
        except InvalidRecord as error:
            return self._problem(job, began, "; ".join(error.problems))
        except Exception as error:  # noqa: BLE001  a fault of one target must not end the others
            place = (frame_names(error) or ("an unknown place",))[-1]
            return self._problem(job, began, f"internal error: {type(error).__name__} at {place}")
        return Answer(
            job.number,
            samples=json.dumps(samples_of_scrape(report)),
            outcomes=_outcomes(report),
            findings=_findings(report),
            started=began,
            seconds=time.time() - began,
            rejected=bool(examination.rejected),
            threads=threading.active_count(),
            memory=_memory(),
        )

    def _examine(self, job: Job) -> tuple[Examination, Report]:
        target = target_file.target_named(job.target, self._config)
        target = located(target, self._config, job.target, overrides=[])
        require_endpoints([target])
        require_secrets([target])
        seconds = max(SHORTEST_S, job.until - time.monotonic() - MARGIN_S)
        examination = Examination(self._catalogue, (target,), deadline_s=seconds, kb=self._kb)
        examination = examination.with_probes(job.probes)
        return examination, examine(examination)

    @staticmethod
    def _problem(job: Job, began: float, message: str) -> Answer:
        return Answer(
            job.number,
            started=began,
            seconds=time.time() - began,
            problem=mask_message(one_line(message)),
            threads=threading.active_count(),
            memory=_memory(),
        )


def _outcomes(report: Report) -> Mapping[str, str]:
    return dict(by_probe(report.results))


def _findings(report: Report) -> tuple[tuple[str, str, str], ...]:
    rows = []
    for result in report.results:
        for finding in result.findings:
            diagnosis = report.diagnosis_of(result.key.target, finding.code)
            rows.append(
                (finding.code, diagnosis.entry if diagnosis else "", diagnosis.url if diagnosis else "")
            )
    return tuple(dict.fromkeys(rows))


def _memory() -> int:
    """Return the resident bytes of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def serve(jobs: BinaryIO, answers: BinaryIO, child: Child) -> None:
    """Answer jobs until there are no more."""
    lock = threading.Lock()

    def work(job: Job) -> None:
        line = child.answer(job).line()
        with lock:
            answers.write(line)
            answers.flush()

    answers.write(READY.line())
    answers.flush()
    with ThreadPoolExecutor(JOBS, thread_name_prefix="job") as pool:
        for line in jobs:
            pool.submit(work, job_of(line))
        os._exit(0)  # the parent has ended, and hung probes must not keep this process


def main() -> None:
    """Read the target file that the arguments name, and answer jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends this
    path, named, *folders = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not mix with the answers
    config = target_file.read(Path(path), named=named == "named")
    catalogue = catalogue_of(folders)
    list(catalogue.probes.values())  # imports them, so that the first scrape does not wait for it
    serve(sys.stdin.buffer, answers, Child(config, catalogue, tuple(folders)))


if __name__ == "__main__":
    main()
