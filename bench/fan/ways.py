"""The ways of fanning out that are compared: how each is started, how one connects, joins and speaks."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from bench.fan.processes import HERE, Server

Script = list[tuple[str, str | None]]

ROOT = HERE.parent.parent
SENDERS = 50
SOURCES = [f"127.0.0.{number}" for number in range(2, 10)]
NCHAN = ("/usr/lib/nginx/modules/ngx_nchan_module.so", "/usr/lib64/nginx/modules/ngx_nchan_module.so")
# What is said: of the shape and size of a message of Porch, so that all deliver as much.
MESSAGE = {
    "id": 100_001,
    "chat_id": 7,
    "seq": 1001,
    "rev": 1001,
    "timestamp": "2026-01-01T12:00:00.000000Z",
    "username": "Speaker 1",
    "user_id": 12,
    "guest": True,
    "content": "The mast is up. Nothing fell on anyone, and the tea is still hot.",
    "client_id": "00000000-0000-4000-8000-@CLIENT@",
    "edited_at": None,
    "deleted": False,
}


def event(name: str, data: object, acknowledgement: str = "") -> str:
    """A Socket.IO event as it stands in a frame."""
    return f"42{acknowledgement}" + json.dumps([name, data], separators=(",", ":"))


def upgrade(path: str, more: str = "") -> str:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"{more}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )


class Way:
    """A server, and what the generator does there. `answers` is how many acknowledgements a message gets;
    `among` how many of those in the room are the ones who speak, `most` how many a room can have.
    """

    name: ClassVar[str]
    answers: ClassVar[int] = 0
    among: ClassVar[int] = 0
    most: ClassVar[float] = math.inf
    # What has to be there for it; empty when all is.
    missing: ClassVar[str] = ""
    say = event("say", MESSAGE)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.server = self.start()

    @property
    def ports(self) -> list[int]:
        return [self.server.port]

    def start(self) -> Server:
        raise NotImplementedError

    def connecting(self, number: int) -> Script:
        """The script of one who only connects."""
        request = upgrade("/socket.io/?EIO=4&transport=websocket")
        return [("", request), ("\r\n\r\n", None), ("0{", "40"), ("40{", None)]

    def receiving(self, number: int) -> Script:
        """The script of one who joins the room."""
        return joining(self.connecting(number), event("join", {}, "0"))

    def plan(self, receivers: Sequence[Script], senders: Sequence[Script]) -> dict[str, Any]:
        return {
            "ports": self.ports,
            "counted": '42["message"',
            "answered": "43",
            "sources": SOURCES,
            "receivers": receivers,
            "senders": senders,
        }

    def room(self, receivers: int, senders: int = SENDERS) -> dict[str, Any]:
        """The plan of a room with so many in it, and so many beside it, or among them, who speak."""
        return self.plan(
            [self.receiving(number) for number in range(receivers - self.among)],
            [self.connecting(number) for number in range(senders)],
        )


def joining(connecting: Script, frame: str) -> Script:
    """A script that sends this, an event with the acknowledgement 0, when it is connected."""
    *before, (awaited, _) = connecting
    return [*before, (awaited, frame), ("430[", None)]


class Raw(Way):
    name = "send loop"

    def start(self) -> Server:
        compiler = shutil.which("cc")
        if compiler is None:
            return Server([sys.executable, str(HERE / "raw.py")])
        program = self.folder / "raw"
        subprocess.run([compiler, "-O2", "-o", str(program), str(HERE / "raw.c")], check=True)
        return Server([str(program)])

    def connecting(self, number: int) -> Script:
        return [("", upgrade("/")), ("\r\n\r\n", None)]


class Echo(Way):
    """No way to fan out: whatever comes goes back, by the event loop of Porch and nothing else."""

    name = "an echo"

    def start(self) -> Server:
        return Server([sys.executable, str(HERE / "echo.py")])


class Node(Way):
    name = "Node socket.io"
    missing = (
        "" if shutil.which("node") and (ROOT / "bench/node_modules/socket.io").is_dir() else "node with npm"
    )

    def start(self) -> Server:
        return Server(["node", str(HERE / "node.mjs")])


class Stock(Way):
    name = "Flask-SocketIO"

    def start(self) -> Server:
        return Server([sys.executable, str(HERE / "stock.py")])


class Nchan(Way):
    name = "nginx + nchan"
    module = next(filter(os.path.exists, NCHAN), None)
    missing = "" if shutil.which("nginx") and module else "nginx with its module nchan"
    say = event("message", MESSAGE)

    def start(self) -> Server:
        port = free_port()
        (self.folder / "nginx.conf").write_text(f"""
            daemon off;
            {"user root;" if os.geteuid() == 0 else ""}
            worker_processes 1;
            pid {self.folder}/nginx.pid;
            error_log stderr crit;
            load_module {self.module};
            worker_rlimit_nofile 20000;
            events {{ worker_connections 20000; }}
            http {{
                access_log off;
                client_body_temp_path {self.folder};
                proxy_temp_path {self.folder};
                fastcgi_temp_path {self.folder};
                uwsgi_temp_path {self.folder};
                scgi_temp_path {self.folder};
                server {{
                    listen 127.0.0.1:{port} backlog=1024;
                    location = /sub {{ nchan_subscriber websocket; nchan_channel_id room; }}
                    location = /pub {{ nchan_publisher websocket; nchan_channel_id room; }}
                }}
            }}
        """)
        server = Server(["nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)], port=port)
        wait_for(port)
        return server

    def connecting(self, number: int) -> Script:
        return [("", upgrade("/pub")), ("\r\n\r\n", None)]

    def receiving(self, number: int) -> Script:
        return [("", upgrade("/sub")), ("\r\n\r\n", None)]


class Porch(Way):
    """The transport and the manager of `porch run`, with people who have signed in."""

    name = "Porch"

    def start(self) -> Server:
        server = self.process()
        self.url = f"http://127.0.0.1:{server.port}"
        self.tokens = [
            self.post("/sessions", {"username": f"Speaker {number}"})["token"] for number in range(SENDERS)
        ]
        return server

    def process(self, **more: str) -> Server:
        """A process of the site, with more settings."""
        rates = "message visit room sign_in typing event".split()
        settings = {f"PORCH_{rate.upper()}_RATE": "off" for rate in rates}
        settings |= {
            "PORCH_PORT": "0",
            "PORCH_DATA": str(self.folder / "data"),
            "PORCH_SITE": str(self.folder / "site"),
            "PORCH_ONE_ROOM": "off",
            "PORCH_SOCKETS_PER_USER": "10000",
            "PORCH_SOCKETS_PER_ADDRESS": "1000000",
        }
        settings |= {f"PORCH_{name.upper()}": value for name, value in more.items()}
        others = {name: value for name, value in os.environ.items() if name.startswith("PORCH_")}
        command = ["env", *(f"-u{name}" for name in others), sys.executable, str(HERE / "porch_server.py")]
        return Server(command, environ=settings)

    def connecting(self, number: int) -> Script:
        *before, (awaited, _), last = super().connecting(number)
        sign_in = "40" + json.dumps({"token": self.tokens[number % SENDERS]})
        return [*before, (awaited, sign_in), last]

    def chat(self, members: int) -> dict[str, Any]:
        """A new room that so many have joined."""
        chat = self.post("/chats", {"name": "A room"}, self.tokens[0])
        for token in self.tokens[1:members]:
            self.post(f"/chatrooms/{chat['hash_key']}/join", {}, token)
        return chat

    def get(self, path: str, token: str) -> dict[str, Any]:
        return self._ask(path, None, token)

    def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        return self._ask(path, json.dumps(body).encode(), token)

    def _ask(self, path: str, body: bytes | None, token: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # The address is the one that our own server has just printed.
        request = urllib.request.Request(self.url + path, body, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found


class Stored(Porch):
    """Porch whole: what is said is authorised, durable, acknowledged and then delivered."""

    name = "Porch, stored"
    answers = 1

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = self.chat(SENDERS)
        self.say = said_in(self.place)

    def receiving(self, number: int) -> Script:
        return joining(self.connecting(number), entering(self.place))


def entering(chat: dict[str, Any]) -> str:
    return event("enter", {"chat_id": chat["id"], "after": 0, "again": True}, "0")


def said_in(chat: dict[str, Any]) -> str:
    data = {key: MESSAGE[key] for key in ("content", "client_id")}
    return event("send", {"chat_id": chat["id"]} | data, "1")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nobody listens on port {port}")
