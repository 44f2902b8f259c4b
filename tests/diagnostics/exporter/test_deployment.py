"""Manifests, unit and Containerfile of the page: valid by their schemas and without privileges."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from diagnostics.cli.command_table import load
from diagnostics.cli.parser import parser_for
from diagnostics.exporter.modules import DEFAULT_MODULE
from diagnostics.targets.settings import Settings
from kb.records.validate import validated

DEPLOY = Path(__file__).parents[3] / "site_docs" / "pages" / "deploy"
MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))
VERSION = "1.29"
KINDS = {"ConfigMap", "ServiceAccount", "Deployment", "Service", "ServiceMonitor", "CronJob"}


def manifest(kind: str) -> dict[str, Any]:
    (found,) = (document for document in MANIFESTS if document["kind"] == kind)
    return found


def pods() -> list[dict[str, Any]]:
    job = manifest("CronJob")["spec"]["jobTemplate"]
    return [document["spec"]["template"]["spec"] for document in (manifest("Deployment"), job)]


def understood(words: list[str]) -> None:
    """Parse the arguments of a command as the program does."""
    parser_for(words[0], load(words[0])).parse_args(words[1:])


@pytest.mark.parametrize("kind", sorted(KINDS - {"ServiceMonitor"}))
def test_a_manifest_is_valid_by_the_schema_of_kubernetes(kind: str) -> None:
    kubernetes_validate.validate(manifest(kind), VERSION, strict=True)


def test_every_kind_is_there() -> None:
    assert {document["kind"] for document in MANIFESTS} == KINDS


def test_pods_have_no_privileges_and_write_nothing_to_their_root() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_secrets_are_references_and_commands_are_understood() -> None:
    for pod in pods():
        for container in pod["containers"]:
            understood(container["args"])
            (password,) = (one for one in container["env"] if one["name"] == "CLEARPAY_DB_PASSWORD")
            assert password["valueFrom"]["secretKeyRef"]["name"]


def test_the_monitor_scrapes_a_target_of_the_file_at_a_port_of_the_service() -> None:
    settings = validated(
        Settings, tomllib.loads(manifest("ConfigMap")["data"]["clearpay-doctor.toml"]), "ConfigMap"
    )
    (scrape,) = (one for one in manifest("ServiceMonitor")["spec"]["endpoints"] if one["path"] == "/probe")
    service = manifest("Service")

    assert set(scrape["params"]["target"]) == set(settings.target)
    assert scrape["params"]["module"] == [DEFAULT_MODULE]
    assert scrape["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert manifest("ServiceMonitor")["spec"]["selector"]["matchLabels"] == service["metadata"]["labels"]
    assert service["spec"]["selector"] == manifest("Deployment")["spec"]["template"]["metadata"]["labels"]


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "clearpay-doctor.service").read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=\S+/clearpay-doctor (.*)$", text, re.MULTILINE)
    understood(command.split())
    unit = tmp_path / "clearpay-doctor.service"
    unit.write_text(text.replace("/opt/clearpay-doctor/bin/clearpay-doctor", "/bin/true"), "utf-8")
    done = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (0, [])


def test_the_image_runs_the_exporter_as_a_user_without_privileges() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (words,) = re.findall(r"^CMD \[(.*)\]$", text, re.MULTILINE)

    understood([word.strip().strip('"') for word in words.split(",")])
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    assert {pod["securityContext"]["runAsUser"] for pod in pods()} == {10001}
