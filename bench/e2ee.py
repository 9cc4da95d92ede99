"""How many messages a second a browser seals and opens, and how soon a long encrypted chat is there.

See bench/e2ee.

One message after another, as a page does it: JSON, padding, AES-GCM and Ed25519 for what is sent; for what is
read the checks of every field and the same backwards. Then an encrypted chat of many messages is opened:
when its last one is read, its first screen has been verified, opened and drawn.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.browser import FLAGS, LAPTOP, Person, Room, find_chromium
from tests.support.checkout import serve_checkout
from tests.support.database import ago
from tests.support.people import PASSWORD, Json
from tests.support.server import Server

MEASURE = """
async ([messages, length]) => {
  const { sealMessage, openMessage } = await import("/porch/static/js/crypto/envelope.js");
  const { NO_HASH } = await import("/porch/static/js/crypto/fields.js");
  const { firstEpochKey, newSecret } = await import("/porch/static/js/crypto/sealed_keys.js");
  const { makeDevice } = await import("/porch/static/js/keys/device_keys.js");
  const key = await firstEpochKey(newSecret());
  const { dev, signing } = await makeDevice(1);
  const plain = { text: "m".repeat(length), reply_to: null, files: [] };
  const seal = (ctr) => sealMessage({ key, signer: signing.privateKey, plain, head: {
    chat: 7, epoch: 0, client_id: crypto.randomUUID(), dev, ctr, seen_seq: 0, seen_hash: NO_HASH } });
  const expected = { chat: 7, epoch: 0, dev };
  const open = (envelope) => openMessage({ key, verifier: signing.publicKey, envelope, expected });
  for (let turn = 0; turn < 300; turn += 1) await open(await seal(1));
  const start = performance.now();
  const sealed = [];
  for (let turn = 1; turn <= messages; turn += 1) sealed.push(await seal(turn));
  const middle = performance.now();
  for (const envelope of sealed) await open(envelope);
  return [middle - start, performance.now() - middle];
}
"""

WRITE = """
async (messages) => {
  const { sealMessage } = await import("/static/js/crypto/envelope.js");
  const { key, epoch, signer, writer } = await sealing.writing();
  const { seq: seen_seq, hash: seen_hash } = sealing.seen;
  const envelopes = [];
  for (let ctr = writer.ctr + 1; ctr <= writer.ctr + messages; ctr += 1) {
    const place = { chat: sealing.chatId, epoch, client_id: crypto.randomUUID() };
    const head = { ...place, dev: writer.dev, ctr, seen_seq, seen_hash };
    envelopes.push(await sealMessage({ key, signer, head, plain: { text: `Line ${ctr}`, files: [] } }));
  }
  return envelopes;
}
"""
TIMES = 5


def account(browser: Browser, url: str, name: str) -> Person:
    one = Person(browser.new_context(**LAPTOP), url)
    answer = one.context.request.post(f"{url}/users", data={"username": name, "password": PASSWORD}).json()
    one.guest.token, one.guest.user_id, one.guest.username = answer["token"], answer["user_id"], name
    one.open("/chatrooms/")
    one.until(lambda: one.guest.get("/keys")["identity"])
    return one


def store(data: Path, chat: Json, user: Person, envelopes: list[Json]) -> None:
    """What the writer would have sent one by one."""
    with closing(sqlite3.connect(data / "chat.db", timeout=10)) as connection, connection:
        ((rev,),) = connection.execute("SELECT rev FROM chat WHERE id = ?", (chat["id"],)).fetchall()
        connection.executemany(
            "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id,"
            " deleted, envelope) VALUES (?, ?, ?, ?, ?, ?, 0, '', ?, 0, ?)",
            [
                (
                    chat["id"],
                    rev + at,
                    rev + at,
                    ago(),
                    user.guest.user_id,
                    user.guest.username,
                    one["client_id"],
                    json.dumps(one),
                )
                for at, one in enumerate(envelopes, 1)
            ],
        )
        connection.execute("UPDATE chat SET rev = rev + ? WHERE id = ?", (len(envelopes), chat["id"]))


def first_screen(browser: Browser, messages: int) -> list[float]:
    """Seconds until the last of so many messages is read, in a page that is opened anew."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        ann, bob = account(browser, server.url, "Ann"), account(browser, server.url, "Bob")
        chat = ann.guest.post("/directs", {"username": "Bob"})
        bob.guest.patch(f"/directs/{chat['id']}", {"state": "open"})
        room = ann.enter(chat).ready()
        room.say("First")
        expect(room.stored).to_have_count(1)
        envelopes: list[Any] = ann.page.evaluate(WRITE, messages - 1)
        store(server.data, chat, ann, envelopes)
        found = []
        for _ in range(TIMES):
            start = time.perf_counter()
            bob.page.goto(server.url + chat["url"])
            expect(Room(bob.page).texts.last).to_have_text(f"Line {messages}", timeout=60_000)
            found.append(time.perf_counter() - start)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000, help="of each length; 1,000 if not given")
    parser.add_argument(
        "--chat", type=int, default=10_000, help="messages of the long chat; 10,000 if not given"
    )
    options = parser.parse_args()
    messages = options.messages
    with serve_checkout() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page()
        page.goto(address)
        print(f"{'characters':>10}{'sealed/s':>10}{'opened/s':>10}")
        for length in (20, 200, 4_000):
            sealing, opening = (
                messages / milliseconds * 1000 for milliseconds in page.evaluate(MEASURE, [messages, length])
            )
            print(f"{length:>10,}{sealing:>10,.0f}{opening:>10,.0f}")
        first, *others = first_screen(browser, options.chat)
        print(f"first screen of {options.chat:,}: {first:.2f} s, then {statistics.median(others):.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
