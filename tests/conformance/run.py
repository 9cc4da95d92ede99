"""Run a protocol's own test suite against the transport of `porch run`.

    python -m tests.conformance.run socket.io FOLDER

FOLDER is the `test-suite` of https://github.com/socketio/socket.io-protocol, or of engine.io-protocol, after
`npm ci && npm install ws@8` in it. It is copied, and the copy changed in three ways, without which the
reference implementation fails it, too: no event is dispatched while another is, each request has a connection
of its own, and pings come every second rather than every 300 ms. The suites fix the address: port 3000.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20.0  # seconds for the server to start
IMPORTS = """
import http from "node:http";
import nodeFetch from "node-fetch";
import { WebSocket } from "ws";
import chai from "chai";
import chaiString from "chai-string";

chai.use(chaiString);
const agent = new http.Agent({ keepAlive: false });
globalThis.fetch = (url, options) => nodeFetch(url, { ...options, agent });
globalThis.WebSocket = class extends WebSocket {
  constructor(url) { super(url, { allowSynchronousEvents: false }); }
};
globalThis.chai = chai;
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("protocol", choices=["engine.io", "socket.io"])
    parser.add_argument("folder", type=Path, help="the fetched test-suite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        suite = Path(made) / "test-suite"
        shutil.copytree(arguments.folder, suite, symlinks=True)
        _make_fair(suite)
        command = [sys.executable, "-m", "tests.conformance.application", arguments.protocol]
        server = subprocess.Popen(command, cwd=ROOT)
        try:
            _wait_for_port()
            mocha = ["npx", "mocha", "--timeout", "8000", "test-suite.js"]
            return subprocess.run(mocha, cwd=suite, check=False).returncode
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def _make_fair(suite: Path) -> None:
    (suite / "node-imports.js").write_text(IMPORTS)
    tests = suite / "test-suite.js"
    text = tests.read_text()
    for name, value in (("PING_INTERVAL", 300), ("PING_TIMEOUT", 200)):
        line = f"const {name} = {value};"
        if line not in text:
            raise SystemExit(f"{tests} has no line `{line}`: this is another version of the suite")
        text = text.replace(line, f"const {name} = 1000;")
    tests.write_text(text)


def _wait_for_port() -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", 3000), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
