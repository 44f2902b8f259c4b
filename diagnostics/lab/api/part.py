"""The API as a part of the lab: server, TLS proxy, certificates and addresses."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from diagnostics.lab.api.login import KEY_FILE, PORT_FILE, TOKEN_FILE
from diagnostics.lab.api.rules import AUDIENCE, ENVIRONMENT, ISSUER, SCOPES, Key, Rules, healthy
from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.certificates.builder import ORGANISATION
from diagnostics.lab.layout import write_private
from diagnostics.lab.part import Part
from diagnostics.lab.servers.https_proxy import HttpsProxy
from diagnostics.targets.settings import Contract, SecretRef, TargetSettings, Tls, Token

BASE = "/v1"


class ApiPart(Part):
    """The API; faults change `host`, `port`, `ca_file`, `proxy`, the presented certificate and the rules."""

    server: ApiServer
    front: HttpsProxy
    files: Files
    """The healthy certificate, its key and its root."""
    host: str
    port: int
    ca_file: Path
    """CA bundle of the application."""
    crl_file: Path | None
    """Certificate revocation list of the application, or None."""
    proxy: str
    """HTTP proxy of the application, or ""."""
    key: str
    """API key of the application."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key_file = folder / KEY_FILE
        self.token_file = folder / TOKEN_FILE

    def start(self, stack: ExitStack) -> None:
        """Create certificates, start the server and the TLS proxy in front of it."""
        self.folder.mkdir()
        self.files = authority.make(self.folder)
        self.server = stack.enter_context(ApiServer())
        write_private(self.folder / PORT_FILE, str(self.server.port))
        self.front = stack.enter_context(HttpsProxy(self.server.port, self.files))

    @property
    def description(self) -> str:
        """Name and URL."""
        return f"the API at {self.url}"

    @property
    def url(self) -> str:
        """URL for the application and the doctor."""
        return f"https://{self.host}:{self.port}{BASE}"

    @property
    def env_file(self) -> Path:
        """Further environment variables of the application."""
        return self.folder / "application.env"

    @property
    def rules(self) -> Rules:
        """Current rules of the API."""
        return self.server.rules

    @property
    def own_key(self) -> Key:
        """The API's record of the application's key."""
        return self.rules.keys[self.key]

    def restore(self) -> None:
        """Restore address, certificate and rules; issue a new key and a new token."""
        self.host, self.port, self.proxy = "localhost", self.front.port, ""
        self.ca_file, self.crl_file = self.files.ca, None
        write_private(self.env_file, "")
        self.front.restore(self.files)
        self.key = f"cp_test_{secrets.token_hex(12)}"
        self.server.rules = healthy(self.key)
        write_private(self.key_file, self.key)
        self.give_token(self.rules.token(self.key))

    def give_token(self, token: str) -> None:
        """Replace the application's token."""
        write_private(self.token_file, token)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Set the URL, the trust, the credentials and the required scopes."""
        return replace(
            settings,
            api=self.url,
            tls=Tls(
                ca_file=str(self.ca_file),
                crl_file=str(self.crl_file or ""),
                env_file=str(self.env_file),
                issuer=ORGANISATION,
            ),
            contract=Contract(environment=ENVIRONMENT, proxy=self.proxy),
            token=Token(issuer=ISSUER, audience=AUDIENCE, scopes=SCOPES),
            secrets=replace(
                settings.secrets,
                api_key=SecretRef(file=str(self.key_file)),
                token=SecretRef(file=str(self.token_file)),
            ),
        )

    def environment(self) -> Mapping[str, str]:
        """Return the same settings as variables for the application."""
        lines = self.env_file.read_text("utf-8").splitlines()
        variables = {
            "CLEARPAY_API_URL": self.url,
            "CLEARPAY_CA_FILE": str(self.ca_file),
            "CLEARPAY_API_KEY_FILE": str(self.key_file),
            "CLEARPAY_TOKEN_FILE": str(self.token_file),
        }
        variables |= {"CLEARPAY_CRL_FILE": str(self.crl_file)} if self.crl_file else {}
        variables |= {"HTTPS_PROXY": self.proxy} if self.proxy else {}
        return variables | dict(line.split("=", 1) for line in lines)
