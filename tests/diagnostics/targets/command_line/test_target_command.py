"""Printed commands: run by a real shell, they name the same target, settings and entries, and no secret."""

import shlex
import subprocess
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.cli.command_table import load
from diagnostics.cli.parser import parser_for
from diagnostics.targets.command_line.located import located
from diagnostics.targets.command_line.origin import Origin
from diagnostics.targets.command_line.shell_words import explain_command, shell_word
from diagnostics.targets.command_line.target_command import TargetCommand, target_options
from diagnostics.targets.overrides import with_overrides
from diagnostics.targets.settings import Secrets, TargetSettings
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config, read, target_named
from diagnostics.targets.trust import FileInUse

URL = (
    "postgresql://app@127.0.0.1:6432,[::1]:5432/pay?sslmode=require&target_session_attrs=read-write"
    "&options=-c%20statement_timeout%3D5s&sslrootcert=/etc/ssl/our ca.pem"
)


def words_of(command: str, **variables: str) -> list[str]:
    """Return the words that a POSIX shell makes of a command; `variables` are its environment."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\0' {command}"],
        capture_output=True,
        check=False,
        env={**variables, "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def parsed(command: str, **variables: str) -> Namespace:
    """Return the options of a printed command as the program reads them."""
    program, verb, *words = words_of(command, **variables)
    assert program == "clearpay-doctor"
    return parser_for(verb, load(verb)).parse_args(words)


def bare(word: str, *overrides: str, config: str = "") -> Target:
    """Return the target of `--target WORD`, as the command line builds it."""
    pairs = dict(text.split("=", 1) for text in overrides)
    target = with_overrides(target_named(word, Config()), pairs)
    named = Config(file=FileInUse(Path(config))) if config else Config()
    return located(target, named, word, overrides=overrides)


def test_the_whole_query_of_a_url_is_kept() -> None:
    line = TargetCommand(bare(URL)).line("verify", "db-access-rule", wait="2m")

    options = parsed(line)

    assert (options.targets, options.entry, options.wait) == ([URL], "db-access-rule", 120)
    assert target_named(options.targets[0], Config()).endpoints == bare(URL).endpoints


def test_config_settings_entries_and_active_options_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "our targets.toml"
    file.write_text('[target.prod]\nproduction = true\ndatabase = "postgresql://app@db/pay"\n')
    config = read(file)
    overrides = ("thresholds.deadlock_window_s=30", "commands.restart_application=systemctl restart 'pay $1'")
    target = with_overrides(target_named("prod", config), dict(text.split("=", 1) for text in overrides))
    target = located(target, config, "prod", overrides=overrides)

    options = parsed(TargetCommand(target, ("team kb", "other")).line("check", "rotation", active=True))

    assert (options.targets, options.config, options.overrides) == (["prod"], str(file), list(overrides))
    assert (options.kb, options.active, options.force_production) == (
        [str(Path("team kb").absolute()), str(Path("other").absolute())],
        True,
        True,
    )
    assert options.selectors == ["rotation"]


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://app:hunter2@db/pay?sslmode=require", {"TARGET_PASSWORD": "hunter2"}),
        ("postgresql://app:p%40ss'w$(x)`o`rd@db/pay", {"TARGET_PASSWORD": "p%40ss'w$(x)`o`rd"}),
        ("postgresql://app:p@ss#w?rd@db/pay", {"TARGET": "postgresql://app:p@ss#w?rd@db/pay"}),
        ("postgresql://app@db/pay?password=hunter2&sslmode=require", {"TARGET_PASSWORD": "hunter2"}),
        ("postgresql://app@db/pay?sslpassword=hunter2", {"TARGET_SSLPASSWORD": "hunter2"}),
        (
            "postgresql://app:one@db/pay?password=two&x=1",
            {"TARGET": "postgresql://app:one@db/pay?password=two&x=1"},
        ),
        ("https://app:hunter2@api.example/v1", {"TARGET_PASSWORD": "hunter2"}),
        ("https://api.example/v1?token=abc123abc123", {"TARGET_TOKEN": "abc123abc123"}),
    ],
)
def test_a_secret_in_a_url_is_a_variable_that_must_be_set(url: str, secrets: dict[str, str]) -> None:
    command = TargetCommand(bare(url)).line("check", "connect")

    assert not any(secret in command for secret in secrets.values())
    assert parsed(command, **secrets).targets == [url]
    done = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\0' {command}"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert any(f"{name}: set it to" in done.stderr for name in secrets)


def test_a_secret_of_set_is_a_variable_and_a_reference_is_printed() -> None:
    url = "postgresql://app@db/pay"
    target = bare(
        url,
        "secrets.database=canary-one",
        'secrets.token={file = "/run/token"}',
        'rotation={secret = {aws = "pay"}}',
        "monitor=postgresql://doctor:canary-two@db/pay",
        'secrets={monitor = "canary-three"}',
    )

    command = target_options((target,))

    assert "canary" not in command
    assert """--set 'secrets.token={file = "/run/token"}'""" in command
    options = parsed(
        f"clearpay-doctor check {command}",
        SET_SECRETS_DATABASE="canary-one",
        SET_MONITOR_PASSWORD="canary-two",
        SET_SECRETS='{monitor = "canary-three"}',
    )
    assert options.overrides == list(target.origin.overrides if target.origin else ())


def test_a_target_of_the_environment_is_found_without_an_option() -> None:
    target = located(Target("DATABASE_URL", (endpoint("postgresql://app:secret@db/pay"),)), Config(), None)

    assert TargetCommand(target).line("check", "connect") == "clearpay-doctor check connect"


def test_a_path_is_printed_as_an_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "-net work.py").write_text("TIMEOUT = 1\n")
    monkeypatch.chdir(tmp_path)

    options = parsed(TargetCommand(bare("-net work.py")).line("check"))

    assert options.targets == [str(tmp_path / "-net work.py")]


def test_a_name_that_begins_with_a_dash_is_a_value_and_no_option() -> None:
    target = Target("-prod", (endpoint("postgresql://app@db/pay"),))

    assert parsed(TargetCommand(target).line("check", "connect")).targets == ["-prod"]


def test_two_targets_share_the_options_of_their_run() -> None:
    targets = [
        bare(word, "site_url=https://kb.example", config="/c.toml")
        for word in ("postgresql://app@a/x", "postgresql://app@b/x")
    ]

    options = target_options(targets, ("/kb",))

    assert options == (
        "--target postgresql://app@a/x --target postgresql://app@b/x "
        "--config /c.toml --set site_url=https://kb.example --kb /kb"
    )


def test_explain_keeps_the_folder_of_own_entries() -> None:
    assert explain_command("db-own") == "clearpay-doctor explain db-own"
    assert explain_command("db-own", ("/our kb",)) == "clearpay-doctor explain db-own --kb '/our kb'"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
HOSTILE = st.one_of(
    TEXT,
    st.sampled_from(
        [
            "$(touch /tmp/x)",
            "`id`",
            "'; rm -rf /",
            '"${HOME}"',
            "a\\",
            "!!",
            "~",
            "*",
            "a b",
            "-x",
            "#",
            "\n",
            "é",
            "\udcff",
            "{a,b}",
        ]
    ),
)
PLAIN = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789$'\"`\\!*~ ;&|<>(){}[]é-", min_size=1, max_size=20)
KEYS = st.sampled_from(
    ["pool.size", "commands.restart_application", "secrets.database", "site_url", "webhook.url"]
)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def urls(draw: st.DrawFn) -> tuple[str, str]:
    """Return a URL of PostgreSQL, as hostile as can be, and its password."""
    role = draw(st.text("abcxyz%4027-_.", max_size=8))
    password = draw(st.one_of(st.just(""), PLAIN.filter(lambda text: "@" not in text)))
    host = draw(st.sampled_from(["db", "127.0.0.1:6432", "[::1]:5432", "a:1,b:2", "%2Frun%2Fpg"]))
    query = draw(
        st.lists(st.tuples(st.sampled_from(["sslmode", "options", "host", "x y", "é"]), PLAIN), max_size=4)
    )
    parameters = "&".join(f"{key}={value.replace('&', '')}" for key, value in query)
    secret = f":{password}" if password else ""
    return f"postgresql://{role}{secret}@{host}/pay{'?' * bool(parameters)}{parameters}", password


def variables_in(command: str, replaced: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return an environment that has a value for each variable of the command."""
    return {name: value for name, value in replaced if f"${{{name}:?" in command}


@MANY
@given(url=urls(), overrides=st.dictionaries(KEYS, HOSTILE, max_size=3), kb=HOSTILE, config=HOSTILE)
def test_any_command_is_read_back_as_the_options_of_its_run(
    url: tuple[str, str], overrides: dict[str, str], kb: str, config: str
) -> None:
    word, password = url
    pairs = tuple(f"{key}={value}" for key, value in overrides.items())
    origin = Origin(word=word, config=Path("/", config or "c"), overrides=pairs)
    literal = overrides.get("secrets.database", "")
    target = Target("x", (), TargetSettings(secrets=Secrets(database=literal)), bare=True, origin=origin)
    folder = f"/{kb}"

    line = TargetCommand(target, (folder,)).line("verify", "db-deadlock", active=True, wait="2m")

    # A literal of `secrets.database` that is part of another setting is hidden there too.
    known = [
        ("TARGET", word),
        ("TARGET_PASSWORD", password),
        ("CONFIG", str(origin.config)),
        ("KB", str(Path(folder))),
    ]
    known += [(f"SET_{key.upper().replace('.', '_')}", value) for key, value in overrides.items()]
    assert line.isprintable()
    options = parsed(line, **variables_in(line, known))
    assert (options.targets, options.config, options.kb) == ([word], str(origin.config), [str(Path(folder))])
    assert options.overrides == list(pairs)
    assert (options.entry, options.active, options.force_production, options.wait) == (
        "db-deadlock",
        True,
        False,
        120,
    )
    assert shlex.split(line)[:3] == ["clearpay-doctor", "verify", "db-deadlock"]


@MANY
@given(text=HOSTILE, secret=st.text("abcdef0123456789XYZ$'\"`\\", min_size=8, max_size=30))
def test_no_known_secret_is_printed(text: str, secret: str) -> None:
    word = shell_word(f"{text}{secret}", "set x", prefix="x=", secrets={secret})

    assert secret not in word
    assert words_of(word, SET_X=f"{text}{secret}") == [f"x={text}{secret}"]


def test_a_target_that_code_has_built_is_named_by_its_name() -> None:
    target = replace(bare("postgresql://app@db/pay"), origin=None, name="prod")

    assert target_options((target,)) == "--target prod"


def test_a_file_that_was_found_is_not_named(tmp_path: Path) -> None:
    """A printed `--config` would make it trusted, which only its user may do."""
    file = tmp_path / "clearpay-doctor.toml"
    file.write_text('[target.prod]\ndatabase = "postgresql://app@db/pay"\n')

    target = located(target_named("prod", read(file, named=False)), read(file, named=False), "prod")

    assert target_options((target,)) == "--target prod"


def test_a_database_that_was_recognised_behind_host_and_port_is_named_as_one() -> None:
    point = endpoint("postgresql://db:5432")
    target = Target(point.name, (point,), bare=True, origin=Origin(word="db:5432"))

    assert target_options((target,)) == "--target postgresql://db:5432"
    assert target_options((bare("db:5432"),)) == "--target db:5432"
