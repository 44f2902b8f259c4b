"""IAM tokens of RDS: the request to connect, signed as AWS specifies it, without a network."""

import hashlib
import hmac
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from diagnostics.errors import CannotTell
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.rds_iam import Login, token_of
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.settings import SecretRef
from diagnostics.targets.target import Target

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "pay.c9akciq32.eu-central-1.rds.amazonaws.com"
LOGIN = Login(HOST, 5432, "app_user")


@pytest.fixture
def ref(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecretRef:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n"
    )
    return SecretRef(aws_rds_iam=True, region="eu-central-1", credentials_file="credentials")


def signature(address: str, fields: dict[str, str]) -> str:
    """Return the Signature Version 4 of a presigned GET, by the steps of its specification."""
    unsigned = {name: value for name, value in fields.items() if name != "X-Amz-Signature"}
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(unsigned.items())
    )
    empty = hashlib.sha256(b"").hexdigest()
    request = f"GET\n/\n{query}\nhost:{address}\n\nhost\n{empty}"
    scope = fields["X-Amz-Credential"].partition("/")[2]
    hashed = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{fields['X-Amz-Date']}\n{scope}\n{hashed}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("host", ["", "other.rds.amazonaws.com:6432"])
def test_a_token_is_the_signed_request_to_connect(ref: SecretRef, host: str, tmp_path: Path) -> None:
    reference = SecretRef(**{**{name: getattr(ref, name) for name in ref.__dataclass_fields__}, "host": host})

    token = token_of(reference, "secrets.database", LOGIN, folder=tmp_path)

    parts = urlsplit(f"https://{token}")
    fields = {name: value for name, (value,) in parse_qs(parts.query).items()}
    address = host or f"{HOST}:5432"
    assert (parts.netloc, parts.path) == (address, "/")
    assert fields["Action"] == "connect"
    assert fields["DBUser"] == "app_user"
    assert fields["X-Amz-Expires"] == "900"
    assert fields["X-Amz-Credential"].startswith(f"{KEY}/")
    assert fields["X-Amz-Credential"].endswith("/eu-central-1/rds-db/aws4_request")
    assert fields["X-Amz-Signature"] == signature(address, fields)


def test_the_token_is_masked_as_a_password(ref: SecretRef, tmp_path: Path) -> None:
    redactor = Redactor()
    store = SecretStore(Target("t", (), folder=tmp_path), redactor)

    token = store.read(ref, "secrets.database", login=LOGIN)

    assert redactor(f"login with {token}") == "login with <password:1>"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"credentials_file": ""}, "no AWS credentials were found"),
        ({"region": ""}, "no region is set; add `region` to the reference"),
        ({"profile": "absent"}, "could not be found"),
    ],
)
def test_what_is_missing_is_one_line(
    ref: SecretRef, changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    fields = {name: getattr(ref, name) for name in ref.__dataclass_fields__}

    with pytest.raises(CannotTell, match="IAM token of RDS") as raised:
        token_of(SecretRef(**{**fields, **changes}), "secrets.database", LOGIN, folder=tmp_path)

    assert message in str(raised.value)
    assert SECRET not in str(raised.value)
