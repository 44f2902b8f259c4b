"""`check tls` of a bare address with --set: paths, names and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.cli.main import main
from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.builder import leaf
from diagnostics.lab.certificates.variants import variant
from tests.diagnostics.probes.odd_certificates import der
from tests.diagnostics.probes.sites import Site


@pytest.fixture
def folder(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with bundles, in an environment without bundle variables."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "sub folder").mkdir()
    own = site.files.ca.read_text("ascii")
    for name in ("ca.pem", "sub folder/ca.pem"):
        (tmp_path / name).write_text(own, "ascii")
    other = authority.make(tmp_path / "other").ca.read_text("ascii")
    (tmp_path / "several.pem").write_text(other + own, "ascii")
    (tmp_path / "empty.pem").touch()
    (tmp_path / "ca.der").write_bytes(der(site.files.root))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], address: str, **settings: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the single result of the JSON report."""
    pairs = [f"tls.{name}={value}" for name, value in settings.items()]
    arguments = [word for pair in pairs for word in ("--set", pair)]
    code = main(["check", "tls", "--target", address, *arguments, "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == code
    (result,) = document["results"]
    return code, result


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("ca_file", "expected"),
    [
        ("ca.pem", 0),
        ("./ca.pem", 0),
        ("sub folder/ca.pem", 0),
        ("several.pem", 0),
        ("empty.pem", 1),
        ("ca.der", 1),
        ("missing.pem", 1),
        ("other/ca.pem", 1),
        ("sub folder", 1),
    ],
)
def test_a_bundle_is_found_relative_to_the_working_directory(
    site: Site, capsys: pytest.CaptureFixture[str], ca_file: str, expected: int
) -> None:
    code, result = checked(capsys, f"https://127.0.0.1:{site.front.port}", ca_file=ca_file)

    assert code == expected, result
    assert result["outcome"] == ("fail" if expected else "pass")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("api.pay.example", 0),
        ("API.Pay.EXAMPLE", 0),
        ("x.star.example", 0),
        ("bücher.example", 0),
        ("xn--bcher-kva.example", 0),
        ("my_api.pay.example", 0),
        ("api.pay.example.", 0),
        ("10.1.2.3", 0),
        ("::1", 0),
        ("[::1]", 0),
        ("10.1.2.4", 1),
        ("star.example", 1),
        ("other.example", 1),
        ("a..example", 3),
    ],
)
def test_a_name_is_asked_for_as_the_application_would(
    site: Site, capsys: pytest.CaptureFixture[str], name: str, expected: int
) -> None:
    names = ("api.pay.example", "*.star.example", "xn--bcher-kva.example", "my_api.pay.example")
    pair = leaf(site.files.root, names=(*names, "10.1.2.3", "::1"))
    site.front.present(authority.write(site.files.ca.parent / "many", site.files.root, pair))

    code, result = checked(capsys, f"https://127.0.0.1:{site.front.port}", ca_file="ca.pem", server_name=name)

    assert code == expected, result
    assert [finding["code"] for finding in result["findings"]] == (
        ["tls.wrong_name"] if expected == 1 else []
    )


@pytest.mark.usefixtures("folder")
def test_a_warning_is_no_failure_and_nobody_there_is_undetermined(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.front.present(variant("expires_soon", site.files))

    late, warned = checked(capsys, f"localhost:{site.front.port}", ca_file="ca.pem")
    gone, _ = checked(capsys, "https://127.0.0.1:0", ca_file="ca.pem")

    assert (late, warned["outcome"]) == (0, "warn")
    assert gone == 3
