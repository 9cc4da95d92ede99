"""Long sessions of two people in an encrypted chat, by chance: all browsers that are let in read the same,
and nothing of it stands anywhere on the server.
"""

from __future__ import annotations

import os
import random
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from tests.conftest import UNLIMITED
from tests.support import postgres
from tests.support.browser import UNREACHABLE, Person, Room
from tests.support.database import rows
from tests.support.encrypted import begin_encrypted
from tests.support.people import Json
from tests.support.programs import porch
from tests.support.server import Server
from tests.support.traces import files_of, traces, written_by

pytestmark = pytest.mark.long

Make = Callable[..., Person]

STEPS = int(os.environ.get("ENCRYPTED_STEPS", "60"))
# The newest messages that are spoken of; all pages show them: an opened one has 50, with those taken back.
NEAR = 30
MOST_BROWSERS = 3  # of one person

KEYS = """
const { confirmIdentity, ownKeys, requestApproval, recoverySecret } = await import("/static/js/own_keys.js");
const { approve, recover, renewRecovery, revoke } = await import("/static/js/approving.js");
const { request: ask } = await import("/static/js/api.js");
const { toGroups, fromGroups } = await import("/static/js/recovery.js");
const keys = await ownKeys({ user, ask });
"""
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
    """One that was let in."""

    whose: str
    person: Person
    room: Room

    def keys(self, work: str, *given: object) -> Any:
        """Do what the account page does."""
        user = self.person.guest.user_id
        return self.room.page.evaluate(f"async ([user, ...given]) => {{{KEYS}{work}}}", [user, *given])

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


@dataclass
class Said:
    whose: str
    seq: int
    text: str


@dataclass
class Session:
    """What has happened, and what may be done next; `secrets` are all words that the server must not have."""

    server: Server
    chat: Json
    account: Make
    chance: random.Random
    browsers: list[Browser]
    recovery: dict[str, str]
    log: list[Said] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def word(self) -> str:
        """One that nobody else says."""
        self.secrets.append(f"zwiebel{secrets.token_hex(8)}kuchen")
        return self.secrets[-1]

    def step(self) -> None:
        deeds = [self.talk] * 6 + [self.edit] * 3 + [self.reply] * 2 + [self.delete, self.react] * 2
        deeds += [self.file, self.new_browser, self.recover, self.revoke, self.rotate, self.lost_line]
        deed = self.chance.choice(deeds)
        if deed() is not False:
            self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1

    def some(self) -> Browser:
        return self.chance.choice(self.browsers)

    def of(self, whose: str) -> list[Browser]:
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

    def newcomer(self, whose: str) -> Browser | None:
        if len(self.of(whose)) >= MOST_BROWSERS:
            return None
        person = self.account(of=self.of(whose)[0].person)
        person.expects("status of (403|409)", UNREACHABLE)
        return Browser(whose, person, person.enter(self.chat).ready())

    def new_browser(self) -> bool | None:
        whose = self.some().whose
        if (young := self.newcomer(whose)) is None:
            return False
        code = young.keys("return (await requestApproval(keys)).code;")
        assert re.fullmatch(r"(\d{4} ){5}\d{4}", code)
        old = self.chance.choice(self.of(whose))
        dev = young.keys("return keys.device.dev;")
        old.keys("await approve(keys, keys.told.requests.find((one) => one.dev === given[0]));", dev)
        young.keys("await confirmIdentity(keys);")
        young.reload()
        self.browsers.append(young)
        return None

    def recover(self) -> bool | None:
        whose = self.some().whose
        if (young := self.newcomer(whose)) is None:
            return False
        young.keys("await recover({ user, ask }, await fromGroups(given[0]));", self.recovery[whose])
        young.reload()
        self.browsers.append(young)
        return None

    def revoke(self) -> bool | None:
        """One shuts out another of the same person, which reads nothing more; then it goes."""
        old = self.some()
        if not (others := [one for one in self.of(old.whose) if one is not old]):
            return False
        gone = self.chance.choice(others)
        old.keys("await revoke(keys, given[0]);", gone.keys("return keys.device.dev;"))
        self.browsers.remove(gone)
        text = self.word()
        old.room.say(text)
        self.stored(old, text)
        self.note(old.whose, text)
        expect(gone.room.log).to_contain_text("Locked.")
        assert text not in (gone.room.log.text_content() or "")
        gone.person.page.goto("about:blank")
        return None

    def rotate(self) -> None:
        """Another recovery key, for which the next message begins an epoch."""
        browser = self.some()
        self.recovery[browser.whose] = browser.keys(
            "return toGroups(await renewRecovery(keys, given[0] && await fromGroups(given[0])));",
            self.recovery[browser.whose] if self.chance.random() < 0.5 else None,
        )
        self.secrets.append(self.recovery[browser.whose])

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
            assert browser.room.page.evaluate("sealing.way") == "encrypted"
            assert browser.room.page.evaluate("sealing.isStrange") is False
            assert browser.room.page.evaluate("sealing.hasReceded()") is False


@contextmanager
def offline(browser: Browser) -> Iterator[None]:
    browser.person.context.set_offline(True)
    yield
    browser.person.context.set_offline(False)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_two_people_do_the_host_has_nothing_of_it(
    start_server: Callable[..., Server],
    account: Make,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    seed: int,
) -> None:
    server = start_server(heartbeat=1, **UNLIMITED)
    ann, bob = (account(url=server.url) for _ in range(2))
    chat = begin_encrypted(ann, bob)
    browsers = []
    for name, person in (("ann", ann), ("bob", bob)):
        person.expects("status of (403|409)", UNREACHABLE)
        browsers.append(Browser(name, person, person.enter(chat).ready()))
    make = partial(account, url=server.url)
    recovery = {one.whose: one.keys("return toGroups(await recoverySecret(keys));") for one in browsers}
    session = Session(server, chat, make, random.Random(seed), browsers, recovery)
    session.secrets += recovery.values()
    for number in range(STEPS):
        session.step()
        if number % 10 == 9:
            session.agree()
    session.agree()
    for browser in session.browsers:
        browser.reload()
    session.agree()
    record_property("done", f"{session.done}, {len(session.secrets)} secrets")
    nothing_is_left(session, tmp_path)


def nothing_is_left(session: Session, folder: Path) -> None:
    said = [word for word in session.secrets if word.startswith("zwiebel")]
    for browser in session.browsers:
        kept = browser.room.page.evaluate(KEPT)
        assert browser.keys("return keys.device.dev;") in kept, "it is searched"
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
