"""Long sessions in an encrypted room, by chance: several browsers talk, all read the same, and nothing of it
stands anywhere on the server.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from playwright.sync_api import FilePayload, expect

from tests.support import postgres
from tests.support.browser import Person, Room
from tests.support.database import rows
from tests.support.people import Json
from tests.support.programs import porch
from tests.support.server import Server
from tests.support.traces import files_of, traces, written_by

STEPS = int(os.environ.get("ENCRYPTED_STEPS", "60"))
# The newest messages that are spoken of; all pages show them: an opened one has 50, with those taken back.
NEAR = 30

# What somebody does with a message beside writing a new one.
SAY = """
const path = `/chats/${sealing.chatId}/messages`;
const method = seq ? "PATCH" : "POST";
const where = seq ? `${path}/${seq}` : path;
const body = seq ? { content } : { client_id: crypto.randomUUID(), content, ...more };
await sealing.through(where, body, (locked) => sealing.ask(method, where, locked), Error);
"""
SHOWN = """
[...document.querySelectorAll("#feed .msg[id]")].filter((line) => !line.querySelector(".gone"))
  .map((line) => line.querySelector(".say > p")?.textContent ?? "")
"""
KEPT = """
async () => {
  const kept = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of db.objectStoreNames) {
      kept.push(await new Promise((resolve) => {
        const all = db.transaction(store).objectStore(store).getAll();
        all.onsuccess = () => resolve(JSON.stringify(all.result));
      }));
    }
    db.close();
  }
  const others = [localStorage, sessionStorage].map((storage) => JSON.stringify({ ...storage }));
  return [...kept, ...others, location.href].join("\\n");
}
"""


@dataclass
class Browser:
    """One that reads and writes here."""

    whose: str
    person: Person
    room: Room

    def through(self, content: str, *, seq: int = 0, **more: object) -> None:
        self.room.page.evaluate(f"async ([content, seq, more]) => {{{SAY}}}", [content, seq, more])

    def ask(self, method: str, path: str) -> None:
        self.room.page.evaluate("([method, path]) => sealing.ask(method, path)", [method, path])

    def shown(self) -> list[str]:
        """What stands in the log, without what was taken back."""
        found: list[str] = self.room.page.evaluate(SHOWN)
        return found

    def shows(self, wanted: list[str]) -> bool:
        return self.shown()[-NEAR:] == wanted

    def reload(self) -> None:
        self.room.page.reload()
        self.room.ready()

    @property
    def dev(self) -> str:
        """By what it signs here."""
        found: str = self.room.page.evaluate("sealing.writing().then(({ writer }) => writer.dev)")
        return found

    def kept(self) -> str:
        """All that scripts can read of what it keeps."""
        found: str = self.room.page.evaluate(KEPT)
        return found


@dataclass
class Said:
    whose: str
    seq: int
    text: str


# It says False where there was nothing to do.
Deed = Callable[[], bool | None]
B = TypeVar("B", bound=Browser)


@dataclass
class Session(Generic[B]):
    """What has happened, and what may be done next; `secrets` are all words that the server must not have."""

    server: Server
    chat: Json
    chance: random.Random
    browsers: list[B]
    log: list[Said] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def deeds(self) -> list[Deed]:
        """What may be done, as often as it stands here."""
        deeds: list[Deed] = [self.talk] * 6 + [self.edit] * 3 + [self.reply] * 2
        return [*deeds, *[self.delete, self.react] * 2, self.file, *self.more(), self.lost_line]

    def more(self) -> list[Deed]:
        """What may be done in rooms of this kind alone."""
        return []

    def run(self, steps: int) -> None:
        """Do so many things, and look every now and then whether all browsers agree."""
        for number in range(steps):
            deed = self.chance.choice(self.deeds())
            if deed() is not False:
                self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1
            if number % 10 == 9:
                self.agree()
        self.agree()
        for browser in self.browsers:
            browser.reload()
        self.agree()

    def word(self) -> str:
        """One that nobody else says."""
        self.secrets.append(f"zwiebel{secrets.token_hex(8)}kuchen")
        return self.secrets[-1]

    def some(self) -> B:
        return self.chance.choice(self.browsers)

    def of(self, whose: str) -> list[B]:
        return [browser for browser in self.browsers if browser.whose == whose]

    def note(self, whose: str, text: str) -> None:
        """The newest message is this one."""
        ((seq,),) = rows(self.server.data, "SELECT rev FROM chat WHERE id = ?", self.chat["id"])
        self.log.append(Said(whose, seq, text))

    @property
    def path(self) -> str:
        return f"/chats/{self.chat['id']}/messages"

    def talk(self) -> None:
        browser, text = self.some(), self.word()
        browser.room.say(text)
        self.stored(browser, text)
        self.note(browser.whose, text)

    def stored(self, browser: Browser, text: str) -> None:
        expect(browser.room.stored.filter(has_text=text)).to_have_count(1)

    def known(self, browser: Browser, *, own: bool) -> Said | None:
        """Something that was said, by this one's person or by anybody, when it is shown there."""
        found = [said for said in self.log[-NEAR:] if not own or said.whose == browser.whose]
        if not found:
            return None
        said = self.chance.choice(found)
        browser.person.until(lambda: said.text in browser.shown(), within=60)
        return said

    def edit(self) -> bool | None:
        browser = self.some()
        if (said := self.known(browser, own=True)) is None:
            return False
        said.text = self.word()
        browser.through(said.text, seq=said.seq)
        return None

    def delete(self) -> bool | None:
        browser = self.some()
        if len(self.log) < 4 or (said := self.known(browser, own=True)) is None:
            return False
        browser.ask("DELETE", f"{self.path}/{said.seq}")
        self.log.remove(said)
        return None

    def react(self) -> bool | None:
        browser = self.some()
        if (said := self.known(browser, own=False)) is None:
            return False
        browser.ask("PUT", f"{self.path}/{said.seq}/reactions/%F0%9F%91%8D")
        return None

    def reply(self) -> bool | None:
        browser, text = self.some(), self.word()
        if (said := self.known(browser, own=False)) is None:
            return False
        browser.through(text, reply_to=said.seq)
        self.note(browser.whose, text)
        return None

    def file(self) -> None:
        browser, text, name, content = self.some(), self.word(), self.word(), self.word()
        chosen: FilePayload = {
            "name": f"{name}.txt",
            "mimeType": "text/plain",
            "buffer": (content * 40).encode(),
        }
        with browser.room.page.expect_file_chooser() as chooser:
            browser.room.page.get_by_role("button", name="Attach files").click()
        chooser.value.set_files([chosen])
        expect(browser.room.page.locator(".attached li")).to_have_count(1)
        browser.room.say(text)
        self.stored(browser, text)
        self.note(browser.whose, text)

    def lost_line(self) -> None:
        browser, text = self.some(), self.word()
        with offline(browser):
            browser.room.say(text)
            expect(browser.room.lines.filter(has_text=text)).to_have_count(1)
        self.stored(browser, text)
        self.note(browser.whose, text)

    def agree(self) -> None:
        """Every browser shows the same, which is what was said, and has nothing to complain of."""
        texts = [said.text for said in self.log]
        for browser in self.browsers:
            with suppress(AssertionError):
                browser.person.until(partial(browser.shows, texts[-NEAR:]), within=60)
            shown = browser.shown()
            assert shown[-NEAR:] == texts[-NEAR:], f"a browser of {browser.whose}"
            assert shown == texts[-len(shown) :], f"what is further up in a browser of {browser.whose}"
            assert browser.room.page.evaluate("sealing.problems()") == {"missing": [], "differing": []}
            assert browser.room.page.evaluate("sealing.hasReceded()") is False


def nothing_is_left(session: Session[B], folder: Path) -> dict[str, bytes]:
    """No browser keeps what was said, and the host has nothing of it: not in its data, in a backup of them,
    which is written into `folder`, or in what it prints. Returns all that.
    """
    said = [word for word in session.secrets if word.startswith("zwiebel")]
    for browser in session.browsers:
        dev, kept = browser.dev, browser.kept()
        assert dev in kept, "it is searched"
        assert traces(said, {"the browser": kept.encode()}) == {}
    keep = folder / "kept"
    keep.mkdir()
    if not postgres.is_chosen():
        assert porch("backup", str(keep / "site.tar.gz"), folder=folder).returncode == 0
    contents = written_by(session.server.data) | files_of(keep)
    contents["the terminal"] = "".join(session.server.output).encode()
    ((stored,),) = rows(
        session.server.data,
        "SELECT envelope FROM message WHERE chat_id = ? AND envelope IS NOT NULL ORDER BY seq DESC LIMIT 1",
        session.chat["id"],
    )
    seen = traces([stored], contents)
    assert seen.keys() & {"chat.db", "chat.db-wal", "the database"}, "they are searched"
    assert postgres.is_chosen() or any("unpacked" in place for place in seen), "the backup, too"
    assert traces(session.secrets, contents) == {}
    return contents


@contextmanager
def offline(browser: Browser) -> Iterator[None]:
    browser.person.context.set_offline(True)
    yield
    browser.person.context.set_offline(False)
