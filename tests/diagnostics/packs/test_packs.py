"""Packs: their entries, runbooks and probes in every command; collisions, and packs that are broken."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics import check
from diagnostics.lab.errors import LabError, UnknownFault
from diagnostics.lab.faults import fault_of
from diagnostics.packs.installed import installed_packs
from diagnostics.packs.template_files import template_files
from diagnostics.run.left_out import problems_by_subject
from tests.diagnostics.packs.installed_pack import PROBE, forget, install, on_the_path, record
from tests.diagnostics.runbooks.team_runbook import RECORD as RUNBOOK
from tests.diagnostics.runbooks.team_runbook import inside
from tests.kb.records.test_validate import written

ENTRY = "entries/database/own-trouble/entry.yaml"
NOWHERE = "postgresql://app@127.0.0.1:9/payments"
TEXT = "the ledger bridge refused batch from db7"


pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of packages that is searched."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "site-packages"
    folder.mkdir()
    with on_the_path(folder):
        yield folder


def installed(packages: Path, name: str, files: dict[str, str], package: str = "") -> Path:
    folder = install(packages, name, files, package)
    forget()
    return folder


def ids(what: str) -> set[str]:
    done = inside("list", what, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return {row["id"] for row in json.loads(done.stdout)[what]}


def left_out_line() -> str:
    """Return the line about a broken pack, where shipped entries are listed as ever."""
    done = inside("list", "entries")
    assert done.returncode == 0
    assert "db-deadlock" in done.stdout
    (line,) = done.stderr.splitlines()
    return line


def test_every_command_knows_what_a_pack_brings(packages: Path, tmp_path: Path) -> None:
    files = {
        ENTRY: record("own-queue.so"),
        "probes/__init__.py": "",
        "probes/own_queue.py": PROBE.format(name="own-queue"),
        "runbooks/own-book.yaml": RUNBOOK,
    }
    installed(packages, "bridge", files)
    (tmp_path / "error.log").write_text(TEXT, "utf-8")

    matched = inside("match", str(tmp_path / "error.log"), "--format", "json")
    checked = inside("check", "own-trouble", "--target", NOWHERE, "--format", "json")

    assert "own-trouble" in ids("entries")
    assert "own-queue" in ids("probes")
    assert "own-queue.so" in ids("findings")
    assert "own-book" in ids("runbooks")
    assert json.loads(matched.stdout)["matches"][0]["entry"] == "own-trouble"
    assert json.loads(checked.stdout)["diagnoses"][0]["finding"] == "own-queue.so"
    assert (checked.returncode, checked.stderr) == (1, "")
    assert check(NOWHERE, "own-queue").exit_code == 1
    assert inside("explain", "own-trouble").returncode == 0
    assert inside("runbook", "show", "own-book").returncode == 0
    assert "own-trouble" in inside("completion", "bash").stdout


def test_packs_are_listed_with_what_they_bring(packages: Path) -> None:
    folder = installed(packages, "bridge", {ENTRY: record("manual.trouble")})

    done = inside("list", "packs")
    (row,) = json.loads(inside("list", "packs", "--format", "json").stdout)["packs"]

    assert done.stdout == f"bridge  1.0; entries own-trouble; {folder}\n"
    assert row["problems"] == []
    assert (row["version"], row["entries"], row["probes"], row["runbooks"]) == (
        "1.0",
        ["own-trouble"],
        [],
        [],
    )


@pytest.mark.usefixtures("packages")
def test_without_a_pack_the_list_says_how_to_write_one() -> None:
    done = inside("list", "packs")

    assert (done.stdout, done.stderr) == ("", "no packs; pack new NAME writes one\n")


def test_an_entry_of_two_packs_is_refused_with_both_places(packages: Path) -> None:
    first = installed(packages, "one", {ENTRY: record("manual.one", "first bridge")})
    second = installed(packages, "two", {ENTRY: record("manual.two", "second bridge")})

    line = left_out_line()

    assert line == (
        f"clearpay-doctor: the pack two is left out: {second / ENTRY}: own-trouble: "
        f"another entry has this id: {first / ENTRY}"
    )


def test_a_shipped_id_is_refused_with_both_places(packages: Path) -> None:
    entry = "entries/database/db-deadlock/entry.yaml"
    folder = installed(packages, "one", {entry: record("manual.one")})

    line = left_out_line()

    assert f"{folder / entry}: db-deadlock: another entry has this id: " in line
    assert line.endswith("/kb/entries/database/db-deadlock/entry.yaml")


@pytest.mark.parametrize(
    ("module", "place"), [("login", "/probes/login.py"), ("db_replica_lag", "entry.yaml")]
)
def test_a_probe_of_a_taken_name_is_refused_with_both_places(module: str, place: str, packages: Path) -> None:
    name = module.replace("_", "-")
    probe = f"probes/{module}.py"
    folder = installed(packages, "one", {probe: PROBE.format(name=name), ENTRY: record(f"{name}.so")})

    line = left_out_line()

    assert f"the pack one is left out: {folder / probe}: another probe has this name: " in line
    assert place in line


def test_a_probe_and_an_entry_with_checks_share_no_name(packages: Path) -> None:
    own = dict(template_files("own"))
    entry = own["clearpay_doctor_own/entries/database/own-missing-table/entry.yaml"]
    probe = "probes/own_missing_table.py"
    files = {
        "entries/database/own-missing-table/entry.yaml": entry,
        probe: PROBE.format(name="own-missing-table"),
    }
    folder = installed(packages, "one", files)

    line = left_out_line()

    assert f"{folder / probe}: another probe has this name, that of the entry {folder}/entries/" in line


def test_a_runbook_of_a_taken_id_leaves_the_runbooks_out_and_the_entries_in(packages: Path) -> None:
    book = "runbooks/payments-failing.yaml"
    folder = installed(packages, "one", {ENTRY: record("manual.one"), book: RUNBOOK})

    done = inside("list", "runbooks")

    assert "payments-failing" in done.stdout
    assert done.stderr.startswith(
        f"clearpay-doctor: the runbooks of pack one are left out: {folder / book}: "
        "another runbook has this id: "
    )
    assert done.stderr.rstrip().endswith("kb/runbooks/payments-failing.yaml")
    assert "own-trouble" in inside("list", "entries").stdout


BROKEN = {
    "no package": ({}, "pack_missing", "the package pack_missing cannot be found"),
    "nothing in it": ({}, "", "has none of the folders entries, runbooks and probes"),
    "record": ({ENTRY: "title: 12"}, "", "entry.yaml:1: title: input should be a valid string"),
    "not YAML": ({ENTRY: "title: ["}, "", "entry.yaml"),
    "import": ({"probes/bad.py": "import no_such_module"}, "", "bad.py: ModuleNotFoundError: No module"),
    "exit": ({"probes/bad.py": "raise SystemExit(5)"}, "", "bad.py: SystemExit: 5"),
    "constant": ({"probes/bad.py": "QUESTION = 'x'"}, "", "bad.py: LAYER is missing"),
    "findings": (
        {"probes/bad.py": PROBE.format(name="other")}, "", "FINDINGS: other.so does not begin with bad."
    ),
    "no cause": ({"probes/bad.py": PROBE.format(name="bad")}, "", "probe bad: no cause claims bad.so"),
    "name": ({"probes/Bad.py": PROBE.format(name="Bad")}, "", "Bad.py: the name of a probe has lower-case"),
    "no probe": ({ENTRY: record("login.nothing")}, "", "no probe emits login.nothing"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_pack_is_one_line_and_takes_nothing_along(broken: str, packages: Path) -> None:
    files, package, message = BROKEN[broken]
    installed(packages, "good", {ENTRY.replace("own", "fine"): record("manual.fine", "other bridge")})
    installed(packages, "bad", files, package)
    if package:
        (packages / package / "__init__.py").unlink()
        (packages / package).rmdir()
        forget()

    for _ in range(2):  # the second time from the cache
        forget()
        line = left_out_line()
        assert line.startswith("clearpay-doctor: the pack bad is left out: ")
        assert message in line
    assert "fine-trouble" in inside("list", "entries").stdout
    (row,) = (
        row
        for row in json.loads(inside("list", "packs", "--format", "json").stdout)["packs"]
        if row["id"] == "bad"
    )
    assert any(message in problem for problem in row["problems"])


def test_sql_that_writes_is_refused_when_the_pack_is_loaded(packages: Path) -> None:
    own = dict(template_files("own"))
    entry = "entries/database/own-missing-table/entry.yaml"
    text = own[f"clearpay_doctor_own/{entry}"]
    hostile = text.replace(
        "SELECT name AS missing_table", "SELECT pg_terminate_backend(1), name AS missing_table"
    )
    installed(packages, "own", {entry: hostile})

    line = left_out_line()

    assert "own-missing-table" in line
    assert "calls pg_terminate_backend()" in line


def test_several_problems_are_one_line_and_all_in_the_list(packages: Path) -> None:
    files = {f"entries/database/own-{n}/entry.yaml": "title: 12" for n in ("one", "two")}
    installed(packages, "bad", files)

    line = left_out_line()
    done = inside("list", "packs")

    assert line.endswith("more: clearpay-doctor list packs)")
    assert done.stdout.startswith("bad  1.0; left out; ")
    assert "own-one/entry.yaml" in done.stdout
    assert "own-two/entry.yaml" in done.stdout


def test_a_changed_record_is_read_again(packages: Path) -> None:
    folder = installed(packages, "one", {ENTRY: record("manual.one")})
    assert "The team's own error" in inside("explain", "own-trouble").stdout

    (folder / ENTRY).write_text(
        record("manual.one").replace("The team's own error", "Another title"), "utf-8"
    )
    forget()

    assert "Another title" in inside("explain", "own-trouble").stdout
    assert problems_by_subject() == {}


def test_a_pack_that_is_installed_or_removed_is_noticed(packages: Path) -> None:
    assert installed_packs() == ()
    folder = installed(packages, "one", {ENTRY: record("manual.one")})
    assert [pack.name for pack in installed_packs()] == ["one"]

    (packages / "pack_one-1.0.dist-info" / "entry_points.txt").unlink()
    (packages / "pack_one-1.0.dist-info").rename(packages / "elsewhere")
    forget()

    assert folder.exists()
    assert installed_packs() == ()


def test_folders_of_a_team_come_after_packs(packages: Path, tmp_path: Path) -> None:
    folder = installed(packages, "one", {ENTRY: record("manual.one")})
    written(tmp_path / "kb", record("manual.two", "second bridge"), "own-other")
    written(tmp_path / "more", record("manual.three", "third bridge"), "own-third")
    written(tmp_path / "same", record("manual.four", "fourth bridge"), "own-trouble")

    both = inside("list", "entries", "--kb", "kb", "--kb", "more")
    taken = inside("list", "entries", "--kb", "same")

    assert {"own-trouble", "own-other", "own-third"} <= {line.split()[0] for line in both.stdout.splitlines()}
    assert taken.returncode == 4
    assert f"own-trouble: another entry has this id: {folder / ENTRY}" in taken.stderr


@pytest.mark.usefixtures("packages")
def test_commands_of_a_report_name_every_folder(tmp_path: Path) -> None:
    written(tmp_path / "kb", record("manual.two"), "own-other")
    written(tmp_path / "more", record("manual.three", "third bridge"), "own-third")
    (tmp_path / "error.log").write_text(TEXT, "utf-8")

    done = inside("match", "error.log", "--kb", "kb", "--kb", "more")

    assert f"--kb {tmp_path / 'kb'} --kb {tmp_path / 'more'}" in done.stdout


def test_the_lab_has_the_faults_of_packs(packages: Path) -> None:
    own = {
        path.partition("/")[2]: text for path, text in template_files("own") if "clearpay_doctor_own/" in path
    }
    files = {path: text.replace("clearpay_doctor_own", "pack_own") for path, text in own.items()}
    installed(packages, "own", files)

    assert fault_of("own-missing-table.missing_table").prints == 'relation "accounts" does not exist'
    assert fault_of("own-references.wrong_check_digits").warning
    with pytest.raises(UnknownFault, match=r"did you mean own-references\.wrong_check_digits"):
        fault_of("own-references.wrong_check_digit")


def test_faults_that_cannot_be_imported_are_an_error_of_the_lab(packages: Path) -> None:
    installed(packages, "own", {ENTRY: record("manual.one"), "faults.py": "raise ValueError('no')"})

    with pytest.raises(LabError, match="faults of pack own: ValueError: no"):
        fault_of("own.none")


@pytest.mark.parametrize("name", ["", "Payouts", "../up", "a b", "-x"])
def test_a_wrong_name_of_a_new_pack_is_refused(name: str) -> None:
    done = inside("pack", "new", "--", name)

    assert done.returncode == 2
    assert "write words joined by hyphens" in done.stderr
    assert list(Path().iterdir()) == []


def test_a_new_pack_replaces_nothing() -> None:
    assert inside("pack", "new", "payouts").returncode == 0

    again = inside("pack", "new", "payouts")

    assert (again.returncode, again.stdout) == (2, "")
    assert "clearpay-doctor-payouts: exists already" in again.stderr


def test_the_code_of_a_new_pack_has_no_flaw_that_ruff_knows() -> None:
    inside("pack", "new", "late-payouts")

    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,I,B,D1,ANN",
        "--line-length",
        "110",
    ]
    done = subprocess.run(
        [*ruff, "clearpay-doctor-late-payouts"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
