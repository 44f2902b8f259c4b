"""Target files: search, parsing, and problems with their place and remedy."""

from pathlib import Path

import pytest

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.errors import InvalidTarget
from diagnostics.targets import overrides, target_file, validation
from diagnostics.targets.settings import SecretRef
from kb.records.errors import InvalidRecord

GOOD = """
[target.prod]
database = "postgresql://app_user@db.internal:5432/transactions"
[target.prod.secrets]
database = { env = "CLEARPAY_DB_PASSWORD" }
[target.prod.rotation]
secret = { aws = "clearpay/db/credentials", region = "us-east-1" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / target_file.FILE_NAME
    path.write_text(text, "utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(InvalidRecord) as error:
        target_file.read(written(folder, text))
    return str(error.value)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    found = target_file.target_named("prod", target_file.read(written(tmp_path, GOOD)))

    assert found.production
    assert found.settings.secrets.database == SecretRef(env="CLEARPAY_DB_PASSWORD")
    assert found.endpoints[0].name == "postgresql://app_user@db.internal:5432/transactions"


def test_the_file_is_found_upward(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert target_file.find(tmp_path / "a" / "b") == path


def test_the_users_own_folder_is_the_last_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "clearpay-doctor").mkdir()
    path = written(tmp_path / "clearpay-doctor", GOOD)

    assert target_file.find(Path("/")) == path


def test_an_unknown_key_is_named_with_its_path_and_the_nearest_right_one(tmp_path: Path) -> None:
    message = refused(tmp_path, GOOD.replace("database = { env", "databse = { env"))

    assert "target.prod.secrets.databse: unknown field; did you mean database?" in message


def test_every_problem_is_shown_not_the_first(tmp_path: Path) -> None:
    message = refused(tmp_path, '[target.a]\nproduction = "maybe"\nsite_ulr = "x"\n[target.a.rotation]\n')

    assert len(message.splitlines()) == 3
    assert "target.a.rotation.secret: is missing" in message


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    assert "line 2" in refused(tmp_path, "[target.a]\ndatabase = postgresql://\n")


def test_a_url_that_is_no_database_is_refused(tmp_path: Path) -> None:
    assert "write postgresql://role@host:5432/database" in refused(
        tmp_path, '[target.a]\ndatabase = "https://db"\n'
    )


def test_a_reference_points_to_exactly_one_place(tmp_path: Path) -> None:
    message = refused(tmp_path, GOOD.replace('{ env = "CLEARPAY_DB_PASSWORD" }', '{ env = "A", file = "b" }'))

    assert "exactly one of env, file, command, aws, aws_rds_iam" in message


@pytest.mark.parametrize(
    ("key", "reference", "message"),
    [
        ("", "{}", "give exactly one of env, file, command"),
        ("", '{ command = ["a"], env = "A" }', "give exactly one of"),
        ("", '{ command = [" "] }', "command: begins with an empty word"),
        ("", '{ env = "A", first_line = true }', "first_line has no effect without command"),
        ("", '{ file = "a", region = "b" }', "region has no effect without aws or aws_rds_iam"),
        ("", '{ aws_rds_iam = true, endpoint = "b" }', "endpoint has no effect without aws"),
        ("", '{ aws_rds_iam = true, host = "db" }', "host: write host:port"),
        ("secrets.api_key", "{ aws_rds_iam = true }", "an IAM token is a password of RDS"),
        ("operator.secret", '{ file = "a", host = "b:1" }', "host has no effect without aws_rds_iam"),
    ],
)
def test_a_reference_has_no_field_without_effect(
    key: str, reference: str, message: str, tmp_path: Path
) -> None:
    key = key or "secrets.database"
    table = f'[target.a]\noperator.database = "postgresql://dba@db/x"\n{key} = {reference}\n'

    assert f"target.a.{key}: {message}" in refused(tmp_path, table)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ('{ command = "vault read" }', "secrets.database.command: input should be a valid tuple"),
        ('{ evn = "A" }', "secrets.database.evn: unknown field; did you mean env?"),
        ('["A"]', "secrets.database: input should be a valid string"),
    ],
)
def test_a_reference_of_the_wrong_type_is_one_line(reference: str, message: str, tmp_path: Path) -> None:
    (line,) = refused(tmp_path, f"[target.a]\nsecrets.database = {reference}\n").splitlines()

    assert f"target.a.{message}" in line


POOLER = """
[target.prod]
database = "postgresql://app_user@db.internal:6432/transactions"
pooler.admin = "postgresql://stats:hunter2-canary@db.internal:6432/pgbouncer"
"""


def test_the_admin_console_of_a_pooler_is_an_address_of_postgresql(tmp_path: Path) -> None:
    target = target_file.target_named("prod", target_file.read(written(tmp_path, POOLER)))

    assert target.settings.pooler is not None
    assert target.settings.pooler.kind == "pgbouncer"
    assert list(validation.literal_secrets(target)) == ["pooler.admin"]
    assert "hunter2" not in repr(target)
    assert "target.prod.pooler.admin: https://db: wrong kind of address" in refused(
        tmp_path, '[target.prod.pooler]\nadmin = "https://db"\n'
    )


def test_settings_of_a_pooler_that_nothing_reads_are_refused(tmp_path: Path) -> None:
    console = POOLER + 'pooler.kind = "other"\n'
    password = GOOD.replace("[target.prod.rotation]", 'pooler = { env = "P" }\n[target.prod.rotation]')

    assert "target.prod.pooler.admin: only the console of" in refused(tmp_path, console)
    assert "target.prod.secrets.pooler: there is no pooler.admin" in refused(tmp_path, password)
    assert "'pgpool' is not one of" in refused(tmp_path, '[target.prod.pooler]\nkind = "pgpool"\n')


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            'database = "postgresql://app@db/x?target_session_attrs=standby"\nwrites = true',
            "a.writes: target_session_attrs=standby in `database`",
        ),
        ('operator.database = "postgresql://db.internal/x"', "a.operator.database: names no role"),
        (
            'operator.database = "https://dba@db.internal/x"',
            "a.operator.database: ...@db.internal/x: wrong kind of address",
        ),
        ('operator.secret = "x"', "a.operator.secret: there is no operator.database"),
        ("logs.paths = []", "a.logs.paths: name at least one"),
        ('logs.paths = ["a.log", ""]', "a.logs.paths: name at least one"),
        (
            'database = "postgresql://a@db/x?sslmode=disable"\nsecrets.database = { aws_rds_iam = true }',
            "a.database: sslmode=disable sends the IAM token in the clear",
        ),
        ('config.names.api_key = "PAY_KEY"', "a.config.names: has no effect without config.credentials"),
        ('platform.database = "rsd"', "a.platform.database: 'rsd' is not one of"),
        ('platform.application = "rds"', "a.platform.application: 'rds' is not one of"),
        ('platform.databse = "rds"', "a.platform.databse: unknown field; did you mean database?"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_with_its_key(
    table: str, message: str, tmp_path: Path
) -> None:
    assert message in refused(tmp_path, f"[target.a]\n{table}\n")


def test_a_literal_secret_works_and_is_reported(tmp_path: Path) -> None:
    text = GOOD.replace('{ env = "CLEARPAY_DB_PASSWORD" }', '"hunter2-canary"')

    target = target_file.target_named("prod", target_file.read(written(tmp_path, text)))

    assert list(validation.literal_secrets(target)) == ["secrets.database"]
    assert "hunter2" not in repr(target)


def test_a_password_in_a_url_is_reported_too(tmp_path: Path) -> None:
    text = '[target.a]\ndatabase = "postgresql://app:hunter2-canary@db/x"\n'

    target = target_file.target_named("a", target_file.read(written(tmp_path, text)))

    assert list(validation.literal_secrets(target)) == ["database"]
    assert "hunter2" not in repr(target)


def test_an_override_changes_one_key(tmp_path: Path) -> None:
    target = target_file.target_named("prod", target_file.read(written(tmp_path, GOOD)))

    changed = overrides.with_overrides(
        target, {"thresholds.deadlock_window_s": "3", "site_url": "https://kb"}
    )

    assert changed.thresholds.deadlock_window_s == 3
    assert changed.settings.site_url == "https://kb"
    assert changed.settings.secrets == target.settings.secrets


def test_an_override_of_a_key_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    target = target_file.target_named("prod", target_file.read(written(tmp_path, GOOD)))

    with pytest.raises(InvalidRecord, match=r"thresholds\.deadlok_window_s: unknown field; did you mean"):
        overrides.with_overrides(target, {"thresholds.deadlok_window_s": "3"})


def test_a_misspelt_target_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InvalidTarget, match="did you mean prod"):
        target_file.target_named("prd", target_file.read(written(tmp_path, GOOD)))


def test_without_a_name_the_only_target_is_meant(tmp_path: Path) -> None:
    found = target_file.default_target(target_file.read(written(tmp_path, GOOD)), {})

    assert found is not None
    assert found.name == "prod"


def test_without_a_file_the_environment_names_the_database() -> None:
    url = target_file.default_target(target_file.Config(), {"DATABASE_URL": "postgresql://app@db/x"})
    driver = target_file.default_target(
        target_file.Config(), {"DATABASE_URL": "postgresql+asyncpg://app:hunter2@db/x"}
    )
    libpq = target_file.default_target(target_file.Config(), {"PGHOST": "db"})

    assert url is not None
    assert url.endpoints[0].name == "postgresql://app@db/x"
    assert driver is not None
    assert driver.endpoints[0].kind == "postgresql"
    assert driver.endpoints[0].name == "postgresql+asyncpg://app@db/x"
    assert libpq is not None
    assert libpq.endpoints[0].kind == "postgresql"


@pytest.mark.parametrize("value", ["hunter2-canary", "mysql://app:hunter2-canary@db/x", "https://a.example"])
def test_a_database_url_that_is_none_is_named_without_its_value(value: str) -> None:
    with pytest.raises(InvalidTarget, match="DATABASE_URL is not a URL of PostgreSQL") as raised:
        target_file.default_target(target_file.Config(), {"DATABASE_URL": value})

    assert "hunter2" not in str(raised.value)


def test_several_hosts_and_their_attributes_stay_in_the_url(tmp_path: Path) -> None:
    url = "postgresql://app@db1.internal:5432,db2.internal:5433/tx?target_session_attrs=read-write"

    target = target_file.target_named(
        "a", target_file.read(written(tmp_path, f'[target.a]\ndatabase = "{url}"'))
    )

    settings = connection_settings(target.endpoints[0].url, {"HOME": "/nonexistent"})
    assert [(host.host, host.port) for host in settings.hosts] == [
        ("db1.internal", 5432),
        ("db2.internal", 5433),
    ]
    assert settings["target_session_attrs"] == "read-write"
    assert target.endpoints[0].name == "postgresql://app@db1.internal:5432,db2.internal:5433/tx"


def test_with_neither_there_is_no_target() -> None:
    assert target_file.default_target(target_file.Config(), {}) is None


@pytest.mark.parametrize(
    ("pairs", "valid"),
    [
        ({"tls.ca_file": "/ca.pem"}, True),
        ({"tls.ca_file": "/ca.pem", "tls.server_name": "db.example"}, True),
        ({"tls.ca_file": '"with space.pem"'}, True),
        ({"tls.ca_file": "7"}, False),
        ({"tls.ca_fil": "/ca.pem"}, False),
        ({"tls.ca_file": "/ca.pem", "thresholds.key_days": "soon"}, False),
        ({"webhook.url": "http://127.0.0.1:9/", "webhook.secret": "whsec_x"}, True),
        ({"tls": "/ca.pem"}, False),
        ({"tls.ca_file.more": "/ca.pem"}, False),
    ],
)
def test_a_text_set_on_the_command_line_is_what_the_validator_would_make_of_it(
    pairs: dict[str, str], *, valid: bool
) -> None:
    bare = target_file.target_named("https://127.0.0.1:9/v1", target_file.Config())
    try:
        validated = overrides._with_values(
            bare.settings, {path: overrides.value_of(path, value) for path, value in pairs.items()}
        )
    except InvalidRecord:
        validated = None

    assert (validated is not None) == valid
    if valid:
        settings = overrides.with_overrides(bare, pairs).settings
        assert settings == validated
        assert settings != bare.settings
    else:
        with pytest.raises(InvalidRecord):
            overrides.with_overrides(bare, pairs)
