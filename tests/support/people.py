"""People who talk to a running server, by HTTP or by a stock Socket.IO client."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any, Self

import requests
import socketio

TIMEOUT = 20  # seconds, of every request and ack
_numbers = itertools.count(1)

Json = dict[str, Any]


class Refused(Exception):
    """An error answer, of either door: `status` is None on sockets."""

    def __init__(self, error: Json, status: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.code: str = error["code"]
        self.status = status


def a_name(prefix: str = "Person") -> str:
    """A name that nobody else in this run has."""
    return f"{prefix} {next(_numbers)}"


class Guest:
    """A guest with a bearer token. Each call returns the JSON of the answer or raises Refused."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.token = token
        self.username: str = ""
        self.user_id: int = 0

    @classmethod
    def sign_in(cls, url: str, name: str | None = None) -> Self:
        guest = cls(url)
        session = guest.post("/sessions", {"username": name or a_name()})
        guest.token, guest.username, guest.user_id = session["token"], session["username"], session["user_id"]
        return guest

    def open_chat(self, name: str = "A room") -> Json:
        return self.post("/chats", {"name": name})

    def join(self, chat: Json) -> Json:
        return self.post(f"/chatrooms/{chat['hash_key']}/join")

    def send(self, chat: Json, content: str, client_id: str | None = None) -> Json:
        return self.post(
            f"/chats/{chat['id']}/messages", {"content": content, "client_id": client_id or str(uuid.uuid4())}
        )

    def after(self, chat: Json, rev: int, **parameters: object) -> Json:
        return self.get(f"/chats/{chat['id']}/messages", after=rev, **parameters)

    def before(self, chat: Json, seq: int, **parameters: object) -> Json:
        return self.get(f"/chats/{chat['id']}/messages", before=seq, **parameters)

    def get(self, path: str, **parameters: object) -> Json:
        return self.request("GET", path, params=parameters)

    def post(self, path: str, body: object = None) -> Json:
        return self.request("POST", path, json=body)

    def delete(self, path: str) -> Json:
        return self.request("DELETE", path)

    def request(self, method: str, path: str, **options: Any) -> Json:
        response = self.raw(method, path, **options)
        answer: Json = response.json() if response.content else {}
        if response.status_code >= 400:
            raise Refused(answer["error"], response.status_code)
        return answer

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return requests.request(
            method,
            self.url + path,
            headers=headers | options.pop("headers", {}),
            timeout=TIMEOUT,
            allow_redirects=False,
            **options,
        )

    def socket(self, **options: Any) -> Socket:
        assert self.token is not None
        return Socket(self.url, self.token, **options)


class Socket:
    """A stock Socket.IO client, connected with a token; keeps every event it hears, in order."""

    def __init__(self, url: str, token: str | None, **options: Any) -> None:
        self.client = socketio.Client(reconnection=False)
        self.heard: list[tuple[str, Json]] = []
        for name in ("message", "chat", "head", "session_ended"):
            self.client.on(name, self._keep(name))
        options.setdefault("transports", ["websocket"])
        self.client.connect(url, auth={"token": token}, wait_timeout=TIMEOUT, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        connection = self.client.eio
        if connection.ws is not None:  # its close() waits 3 s for an answer that another thread has read
            connection.ws.close = connection.ws.shutdown
        connection.disconnect(abort=True)  # nor wait for that thread

    def enter(self, chat: Json, after: int = 0) -> Json:
        return self.call("enter", {"chat_id": chat["id"], "after": after})

    def send(self, chat: Json, content: str, client_id: str | None = None) -> Json:
        answer = self.call(
            "send",
            {"chat_id": chat["id"], "content": content, "client_id": client_id or str(uuid.uuid4())},
        )
        message: Json = answer["message"]
        return message

    def call(self, event: str, data: object) -> Json:
        answer: Json = self.client.call(event, data, timeout=TIMEOUT)
        if "error" in answer:
            raise Refused(answer["error"])
        assert answer["ok"] is True
        return answer

    def contents(self) -> list[str]:
        """What was said, as far as it was heard."""
        return [data["content"] for name, data in list(self.heard) if name == "message"]

    def _keep(self, name: str) -> Callable[..., None]:
        def keep(data: Json | None = None) -> None:
            self.heard.append((name, data or {}))

        return keep
