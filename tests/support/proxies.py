"""The proxies of `deploy/`, run as they stand there but for addresses, ports and certificates."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.certificates import Certificate
from tests.support.server import ROOT
from tests.support.sockets import free_port
from tests.support.waiting import eventually

NGINX = """
user root;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {more}
    include {folder}/porch.conf;
}}
"""
# Caddy's own authority certifies local names; nothing of it is installed, and nothing listens but the site.
CADDY = """{{
    admin off
    skip_install_trust
    auto_https disable_redirects
    storage file_system {folder}/caddy
"""


@contextmanager
def nginx(
    folder: Path, certificate: Certificate, upstream: str, *, address: str = "127.0.0.1", more: str = ""
) -> Iterator[str]:
    """Where `deploy/nginx.conf` serves, in front of an address of Porch; `more` goes beside it."""
    port = free_port()
    change = {
        "listen 80;": f"listen {address}:{free_port()};",
        "listen [::]:80;": "",
        "listen 443 ssl;": f"listen {address}:{port} ssl;",
        "listen [::]:443 ssl;": "",
        "/etc/letsencrypt/live/chat.example.org/fullchain.pem": str(certificate.cert),
        "/etc/letsencrypt/live/chat.example.org/privkey.pem": str(certificate.key),
        "/var/log/nginx/porch.log": str(folder / "access.log"),
        "127.0.0.1:5000": upstream,
    }
    (folder / "porch.conf").write_text(_changed(ROOT / "deploy" / "nginx.conf", change))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, more=more))
    with _running(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder, address, port):
        yield f"https://{address}:{port}"


@contextmanager
def caddy(folder: Path, upstream: str) -> Iterator[str]:
    """Where `deploy/Caddyfile` serves, in front of an address of Porch."""
    port = free_port()
    options = {"\n{\n": "\n" + CADDY.format(folder=folder)}
    (folder / "Caddyfile").write_text(_changed(ROOT / "deploy" / "Caddyfile", options))
    environ = {
        "HOME": str(folder),
        "PORCH_DOMAIN": f"https://localhost:{port}",
        "PORCH_UPSTREAM": upstream,
    }
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, folder, "localhost", port, environ):
        yield f"https://localhost:{port}"


def caddy_authority(folder: Path) -> Path:
    """The certificate of its authority, once it runs."""
    return folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"


@contextmanager
def _running(
    command: Sequence[str], folder: Path, address: str, port: int, environ: Mapping[str, str] | None = None
) -> Iterator[None]:
    """What it says stands in `said.log` in its folder."""
    with (folder / "said.log").open("w+b") as said:  # a pipe that nobody reads is full one day, and all wait
        process = subprocess.Popen(
            command, env={**os.environ, **(environ or {})}, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            eventually(lambda: process.poll() is not None or _listens(address, port))
            assert process.poll() is None, _content(said)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True


def _changed(file: Path, change: Mapping[str, str]) -> str:
    text = file.read_text()
    for old, new in change.items():
        assert old in text, f"{file} has no {old}"
        text = text.replace(old, new)
    return text
