"""What a browser keeps of what a person has written, and a line that brings nothing of it to the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.support.browser import Room
from tests.support.browser_lobby import ASK
from tests.support.people import Json
from tests.support.waiting import eventually

# Everything that the database holds.
CONTENTS = """() => new Promise((done) => {
  const opening = indexedDB.open("porch");
  opening.onsuccess = () => {
    const names = [...opening.result.objectStoreNames];
    const reading = opening.result.transaction(names);
    const requests = names.map((name) => reading.objectStore(name).getAll());
    reading.oncomplete = () => done(Object.fromEntries(names.map((name, at) => [name, requests[at].result])));
  };
})"""

# Lets `close_databases` close what the page has open, as the system does to pages in the background.
CLOSABLE = """
const { open } = IDBFactory.prototype, opened = [];
IDBFactory.prototype.open = function (...given) {
  const opening = open.apply(this, given);
  opening.addEventListener("success", () => opened.push(opening.result));
  return opening;
};
window.closeDatabases = () => opened.splice(0).map((one) => one.close()).length;
"""


class Cut:
    """A line that brings pages, and neither messages nor sockets, until it is mended."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        context.add_init_script(ASK)
        context.route("**/chats/**", lambda route: route.abort())

    def mend(self) -> None:
        self._context.unroute_all()


def kept(page: Page) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = page.evaluate(CONTENTS)
    return found


def until(page: Page, condition: Callable[[dict[str, list[Json]]], object], **options: Any) -> None:
    """Wait until this is so of what the database holds."""
    eventually(lambda: condition(kept(page)), **options)


def keeps(room: Room, text: str) -> None:
    until(room.page, lambda held: text in [entry["content"] for entry in held["outbox"]])


def close_databases(page: Page) -> None:
    assert page.evaluate("closeDatabases()") > 0
