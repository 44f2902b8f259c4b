"""A server of the built site that compresses as web servers do, and counts the bytes that it sent."""

import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".md"}


@dataclass
class Sent:
    """Address of the server, and the bytes of each answer by path."""

    address: str = ""
    bytes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Bytes of all answers."""
        return sum(self.bytes.values())


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, sent: Sent, **options: object) -> None:
        self.sent = sent
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer with the compressed file, and count it."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        if path.suffix in COMPRESSED:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.sent.bytes[self.path] = self.sent.bytes.get(self.path, 0) + len(body)


@contextmanager
def compressed(folder: Path) -> Iterator[Sent]:
    """Serve a folder, and yield what was sent."""
    sent = Sent()
    handler = functools.partial(_Handler, directory=str(folder), sent=sent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sent.address = f"http://127.0.0.1:{server.server_port}"
        yield sent
        server.shutdown()
