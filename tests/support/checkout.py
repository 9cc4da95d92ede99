"""The files of the checkout over HTTP, without Porch: for scripts that need a browser and no page of ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tests.support.server import ROOT

TYPES = {".js": "text/javascript", ".json": "application/json"}


class Files(SimpleHTTPRequestHandler):
    """Answers with scripts and vectors, and with an empty page for everything else."""

    def do_GET(self) -> None:
        if any(self.path.endswith(suffix) for suffix in TYPES):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def guess_type(self, path: object) -> str:
        return TYPES["." + str(path).rpartition(".")[2]]

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serve_checkout() -> Iterator[str]:
    """Its address, which browsers take for a secure one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT))) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()
