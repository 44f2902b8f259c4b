"""Durations, deployments, providers' keys and forms of currencies are read as applications mean them."""

import base64
from pathlib import Path

import pytest

from diagnostics.clients.config.document import is_template, read, reader_of
from diagnostics.clients.config.mapping.durations import duration
from diagnostics.clients.config.mapping.key_names import normal
from diagnostics.clients.config.mapping.vendors import VENDORS, vendor_name
from diagnostics.clients.config.readers.python import read_python
from diagnostics.clients.config.tree import EnvRef, Node, Unknown
from diagnostics.clients.logging_config.trial import plain_value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3s", 3),
        ("500ms", 0.5),
        ("1m30s", 90),
        ("2 minutes", 120),
        ("PT5S", 5),
        ("PT1M0.5S", 60.5),
        ("00:00:30", 30),
        ("1h", 3600),
        ("10", None),
        ("3 parsecs", None),
        ("3s later", None),
        ("s", None),
        ("9" * 50 + "s", None),
    ],
)
def test_a_duration_has_its_unit(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("name", "written"),
    [("readTimeout", "read_timeout"), ("READ-TIMEOUT", "read_timeout"), ("HTTPTimeoutMs", "http_timeout_ms")],
)
def test_names_have_one_form(name: str, written: str) -> None:
    assert normal(name) == written


@pytest.mark.parametrize(
    ("name", "path", "meaning"),
    [
        ("SHOP_STRIPE_SECRET_KEY", "", ("Stripe", "api_key", "")),
        ("STRIPE_LIVE_SECRET_KEY", "", ("Stripe", "api_key", "live")),
        ("secretKey", "appsettings.Stripe", ("Stripe", "api_key", "")),
        ("ADYEN_HMAC_KEY", "", ("Adyen", "webhook_secret", "")),
        ("PAYPAL_CLIENT_SECRET", "", ("PayPal", "api_key", "")),
        ("BT_PRIVATE_KEY", "", ("Braintree", "api_key", "")),
        ("MOLLIE_API_KEY_TEST", "", ("Mollie", "api_key", "test")),
        ("SQUARE_WEBHOOK_SIGNATURE_KEY", "", ("Square", "webhook_secret", "")),
        ("SECRET_KEY", "settings.py", None),
        ("STRIPE_PRICE_ID", "", None),
        ("PINSTRIPE_KEY", "", None),
    ],
)
def test_usual_names_of_providers_are_known(
    name: str, path: str, meaning: tuple[str, str, str] | None
) -> None:
    found = vendor_name(normal(name), normal(path))

    assert (found and (found.vendor.name, found.key.key, found.kind)) == meaning


def test_every_provider_names_its_source() -> None:
    assert all(vendor.source.startswith("https://") for vendor in VENDORS)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        (".env", "read_env"),
        (".env.production", "read_env"),
        ("prod.env", "read_env"),
        ("env.example", "read_env"),
        (".env.local.example", "read_env"),
        ("env.py", "read_python"),
        ("config.example.yaml", "read_yaml"),
        ("config.yaml.dist", "read_yaml"),
        ("alembic.ini", "read_ini"),
        ("notes.txt", None),
    ],
)
def test_the_format_follows_from_the_name(name: str, reader: str | None) -> None:
    found = reader_of(name)

    assert (found and found.__name__) == reader


def test_a_template_is_known_by_its_name() -> None:
    assert [
        is_template(Path(name)) for name in (".env.example", "config.sample.yml", ".env", "prod.env")
    ] == [
        True,
        True,
        False,
        False,
    ]


def read_text(folder: Path, name: str, text: str) -> dict[str, Node]:
    (folder / name).write_text(text, "utf-8")
    return read(folder / name).root


def at(root: dict[str, Node], *path: str) -> Node:
    node = Node(root, 1)
    for part in path:
        assert isinstance(node.value, dict)
        node = node.value[part]
    return node


def test_environments_of_compose_are_tables(tmp_path: Path) -> None:
    root = read_text(
        tmp_path,
        "compose.yaml",
        "services:\n  a:\n    environment:\n      - A=3\n      - B=${B:-x}\n      - C\n"
        "  b:\n    environment:\n      A: '3'\n",
    )

    a = at(root, "services", "a", "environment")
    assert plain_value(at({"e": a}, "e", "A")) == 3
    assert (at({"e": a}, "e", "B").value, at({"e": a}, "e", "C").value) == (EnvRef("B", "x"), EnvRef("C"))
    assert at({"e": a}, "e", "B").line == 5
    assert at(root, "services", "b", "environment", "A").value == 3


def test_secrets_and_config_maps_are_decoded_and_files_in_them_are_read(tmp_path: Path) -> None:
    encoded = base64.b64encode(b"sk_test_x").decode()
    root = read_text(
        tmp_path,
        "all.yaml",
        f"kind: Secret\ndata:\n  KEY: {encoded}\n  BAD: '%%%'\n---\nkind: ConfigMap\ndata:\n"
        "  app.json: |\n    {\n      \"timeout\": 5\n    }\n  N: '5'\n---\n",
    )

    assert at(root, "document 1", "data", "KEY").value == "sk_test_x"
    assert isinstance(at(root, "document 1", "data", "BAD").value, Unknown)
    assert at(root, "document 2", "data", "app.json", "timeout") == Node(5, 10)
    assert at(root, "document 2", "data", "N").value == 5


def test_variables_of_a_deployment_without_a_value_are_open(tmp_path: Path) -> None:
    root = read_text(
        tmp_path,
        "deploy.yaml",
        "env:\n  - name: A\n    value: '1'\n  - name: B\n    valueFrom:\n      configMapKeyRef: {key: k}\n",
    )

    assert at(root, "env", "A").value == 1
    assert isinstance(at(root, "env", "B").value, Unknown)


PYTHON = """
from decouple import config
import environ, os

env = environ.Env()
LIMIT = 5
A = config("A", default=10, cast=int)
B = env.int("B", 7)
C = int(os.getenv("C", "9"))
D = os.environ.get("D") or "x"
E = LIMIT
F = {"inner": LIMIT}
G = timedelta(minutes=2)
H = (3.05, 27)
I = httpx.Timeout(10.0, connect=3.0)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    key: SecretStr
    timeout: int = 5


@dataclass
class Plain:
    codes: list = field(default_factory=lambda: ["EUR"])


if DEBUG:
    J = 1
else:
    J = 2
"""


def test_python_settings_are_followed_to_where_they_stand() -> None:
    root = read_python(PYTHON).root

    assert [root[key].value for key in "ABCD"] == [
        EnvRef("A", 10),
        EnvRef("B", 7),
        EnvRef("C", 9),
        EnvRef("D", "x"),
    ]
    assert (root["E"].value, root["E"].origin) == (5, "LIMIT, line 6")
    assert at(root, "F", "inner").origin == "LIMIT, line 6"
    assert (root["G"].value, plain_value(root["H"])) == (120, [3.05, 27])
    assert plain_value(root["I"]) == {"timeout": 10.0, "connect_timeout": 3.0}
    assert at(root, "Settings", "key").value == EnvRef("SHOP_KEY")
    assert at(root, "Settings", "timeout").value == EnvRef("SHOP_TIMEOUT", 5)
    assert plain_value(at(root, "Plain", "codes")) == ["EUR"]
    assert isinstance(root["J"].value, Unknown)


def test_names_that_expand_to_too_much_and_to_themselves_end() -> None:
    bomb = "a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{new} = [{', '.join([old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    cycle = read_python("a = {}\na['x'] = a\na['x']['y'] = a\n")

    assert read_python(bomb).root["i"].value is not None
    assert plain_value(cycle.root["a"]) == {"x": {}}
