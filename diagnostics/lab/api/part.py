"""The API as a part of the lab: its server, its front, its certificates, and where all look for it."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from diagnostics.lab import certificates
from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import Files
from diagnostics.lab.https_front import HttpsFront
from diagnostics.settings import TargetSettings, Tls

BASE = "/v1"


class ApiPart:
    """Faults change `host`, `port`, `ca_file`, the front's certificate and the server's rules."""

    server: ApiServer
    front: HttpsFront
    files: Files
    """The healthy certificate, its key and the authority that signed it."""
    host: str
    port: int
    ca_file: Path
    """What the application trusts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir()
        self.files = certificates.make(self.folder)
        with ExitStack() as stack:
            self.server = stack.enter_context(ApiServer())
            self.front = stack.enter_context(HttpsFront(self.server.port, self.files))
            self.heal()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def description(self) -> str:
        """Where it listens."""
        return f"the API at {self.url}"

    @property
    def url(self) -> str:
        """Where the application and the doctor look."""
        return f"https://{self.host}:{self.port}{BASE}"

    def heal(self) -> None:
        """Its own address, its own certificate, and who trusts it."""
        self.host, self.port = "localhost", self.front.port
        self.ca_file = self.files.ca
        self.front.present(self.files)

    def told(self, settings: TargetSettings) -> TargetSettings:
        """Its address and whom to trust."""
        return replace(settings, api=self.url, tls=Tls(ca_file=str(self.ca_file)))

    def environment(self) -> Mapping[str, str]:
        """The same for the application."""
        return {"CLEARPAY_API_URL": self.url, "CLEARPAY_CA_FILE": str(self.ca_file)}
