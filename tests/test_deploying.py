"""The examples in `deploy/` name what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from porch.config import Settings
from porch.engines.files.images import LARGEST
from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.certificates import make_certificate
from tests.support.metrics import numbers
from tests.support.people import TIMEOUT
from tests.support.proxies import caddy, nginx
from tests.support.server import ROOT, Server
from tests.support.sockets import free_port
from tests.support.waiting import eventually

FILES = sorted((ROOT / "deploy").iterdir())
# Of the proxies' own.
OTHERS = {"PORCH_DOMAIN", "PORCH_UPSTREAM"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    known = {f"PORCH_{field.name.upper()}" for field in fields(Settings)} | OTHERS
    assert set(re.findall(r"PORCH_\w+", file.read_text())) <= known


def test_what_goes_into_the_image_is_there() -> None:
    for line in (ROOT / "deploy" / "Containerfile").read_text().splitlines():
        if line.startswith("COPY"):
            *sources, _ = line.split()[1:]
            for source in sources:
                assert (ROOT / source).exists(), source


def test_what_a_container_needs_of_the_checkout_is_in_it() -> None:
    copied = re.findall(r"^COPY (.*) \S+$", (ROOT / "deploy" / "Containerfile").read_text(), re.MULTILINE)
    assert {"app.py", "deploy/healthy.py", "migrations", "porch", "requirements.txt"} <= {
        name for line in copied for name in line.split()
    }


@pytest.mark.parametrize("name", ["compose.yaml", "cluster.compose.yaml"])
def test_who_is_waited_for_until_it_is_healthy_says_itself_how_to_ask(name: str) -> None:
    """Podman keeps no health check in an image."""
    told = (ROOT / "deploy" / name).read_text()
    image = (ROOT / "deploy" / "Containerfile").read_text()
    (asked,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD \[(.*)\]$", image, re.MULTILINE)
    assert f'test: ["CMD", {asked}]' in told


@pytest.mark.parametrize("tls", ["off", "on"])
def test_a_server_that_answers_is_healthy_and_no_other(tmp_path: Path, tls: str) -> None:
    with Server(tmp_path, tls=tls) as server:
        port = server.url.rpartition(":")[2]
        # Podman tells a container which proxy the machine has.
        chosen = {"PORCH_PORT": port, "PORCH_TLS": tls, "http_proxy": "http://127.0.0.1:9"}
        assert ask_for_health(chosen) == 0
    assert ask_for_health(chosen) != 0


def test_it_is_asked_where_the_file_of_settings_says(tmp_path: Path) -> None:
    asking = tmp_path / "healthy.py"
    asking.write_text((ROOT / "deploy" / "healthy.py").read_text())
    with Server(tmp_path / "data", tls="on", host="::1") as server:
        port = server.url.rpartition(":")[2]
        asking.with_name(".env").write_text(f"PORCH_TLS=on\nPORCH_PORT={port}\nPORCH_HOST=::1\n")
        assert ask_for_health({}, asking) == 0
        assert ask_for_health({"PORCH_TLS": "off"}, asking) != 0  # the environment goes before the file
        assert ask_for_health({"PORCH_HOST": "127.0.0.1"}, asking) != 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.2"])
def test_it_is_asked_by_the_address_that_it_listens_on(tmp_path: Path, host: str) -> None:
    with Server(tmp_path, host=host) as server:
        port = server.url.rpartition(":")[2]
        assert ask_for_health({"PORCH_PORT": port, "PORCH_HOST": host}) == 0


def ask_for_health(chosen: dict[str, str], program: Path = ROOT / "deploy" / "healthy.py") -> int:
    asking = [sys.executable, str(program)]
    return subprocess.run(asking, check=False, env=chosen, capture_output=True, timeout=30).returncode


@pytest.mark.parametrize("name", ["compose.yaml", "cluster.compose.yaml"])
def test_the_proxy_has_the_address_that_is_trusted_and_nobody_else_gets_it(name: str) -> None:
    """Who starts before it has an address of the range, or one of its own."""
    told = (ROOT / "deploy" / name).read_text()
    (trusted,) = re.findall(r"PORCH_TRUSTED_PROXIES: (\S+)", told)
    (subnet,) = re.findall(r"^ +- subnet: (\S+)", told, re.MULTILINE)
    ranges = re.findall(r"^ +ip_range: (\S+)", told, re.MULTILINE)
    fixed = re.findall(r"ipv4_address: (\S+)", told)
    assert trusted in fixed
    assert len(set(fixed)) == len(fixed)
    assert all(IPv4Address(address) in IPv4Network(subnet) for address in fixed)
    if ranges:
        assert IPv4Network(ranges[0]).subnet_of(IPv4Network(subnet))
        assert not any(IPv4Address(address) in IPv4Network(ranges[0]) for address in fixed)
    else:
        assert "networks: [inside]" not in told


def test_what_systemd_starts_has_its_settings_where_commands_read_them() -> None:
    """A command that misses the address of the database makes one of its own."""
    unit = (ROOT / "deploy" / "porch.service").read_text()
    (home,) = re.findall(r"^WorkingDirectory=(.*)$", unit, re.MULTILINE)
    assert f"Settings go into {home}/.env," in unit
    assert "EnvironmentFile" not in unit


def test_a_first_process_passes_a_stop_on_to_porch() -> None:
    """To the first itself none comes before it has said what to do then."""
    image = (ROOT / "deploy" / "Containerfile").read_text()
    assert 'ENTRYPOINT ["tini", "--"]' in image
    assert re.search(r"apt-get install .*\btini\b", image)


def test_each_example_is_described() -> None:
    told = (ROOT / "docs" / "deploying.md").read_text()
    assert [file.name for file in FILES if f"`deploy/{file.name}`" not in told] == []


@pytest.mark.long
def test_nginx_keeps_its_connections_to_several_processes(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        skip_or_fail("nginx was not found (Debian and Ubuntu: apt install nginx)")
    certificate = make_certificate(tmp_path)
    several = (ROOT / "deploy" / "cluster.nginx.conf").read_text()
    with Server(tmp_path / "data", trusted_proxies="127.0.0.1", **UNLIMITED) as server:
        for number in (1, 2):
            several = several.replace(f"10.0.0.1{number}:5000", urlsplit(server.url).netloc)
        with nginx(tmp_path, certificate, "porch", more=several) as url:
            assert requests.get(f"{url}/readyz", verify=str(certificate.authority), timeout=TIMEOUT).ok
            told = numbers(requests.get(f"{server.url}/metrics", timeout=TIMEOUT).text)
            assert told["porch_http_connections", "idle"] == 1


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_no_proxy_writes_a_link_down_while_the_site_is_away(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        skip_or_fail(f"{name} was not found (Debian and Ubuntu: apt install {name})")
    nobody = f"127.0.0.1:{free_port()}"
    running = (
        caddy(tmp_path, nobody) if name == "caddy" else nginx(tmp_path, make_certificate(tmp_path), nobody)
    )
    with running as url:
        eventually(lambda: status_of_a_room(url) in (502, 503))
    logs = list(tmp_path.glob("*.log"))
    assert logs
    assert not [file for file in logs if "hush" in file.read_text()]


def test_each_server_of_nginx_has_the_log_without_addresses() -> None:
    """Also the one that leads to HTTPS: without a log of its own it has nginx's, which has them all."""
    told = (ROOT / "deploy" / "nginx.conf").read_text()
    servers = told.split("\nserver {")[1:]
    assert [bool(re.search(r"^ +access_log \S+ porch;", one, re.MULTILINE)) for one in servers] == [
        True,
        True,
    ]


def status_of_a_room(url: str) -> int:
    """None of a room that there is; 0 where nobody speaks HTTPS yet."""
    link = f"{url}/chatrooms/hush/"
    try:
        return requests.get(link, headers={"Referer": link}, verify=False, timeout=TIMEOUT).status_code
    except requests.ConnectionError:
        return 0


@pytest.mark.parametrize("name", ["Caddyfile", "cluster.Caddyfile"])
def test_caddy_lets_the_largest_image_of_the_site_through(name: str) -> None:
    units = {"MB": 1_000_000, "MiB": 1024**2}  # as Caddy reads them
    (found,) = re.findall(r"max_size (\d+)(MB|MiB)\b", (ROOT / "deploy" / name).read_text())
    assert int(found[0]) * units[found[1]] >= LARGEST + 64 * 1024  # with its form
