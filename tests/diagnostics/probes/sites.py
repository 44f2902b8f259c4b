"""Web server with an exchangeable certificate, and the result of the probe `tls` for it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.process.environment import clean
from diagnostics.lab.servers.https_proxy import HttpsProxy
from diagnostics.targets.settings import TargetSettings, Thresholds, Tls
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.running import ProbeResult, run_probes

EXPECTED = {
    "healthy": "",
    "whole_chain": "",
    "expired": "expired",
    "not_yet_valid": "not_yet_valid",
    "wrong_name": "wrong_name",
    "self_signed": "self_signed",
    "renewed_authority": "unknown_authority",
    "foreign_root_sent": "unknown_authority",
    "intercepted": "interception",
    "missing_intermediate": "missing_intermediate",
    "expired_intermediate": "expired_intermediate",
    "weak_key": "weak_key",
    "weak_digest": "weak_digest",
    "wrong_purpose": "wrong_purpose",
    "ca_not_ca": "ca_not_ca",
    "foreign_constraint": "constraint_violated",
    "path_too_long": "constraint_violated",
    "unknown_extension": "constraint_violated",
    "changed_signature": "invalid_certificate",
    "expires_soon": "expires_soon",
    "without_authority_key": "strict",
    "common_name_only": "wrong_name",
}
TAKEN = {"healthy", "whole_chain", "expires_soon", "without_authority_key", "common_name_only"}
"""Variants that OpenSSL accepts: it does not warn before expiry, and its defaults are not strict."""


@dataclass(frozen=True)
class Site:
    """HTTPS server, its certificates, and a file of environment variables without any."""

    front: HttpsProxy
    files: Files
    environment: Path

    def tls(self, **more: str) -> Tls:
        """Return the application's TLS settings with a test's changes."""
        return Tls(**{"ca_file": str(self.files.ca), "env_file": str(self.environment), **more})

    @property
    def url(self) -> str:
        """URL of the server."""
        return f"https://localhost:{self.front.port}/v1"

    def looked(self, address: str = "", tls: Tls | None = None, **thresholds: float) -> ProbeResult:
        """Run `tls` on an address, by default on this site."""
        own = Thresholds(connect_timeout_s=1.5, **thresholds)  # type: ignore[arg-type]  # a test's own
        settings = TargetSettings(production=False, tls=tls or self.tls(), thresholds=own)
        return run_probes(Target("test", (endpoint(address or self.url),), settings, Path("/")), "tls")["tls"]


def openssl(port: int, ca: Path) -> int:
    """Return the verify code of `openssl s_client` at Python's security level."""
    command = ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile", str(ca)]
    command += ["-verify_hostname", "localhost", "-verify_return_error", "-cipher", "DEFAULT:@SECLEVEL=2"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env=clean(),
    )
    line = next(line for line in done.stdout.splitlines() if "Verify return code:" in line)
    code = int(line.partition("code:")[2].split()[0])
    # It prints 0 also if it received no certificate.
    assert code or "no peer certificate available" not in done.stdout
    return code
