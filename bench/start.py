"""How long a newcomer waits: clone to first message read, server start, memory after start.

Measures the newest commit, cloned into a temporary folder that is removed afterwards. The package cache is
warm and the browser is open already, as on a developer's machine. Start it as `bench/start`.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds until a wait is given up; the first start sets up the environment
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MESSAGE = "Hello from the first browser"


def main() -> None:
    """Print the three figures, one a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how many starts to take the median of")
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        clone = Path(folder, "porch")
        first_message = time_first_message(clone)
        measured = [measure_start(clone) for _ in range(starts)]
    start = statistics.median(seconds for seconds, _ in measured)
    memory = statistics.median(mebibytes for _, mebibytes in measured)
    print(f"git clone to first message read  {first_message:7.2f} s")
    print(f"server start, median of {starts:<2}       {start:7.2f} s")
    print(f"memory after start (RSS)         {memory:7.1f} MiB")


def time_first_message(clone: Path) -> float:
    """Seconds from `git clone` until the second of two browsers shows what the first one sent."""
    with open_browser() as browser:
        begin = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True, timeout=PATIENCE)
        with running_server(clone) as (_, url):
            link = send_first_message(browser, url)
            read_first_message(browser, link)
            return time.perf_counter() - begin


def measure_start(clone: Path) -> tuple[float, float]:
    """Seconds from the start of the process to its first page, and the MiB it holds then."""
    begin = time.perf_counter()
    with running_server(clone) as (pid, _):
        return time.perf_counter() - begin, resident_mebibytes(pid)


@contextmanager
def running_server(clone: Path) -> Iterator[tuple[int, str]]:
    """`bin/run` of the clone on a free port, serving pages when this yields (process id, address)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [f"{clone}/bin/run", "--host", "127.0.0.1", "--port", str(port), "--data", f"{clone}/data"]
    with (clone.parent / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for_page(url, server, Path(log.name))
        yield server.pid, url
    finally:
        end(server)


def wait_for_page(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return at the first 200 answer of the landing page."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.005)
    raise SystemExit(f"The server did not answer. What it wrote:\n{log.read_text(errors='replace')}")


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started, politely first."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        if server.poll() is None:
            os.killpg(server.pid, signum)
        try:
            server.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue


def resident_mebibytes(pid: int) -> float:
    """Resident memory of a process."""
    kibibytes = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], check=True, capture_output=True, text=True, timeout=10
    )
    return int(kibibytes.stdout) / 1024


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The system's Chromium (CHROMIUM names another), or else Playwright's own."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else BROWSERS
    path = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, timeout=PATIENCE * 1000)
        try:
            yield browser
        finally:
            browser.close()


def send_first_message(browser: Browser, url: str) -> str:
    """Open a room, sign in, say something; the room's address."""
    page = open_page(browser, f"{url}/chatrooms/")
    fill_and_enter(page, "input[name=name]", "Bench")
    fill_and_enter(page, "input[name=username]", "First")
    fill_and_enter(page, "textarea[name=content]", MESSAGE)
    return page.url


def read_first_message(browser: Browser, link: str) -> None:
    """Follow the link as somebody else, sign in and see the message."""
    page = open_page(browser, link)
    fill_and_enter(page, "input[name=username]", "Second")
    expect(page.get_by_text(MESSAGE).first).to_be_visible(timeout=30_000)


def open_page(browser: Browser, url: str) -> Page:
    """A page of its own context, which is a browser of its own to the server."""
    page = browser.new_context().new_page()
    page.set_default_timeout(30_000)
    page.goto(url)
    return page


def fill_and_enter(page: Page, field: str, text: str) -> None:
    """Type into the first such field and press Enter, once the page's scripts are there to notice."""
    box = page.locator(field).first
    box.wait_for()
    page.wait_for_load_state()
    box.fill(text)
    box.press("Enter")


if __name__ == "__main__":
    main()
