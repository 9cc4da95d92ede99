"""A browser that trusts the site's own authority, over the local network."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from porch.addresses import addresses
from tests.browser.conftest import USUAL
from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.browser import FLAGS, Person, Room, give_name
from tests.support.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """In place of the one without HTTPS. It goes by an address that no browser takes for its own computer."""
    with Server(tmp_path_factory.mktemp("certified"), tls="on", host="0.0.0.0", **UNLIMITED) as running:
        running.url = running.url.replace("127.0.0.1", addresses("0.0.0.0")[-1])
        yield running


@pytest.fixture
def trusting_browser(
    server: Server, playwright: Playwright, chromium_path: str, tmp_path: Path
) -> Iterator[Browser]:
    """A browser of somebody who has installed the authority's certificate, as the page says."""
    certutil = shutil.which("certutil")
    if certutil is None:
        skip_or_fail("certutil is needed (Debian: libnss3-tools)")
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certificate = str(server.data / "tls" / "authority.crt")
    for command in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "Porch", "-i", certificate]):
        subprocess.run([str(certutil), "-d", f"sql:{store}", *command], check=True, timeout=60)
    environ: dict[str, str | float | bool] = {**os.environ, "HOME": str(tmp_path)}
    launched = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS, env=environ)
    yield launched
    launched.close()


def test_a_sealed_room_works_for_whoever_trusts_the_authority(
    server: Server, trusting_browser: Browser
) -> None:
    ann = Person(trusting_browser.new_context(**USUAL), server.url)
    page = ann.open("/chatrooms/")
    assert page.evaluate("isSecureContext && !!crypto.subtle")
    page.goto(f"{server.url}/sessions/new/?next=/chatrooms/")
    give_name(page, "Ann")
    page.wait_for_url("**/chatrooms/")
    page.get_by_label("What is the room about?").fill("The attic")
    page.get_by_role("checkbox", name="Sealed").check()
    page.get_by_role("button", name="Open the room").click()
    page.wait_for_url("**/chatrooms/*/")
    room = Room(page).ready()
    room.say("Within these four walls")
    room.shows("Within these four walls")
    page.goto(f"{server.url}/protected/")
    page.get_by_role("link", name="How to trust this site").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
    assert download.value.suggested_filename == "porch-authority.crt"
    assert Path(download.value.path()).read_bytes() == (server.data / "tls" / "authority.crt").read_bytes()
    expect(page.get_by_role("heading", name="Android")).to_be_visible()
    assert ann.unexpected() == []


def test_nobody_else_gets_past_the_warning_unasked(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(server.url)
    page.close()
