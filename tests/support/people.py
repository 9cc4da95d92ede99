"""People who talk to a running server, by HTTP or by a stock Socket.IO client."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import quote

import requests
import socketio

TIMEOUT = 20  # seconds, of every request and ack
PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)

Json = dict[str, Any]


class Refused(Exception):
    """An error answer, of either door: `status` is None on sockets."""

    def __init__(self, error: Json, status: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.code: str = error["code"]
        self.status = status


def refused(call: Callable[..., object], *arguments: Any, **options: Any) -> Refused:
    """The refusal that a call must end in."""
    try:
        answer = call(*arguments, **options)
    except Refused as error:
        return error
    raise AssertionError(f"this was not refused: {answer}")


def a_name(prefix: str = "Person") -> str:
    """A name that nobody else in this run has."""
    return f"{prefix} {next(_numbers)}"


class Guest:
    """Somebody with a bearer token; a guest, until they sign up. Each call returns the JSON of the answer or
    raises Refused.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.token = token
        self.username: str = ""
        self.user_id: int = 0

    @classmethod
    def sign_in(cls, url: str, name: str | None = None) -> Self:
        guest = cls(url)
        return guest._become(guest.post("/sessions", {"username": name or a_name()}))

    def sign_up(self, name: str | None = None, password: str = PASSWORD) -> Self:
        """Make an account: of a guest under the name they have, of nobody under a new one."""
        username = name or self.username or a_name("Member")
        return self._become(self.post("/users", {"username": username, "password": password}))

    def log_in(self, name: str, password: str = PASSWORD) -> Self:
        return self._become(self.post("/sessions", {"username": name, "password": password}))

    def again(self, password: str = PASSWORD) -> Self:
        """The same person in another browser, where they have logged in."""
        return type(self)(self.url).log_in(self.username, password)

    def _become(self, session: Json) -> Self:
        self.token, self.username, self.user_id = session["token"], session["username"], session["user_id"]
        return self

    def who(self) -> Json:
        """Who the server says this is, as every new session is told."""
        current = self.get("/sessions/current")
        return {key: current[key] for key in ("username", "user_id", "guest", "role")}

    def open_chat(self, name: str = "A room", kind: str | None = None) -> Json:
        return self.post("/chats", {"name": name} | ({"kind": kind} if kind else {}))

    def join(self, chat: Json) -> Json:
        return self.post(f"/chatrooms/{chat['hash_key']}/join")

    def enter(self, chat: Json) -> Json:
        """Be in the room by polling."""
        return self.put(f"/chats/{chat['id']}/presence")

    def leave(self, chat: Json) -> Json:
        return self.delete(f"/chats/{chat['id']}/presence")

    def present(self, chat: Json) -> Json:
        """Who is in the room, as somebody who polls is told."""
        return self.get(f"/chats/{chat['id']}/presence")

    def lobby(self, **parameters: object) -> list[Json]:
        chats: list[Json] = self.get("/chats", **parameters)["chats"]
        return chats

    def open_direct(self, somebody: Guest) -> Json:
        """Open the chat with somebody, by the name they have."""
        return self.post("/directs", {"username": somebody.username})

    def answer(self, chat: Json, state: str) -> Json:
        return self.patch(f"/directs/{chat['id']}", {"state": state})

    def directs(self, **parameters: object) -> list[Json]:
        directs: list[Json] = self.get("/directs", **parameters)["directs"]
        return directs

    def direct(self, chat: Json) -> Json:
        """The row of a direct chat in one's own list."""
        (row,) = (row for row in self.directs() if row["id"] == chat["id"])
        return row

    def block(self, somebody: Guest) -> Json:
        return self.put(f"/blocks/{somebody.user_id}")

    def unblock(self, somebody: Guest) -> Json:
        return self.delete(f"/blocks/{somebody.user_id}")

    def take_from(self, whom: str) -> Json:
        """Choose from whom to take direct messages."""
        return self.patch("/users/current", {"direct_from": whom})

    def read(self, chat: Json, seq: int) -> Json:
        return self.put(f"/chats/{chat['id']}/read", {"seq": seq})

    def send(self, chat: Json, content: str, client_id: str | None = None, **more: object) -> Json:
        body = {"content": content, "client_id": client_id or str(uuid.uuid4())}
        return self.post(f"/chats/{chat['id']}/messages", body | more)

    def upload(
        self, chat: Json, content: bytes, name: str = "notes.txt", media_type: str = "text/plain"
    ) -> Json:
        """Put a file into a chat, for a message that is yet to be sent."""
        headers = {"Porch-File-Name": quote(name), "Content-Type": media_type}
        return self.request("POST", f"/chats/{chat['id']}/uploads", data=content, headers=headers)

    def message(self, chat: Json, seq: int) -> Json:
        return self.get(f"/chats/{chat['id']}/messages/{seq}")

    def after(self, chat: Json, rev: int, **parameters: object) -> Json:
        return self.get(f"/chats/{chat['id']}/messages", after=rev, **parameters)

    def before(self, chat: Json, seq: int, **parameters: object) -> Json:
        return self.get(f"/chats/{chat['id']}/messages", before=seq, **parameters)

    def get(self, path: str, **parameters: object) -> Json:
        return self.request("GET", path, params=parameters)

    def post(self, path: str, body: object = None) -> Json:
        return self.request("POST", path, json=body)

    def put(self, path: str, body: object = None) -> Json:
        return self.request("PUT", path, json=body)

    def patch(self, path: str, body: object = None) -> Json:
        return self.request("PATCH", path, json=body)

    def delete(self, path: str, body: object = None) -> Json:
        return self.request("DELETE", path, json=body)

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
        self.client.on("*", self._keep)
        # The library gives each packet a thread of its own, and they overtake each other.
        trigger = self.client.eio._trigger_event
        self.client.eio._trigger_event = lambda event, *given, **options: trigger(
            event, *given, **options | {"run_async": False}
        )
        options.setdefault("transports", ["websocket"])
        self.client.connect(url, auth={"token": token}, wait_timeout=TIMEOUT, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        connection = self.client.eio
        if (ws := connection.ws) is not None:
            # Its close() waits 3 s for an answer that another thread has read.
            ws.close = ws.shutdown
            # That thread must be done before the file number is free: it would read from whatever gets it.
            ws.abort()
            connection.read_loop_task.join(timeout=TIMEOUT)
            ws.shutdown()
        connection.disconnect(abort=True)

    def enter(self, chat: Json, after: int = 0) -> Json:
        return self.call("enter", {"chat_id": chat["id"], "after": after})

    def send(self, chat: Json, content: str, client_id: str | None = None, **more: object) -> Json:
        body = {"chat_id": chat["id"], "content": content, "client_id": client_id or str(uuid.uuid4())}
        answer = self.call("send", body | more)
        message: Json = answer["message"]
        return message

    def call(self, event: str, data: object) -> Json:
        answer: Json = self.client.call(event, data, timeout=TIMEOUT)
        if "error" in answer:
            raise Refused(answer["error"])
        assert answer["ok"] is True
        return answer

    def events(self, name: str) -> list[Json]:
        """The events of this name, as far as they were heard."""
        return [data for heard, data in list(self.heard) if heard == name]

    def contents(self) -> list[str]:
        """What was said, as far as it was heard."""
        return [message["content"] for message in self.events("message")]

    def _keep(self, name: str, data: Json | None = None) -> None:
        self.heard.append((name, data or {}))
