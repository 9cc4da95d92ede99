"""A real Firefox, by the protocol that it speaks itself: WebDriver BiDi (w3.org/TR/webdriver-bidi)."""

from __future__ import annotations

import itertools
import json
import os
import queue
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import websocket

from tests.support.waiting import eventually

START_LIMIT = 60.0  # seconds
ANSWER_LIMIT = 30.0  # seconds
ENTER = "\ue007"
# What it writes while nothing answers at the address of a page.
UNREACHABLE = "can’t establish a connection|connection to .* was interrupted|NetworkError"


def find_firefox() -> str | None:
    """The browser that FIREFOX names, else the first on PATH."""
    names = [os.environ.get("FIREFOX"), "firefox-esr", "firefox"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


class Firefox:
    """Started on entering, with an empty profile in `folder`; killed on leaving."""

    def __init__(self, program: str, folder: Path) -> None:
        self._command = [program, "--headless", "--remote-debugging-port=0", "--profile", str(folder)]
        self._numbers = itertools.count(1)
        self._users: list[str] = []
        self._entries: list[Any] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._socket: Any = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._socket = websocket.create_connection(f"{self._address()}/session", suppress_origin=True)
            self.ask("session.new", capabilities={})
            self.ask("session.subscribe", events=["log.entryAdded"])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command. Raises AssertionError for an error."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        deadline = time.monotonic() + ANSWER_LIMIT
        while True:
            self._socket.settimeout(max(0.1, deadline - time.monotonic()))
            answer = json.loads(self._socket.recv())
            if answer["type"] == "event":
                self._entries.append(answer["params"])
            elif answer.get("id") == number:
                assert answer["type"] == "success", answer
                result: dict[str, Any] = answer["result"]
                return result

    def visitor(self, url: str) -> Visitor:
        """Somebody with cookies of their own, at this page."""
        user = self.ask("browser.createUserContext")["userContext"]
        self._users.append(user)
        tab = self.ask("browsingContext.create", type="tab", userContext=user)["context"]
        visitor = Visitor(self, tab)
        visitor.go(url)
        return visitor

    def problems(self, *expected: str) -> list[str]:
        """What pages have complained of so far, but what was expected, as regular expressions."""
        known = re.compile("|".join(expected) or "(?!)")
        told = [f"{entry['level']}: {entry['text']}" for entry in self._entries]
        return [line for line in told if line.startswith(("error", "warn")) and not known.search(line)]

    def begin_again(self) -> None:
        """Nobody is there, and nothing was complained of."""
        while self._users:
            self.ask("browser.removeUserContext", userContext=self._users.pop())
        self._entries.clear()

    def _address(self) -> str:
        said = []
        while (line := self._lines.get(timeout=START_LIMIT)) is not None:
            if match := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return match[1]
            said.append(line)
        raise AssertionError("Firefox did not start:\n" + "".join(said))

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait(timeout=20)
        self._reader.join(timeout=10)
        assert self._process.stderr is not None
        self._process.stderr.close()
        if self._socket is not None:
            self._socket.shutdown()  # there is nobody to say goodbye to


class Visitor:
    """A tab. Waiting for a page ends in an AssertionError after a while."""

    def __init__(self, firefox: Firefox, tab: str) -> None:
        self._firefox = firefox
        self._tab = tab

    def go(self, url: str) -> None:
        self._firefox.ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def is_wide(self, width: int, height: int) -> None:
        """The window shows that many pixels, a scrollbar included."""
        viewport = {"width": width, "height": height}
        self._firefox.ask("browsingContext.setViewport", context=self._tab, viewport=viewport)

    @property
    def url(self) -> str:
        return str(self.evaluate("location.href"))

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript that JSON can carry."""
        answer = self._firefox.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def until(self, expression: str) -> None:
        """Wait until it is true, also over pages that come meanwhile."""
        eventually(lambda: self._is_true(expression))

    def sees(self, *texts: str) -> None:
        """Wait until the page shows these, one after another."""
        self.until(
            f"new RegExp({json.dumps('.*'.join(map(re.escape, texts)))}, 's').test(document.body.innerText)"
        )

    def write(self, selector: str, text: str, *, then: str = "") -> None:
        """Put the focus on a field and press these keys."""
        self.until(f"document.querySelector({json.dumps(selector)})?.focus() ?? true")
        keys = [{"type": kind, "value": key} for key in text + then for kind in ("keyDown", "keyUp")]
        self._firefox.ask(
            "input.performActions",
            context=self._tab,
            actions=[{"type": "key", "id": "keyboard", "actions": keys}],
        )

    def _is_true(self, expression: str) -> bool:
        try:
            return bool(self.evaluate(expression))
        except AssertionError:  # the page has just gone
            return False
