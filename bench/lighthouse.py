"""What Lighthouse says of the front page and of a room with messages, on its phone (4G, a slow processor).

Starts a server on fresh data, fills a room, and prints the four scores of each page, the median of some runs.
Whatever costs points is named under them. Start it as `bench/lighthouse`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIMITS = ("MESSAGE", "ROOM", "SIGN_IN", "UNCLAIMED_ROOM")
MESSAGES = 50
TEXT = "Then sixty days it is. Who has a ladder on Saturday?"


def main() -> None:
    """Print the scores, and fail when one is below 95."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how many runs to take the median of")
    runs = parser.parse_args().runs
    browser = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("No Chromium was found: install it, or name it in CHROME_PATH.")
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder, running_server(folder) as url:
        token, room = fill_room(url)
        command = ["node", str(ROOT / "bench" / "lighthouse.mjs"), url, room, token, str(runs)]
        done = subprocess.run(command, env=os.environ | {"CHROME_PATH": browser}, check=False)
    sys.exit(done.returncode)


@contextmanager
def running_server(data: str) -> Iterator[str]:
    """A server of its own, without limits; gives its address."""
    settings = {f"PORCH_{name}_RATE": "off" for name in LIMITS} | {"PYTHONUNBUFFERED": "1"}
    settings["PORCH_SITE"] = str(Path(data) / "site-of-nobody")  # the sample, whatever stands beside this
    command = [sys.executable, "app.py", "--port", "0", "--data", data]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield next(match[1] for line in process.stdout if (match := re.search(r"(http://\S+)", line)))
        finally:
            process.terminate()


def fill_room(url: str) -> tuple[str, str]:
    """Two people talk; the second one's token, and the room's path."""
    tokens = [str(post(url, "/sessions", {"username": name})["token"]) for name in ("Oda", "Juno")]
    chat = post(url, "/chats", {"name": "The ridge station"}, tokens[0])
    post(url, f"/chatrooms/{chat['hash_key']}/join", {}, tokens[1])
    for number in range(MESSAGES):
        message = {"content": TEXT, "client_id": str(uuid.uuid4())}
        post(url, f"/chats/{chat['id']}/messages", message, tokens[number // 2 % 2])
    return tokens[1], str(chat["url"])


def post(url: str, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    # The address is the one that our own server has just printed.
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


if __name__ == "__main__":
    main()
