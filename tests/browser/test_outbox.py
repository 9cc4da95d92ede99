"""What is written is kept in the browser until the server has it: through reloads, crashes and log-outs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from tests.conftest import UNLIMITED
from tests.support.browser import FLAGS, LAPTOP, UNREACHABLE, Person, Room, again
from tests.support.browser_kept import Cut, keeps, kept, until
from tests.support.browser_lobby import ASK, log_in, sign_up
from tests.support.browser_wire import Wire
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]
Start = Callable[..., Server]

JS = Path(__file__).resolve().parent.parent / "js"
# Browsers that keep nothing for sites, each in its way.
NOTHING_KEPT = {
    "no database": "Object.defineProperty(window, 'indexedDB', { get: () => undefined });",
    "a database that is refused": """
        IDBFactory.prototype.open = () => { throw new DOMException("", "SecurityError"); };
    """,
    "a database that never opens": "IDBFactory.prototype.open = () => new EventTarget();",
    "a full disk": """
        IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError"); };
        IDBObjectStore.prototype.put = IDBObjectStore.prototype.add;
    """,
}
KEPT = "Keep writing: new messages are kept in this browser, and go out from this room when we are back."
NOT_KEPT = "Keep writing; it goes out when we are back, as long as this page stays open."


def waiting(room: Room) -> Any:
    return room.page.locator(".msg.waiting")


def sent(host: Guest, chat: Json) -> list[str]:
    return [m["content"] for m in host.after(chat, 0, limit=200)["messages"]]


def write(room: Room, *texts: str) -> None:
    """Write them, and wait until they are kept."""
    for text in texts:
        room.say(text)
        keeps(room, text)


def test_what_was_written_without_a_server_survives_a_reload_and_goes_out_once(
    visitor: Make, start_server: Start
) -> None:
    first = start_server(**UNLIMITED)
    host = Guest.sign_in(first.url)
    opened = host.open_chat("Power cut")
    ann = visitor(url=first.url)
    ann.expects(UNREACHABLE)
    ann.sign_in(a_name())
    room = ann.enter(opened).ready()
    room.say("Before")
    expect(room.stored).to_have_count(1)
    first.kill()
    write(room, "One", "Two", "Three")
    expect(room.notice).to_contain_text(KEPT)

    second = again(start_server, first, **UNLIMITED)
    wire = Wire(ann.page)
    room = Room(ann.page)
    ann.page.reload()
    expect(room.ready().stored).to_have_count(4)
    room.shows("Before", "One", "Two", "Three")
    assert sent(Guest(second.url, host.token), opened) == ["Before", "One", "Two", "Three"]
    ann.until(lambda: kept(ann.page)["outbox"] == [])
    ids = {body["client_id"] for body in wire.sends()}
    ids |= {frame.split('"client_id":"')[1][:36] for frame in wire.frames_sent if '"send"' in frame}
    assert len(ids) == 3, "a page that tried and was reloaded meanwhile has not made it another message"


def test_what_waits_is_shown_after_a_reload_and_goes_when_the_line_is_mended(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    cut = Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "One", "Two")
    ann.page.reload()
    room.ready().shows("One", "Two")
    expect(waiting(room)).to_have_count(2)
    room.say("Three")
    room.shows("One", "Two", "Three")
    cut.mend()
    expect(room.stored).to_have_count(3, timeout=30_000)
    assert sent(host, chat) == ["One", "Two", "Three"]


@pytest.mark.long
def test_on_plain_http_it_is_kept_too(visitor: Make, host: Guest, chat: Json, server: Server) -> None:
    ann = visitor(url=server.url.replace("127.0.0.1", "porch.test"))
    ann.expects(UNREACHABLE)
    cut = Cut(ann.context)
    room = ann.come_in(chat, a_name())
    assert ann.page.evaluate("[isSecureContext, 'locks' in navigator]") == [False, False]
    write(room, "One")
    ann.page.reload()
    room.ready().shows("One")
    cut.mend()
    expect(room.stored).to_have_count(1, timeout=30_000)
    assert sent(host, chat) == ["One"]


def test_a_refused_message_stays_with_its_ways_out_after_a_reload(
    person: Make, host: Guest, chat: Json
) -> None:
    ann = person()
    ann.expects("status of 403")
    ann.context.add_init_script(ASK)
    refusing = '{"error": {"code": "forbidden", "message": "Not in this tone."}}'

    def refuse(route: Any) -> None:
        if route.request.method == "POST":
            route.fulfill(status=403, content_type="application/json", body=refusing)
        else:
            route.continue_()

    ann.context.route("**/messages", refuse)
    room = ann.enter(chat).ready()
    wire = Wire(ann.page)
    failed = room.page.locator(".msg.failed")
    room.say("One")
    room.say("Two")
    expect(failed).to_have_count(2)
    ann.page.reload()
    expect(room.ready().page.locator(".msg.failed")).to_have_count(2)
    expect(failed.first).to_contain_text("Not in this tone.")
    failed.first.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(1)
    ann.page.reload()
    expect(failed).to_have_count(1)
    room.shows("Two")
    ann.context.unroute_all()
    failed.get_by_role("button", name="Retry").click()
    expect(room.stored).to_have_count(1)
    assert sent(host, chat) == ["Two"]
    ids = [body["client_id"] for body in wire.sends() if body["content"] == "Two"]
    assert len(ids) == 2
    assert len(set(ids)) == 1, "tried again under its id"


def test_two_tabs_show_each_others_messages_and_send_each_once_in_the_order_of_writing(
    visitor: Make, start_server: Start
) -> None:
    first = start_server(**UNLIMITED)
    host = Guest.sign_in(first.url)
    opened = host.open_chat("Two windows")
    ann = visitor(url=first.url)
    ann.expects(UNREACHABLE)
    ann.sign_in(a_name())
    rooms = [ann.enter(opened).ready(), ann.enter(opened, page=ann.context.new_page()).ready()]
    wires = [Wire(room.page) for room in rooms]
    first.kill()
    texts = [f"Line {number}" for number in range(6)]
    for number, text in enumerate(texts):
        write(rooms[number % 2], text)
        for room in rooms:
            room.shows(*texts[: number + 1])
    second = again(start_server, first, **UNLIMITED)
    for room in rooms:
        expect(room.stored).to_have_count(6, timeout=30_000)
        room.shows(*texts)
    assert sent(Guest(second.url, host.token), opened) == texts
    answered = [
        request
        for wire in wires
        for request in wire.requests
        if request.method == "POST" and request.url.endswith("/messages") and request.response()
    ]
    framed = [frame for wire in wires for frame in wire.frames_sent if '"send"' in frame]
    assert len(answered) + len(framed) == 6, "one tab has sent each, and once"


def test_when_the_tab_that_sends_is_closed_the_other_goes_on(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    cut = Cut(ann.context)
    left = ann.enter(chat).ready()
    write(left, "One", "Two")
    right = ann.enter(chat, page=ann.context.new_page()).ready()
    right.shows("One", "Two")
    (lease,) = kept(right.page)["leases"]
    left.page.close()
    until(right.page, lambda held: held["leases"] and held["leases"][0]["tab"] != lease["tab"], within=4)
    cut.mend()
    expect(right.stored).to_have_count(2, timeout=30_000)
    assert sent(host, chat) == ["One", "Two"]


@pytest.mark.long
def test_a_tab_that_has_crashed_is_replaced(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    cut = Cut(ann.context)
    left = ann.enter(chat).ready()
    write(left, "One")
    # Another process renders this one, so that one can crash alone.
    right = ann.enter(chat, page=ann.context.new_page()).ready()
    right.shows("One")
    ann.context.new_cdp_session(left.page).send("Emulation.setScriptExecutionDisabled", {"value": True})
    cut.mend()
    expect(right.stored).to_have_count(1, timeout=30_000)
    assert sent(host, chat) == ["One"]


class Profile:
    """A browser of its own with a profile on the disk, which can be killed and started again."""

    def __init__(self, playwright: Playwright, path: str, folder: Path) -> None:
        self._playwright, self._path, self.folder = playwright, path, folder

    def open(self, url: str) -> Person:
        self.context = self._playwright.chromium.launch_persistent_context(
            self.folder, executable_path=self._path, args=FLAGS, **LAPTOP
        )
        return Person(self.context, url)

    def kill(self) -> None:
        """Without a word to anybody, as when the power goes.

        With every process that it has started: one that lives on holds the profile's files.
        """
        command = ["pgrep", "-f", "--", f"--user-data-dir={self.folder}"]
        own = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        with self.context.expect_event("close"):
            os.killpg(os.getpgid(int(own[0])), signal.SIGKILL)
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.folder / name).unlink(missing_ok=True)


@pytest.fixture
def profile(playwright: Playwright, chromium_path: str, tmp_path: Path) -> Iterator[Profile]:
    made = Profile(playwright, chromium_path, tmp_path / "profile")
    yield made
    made.context.close()
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.mark.long
def test_a_browser_that_was_killed_sends_what_it_has_kept_and_still_has_the_draft(
    profile: Profile, start_server: Start
) -> None:
    first = start_server(**UNLIMITED)
    host = Guest.sign_in(first.url)
    opened = host.open_chat("Power cut")
    ann = profile.open(first.url)
    ann.sign_in(a_name())
    room = ann.enter(opened).ready()
    room.say("Before")
    expect(room.stored).to_have_count(1)
    cookies = ann.context.cookies()
    first.kill()
    write(room, "One", "Two", "Three")
    room.composer.fill("And then")
    until(ann.page, lambda held: [draft["content"] for draft in held["drafts"]] == ["And then"])
    profile.kill()

    second = again(start_server, first, **UNLIMITED)
    ann = profile.open(second.url)
    ann.context.add_cookies(cookies)  # type: ignore[arg-type]  # those of a minute ago are not on the disk yet
    room = ann.enter(opened).ready()
    expect(room.stored).to_have_count(4)
    room.shows("Before", "One", "Two", "Three")
    expect(room.composer).to_have_value("And then")
    assert sent(Guest(second.url, host.token), opened) == ["Before", "One", "Two", "Three"]


@pytest.mark.long
@pytest.mark.parametrize(
    "how",
    [
        pytest.param("no database", marks=pytest.mark.long),
        pytest.param("a database that is refused", marks=pytest.mark.long),
        "a database that never opens",
        "a full disk",
    ],
)
def test_a_browser_that_keeps_nothing_sends_all_the_same_and_says_what_is_true(
    person: Make, host: Guest, chat: Json, how: str
) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    ann.context.add_init_script(NOTHING_KEPT[how])
    cut = Cut(ann.context)
    room = ann.enter(chat).ready()
    room.say("One")
    room.say("Two")
    expect(room.notice).to_contain_text(NOT_KEPT)
    cut.mend()
    expect(room.stored).to_have_count(2, timeout=30_000)
    assert sent(host, chat) == ["One", "Two"]
    room.say("Three")
    expect(room.stored).to_have_count(3)


def test_only_who_wrote_it_sends_it(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE, "status of 401")
    cut = Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "From Ann")
    # Somebody else logs in, with the same cookies, while Ann's page stands there.
    ann.context.clear_cookies()
    ann.sign_in(a_name())
    cut.mend()
    expect(room.notice).to_contain_text("You are logged out.", timeout=30_000)
    bob = ann.enter(chat, page=ann.context.new_page()).ready()
    bob.say("From Bob")
    expect(bob.stored).to_have_count(1)
    bob.shows("From Bob")
    assert sent(host, chat) == ["From Bob"]
    room.shows("From Ann")


def test_what_waits_at_the_end_of_a_session_goes_out_when_the_same_person_is_back(
    visitor: Make, host: Guest, chat: Json
) -> None:
    ann = sign_up(visitor())
    ann.expects(UNREACHABLE, "status of 401")
    cut = Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "One")
    ann.guest.delete("/sessions/current")
    cut.mend()
    expect(room.notice).to_contain_text("You are logged out.", timeout=30_000)
    expect(room.page.locator(".msg.failed")).to_have_count(0)
    ann.context.clear_cookies()
    log_in(ann, ann)
    ann.page.reload()
    expect(room.ready().stored).to_have_count(1)
    assert sent(host, chat) == ["One"]


def test_whoever_logs_out_is_told_what_is_lost_and_leaves_nothing_behind(visitor: Make, chat: Json) -> None:
    ann = sign_up(visitor())
    ann.expects(UNREACHABLE)
    Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "One", "Two")
    room.composer.fill("And then")
    room.page.get_by_role("banner").first.get_by_role("button", name="Log out").click()
    told = "2 messages of yours in this browser have not been sent. Logging out throws them away."
    expect(ann.page.get_by_text(told)).to_be_visible()
    assert {entry["content"] for entry in kept(ann.page)["outbox"]} == {"One", "Two"}
    assert [entry["content"] for entry in kept(ann.page)["drafts"]] == ["And then"]
    ann.page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(ann.page).to_have_url(ann.url + "/")
    assert kept(ann.page) == {"drafts": [], "leases": [], "outbox": []}


def test_whoever_has_nothing_waiting_logs_out_at_once_and_the_draft_goes(visitor: Make, chat: Json) -> None:
    ann = sign_up(visitor())
    room = ann.enter(chat).ready()
    other = ann.enter(chat, page=ann.context.new_page()).ready()
    other.composer.fill("In another window")
    room.composer.fill("And then")
    room.page.get_by_role("banner").first.get_by_role("button", name="Log out").click()
    expect(ann.page).to_have_url(ann.url + "/")
    expect(other.notice).to_contain_text("You are logged out.")
    other.page.close()
    assert kept(ann.page) == {"drafts": [], "leases": [], "outbox": []}


def test_a_guest_who_stays_after_all_keeps_everything(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "One")
    room.page.get_by_role("banner").first.get_by_role("button", name="Log out").click()
    expect(ann.page.get_by_text("1 message of yours in this browser has not been sent.")).to_be_visible()
    ann.page.get_by_role("link", name="Stay here").click()
    room.ready().shows("One")


@pytest.mark.long
def test_at_most_200_messages_wait_and_the_next_stays_in_the_composer(person: Make, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    Cut(ann.context)
    room = ann.enter(chat).ready()
    room.page.evaluate(
        """() => { for (let number = 0; number < 200; number += 1) {
          content.value = `Line ${number}`;
          composer.requestSubmit();
        } }"""
    )
    room.say("One too many")
    expect(room.problem).to_contain_text("200 messages are waiting to be sent.")
    expect(room.composer).to_have_value("One too many")
    expect(room.lines).to_have_count(200)


def test_what_is_older_than_a_month_goes_with_a_word(person: Make, host: Guest, chat: Json) -> None:
    ann = person()
    ann.expects(UNREACHABLE)
    cut = Cut(ann.context)
    room = ann.enter(chat).ready()
    write(room, "Old", "Young")
    room.page.evaluate(
        """() => new Promise((done) => {
          const opening = indexedDB.open("porch");
          opening.onsuccess = () => {
            const writing = opening.result.transaction("outbox", "readwrite");
            const outbox = writing.objectStore("outbox");
            outbox.index("place").getAll().onsuccess = ({ target: { result: [old, young] } }) => {
              outbox.put({ ...old, at: Date.now() - 31 * 24 * 3600e3 });
              outbox.put({ ...young, at: Date.now() - 29 * 24 * 3600e3 });
            };
            writing.oncomplete = done;
          };
        })"""
    )
    ann.page.reload()
    told = "Not sent, and gone after more than a month: messages of yours that waited here (1)."
    expect(room.ready().problem).to_contain_text(told)
    cut.mend()  # not before: the page that wrote it would send it
    expect(room.stored).to_have_count(1, timeout=30_000)
    assert sent(host, chat) == ["Young"]


def test_the_database_does_what_its_model_in_the_tests_does(person: Make, chat: Json) -> None:
    """The sender's own tests, with their crashes and lost answers, work with that model."""
    ann = person()
    ann.enter(chat).ready()
    model = (JS / "store_model.js").read_text().replace("export class", "class")
    assert ann.page.evaluate(f"async () => {{ {model}\n{COMPARE} }}") == []


# Asks both for the same, at random, and names what they answer differently.
COMPARE = """
  const { OutboxStore } = await import("/static/js/log/outbox_store.js");
  const numbers = (seed) => () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647; };
  const random = numbers(7);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const differences = [];
  const compare = (what, found, expected) => {
    const pair = [found, expected].map((one) => JSON.stringify(one));
    if (pair[0] !== pair[1]) differences.push(`${JSON.stringify(what)}: ${pair[0]}, not ${pair[1]}`);
  };
  const rooms = await Promise.all([[1, 7], [1, 8], [2, 7]].map(async ([user, chat]) =>
    ({ real: await OutboxStore.open(user, chat), model: new StoreModel(user, chat), ids: [] })));
  let now = 1000;
  for (let turn = 0; turn < 600; turn += 1) {
    const { real, model, ids } = pick(rooms);
    now += Math.floor(random() * 3000) * (random() < 0.03 ? -20 : 1);
    const id = pick(ids) ?? "none";
    const [name, ...given] = pick([
      ["add", { client_id: `${turn}`, content: `text ${turn}`, at: now }],
      ["add", { client_id: `${turn}`, content: "another", at: now }],
      ["turn", pick(["left", "right", null]), now, random() < 0.2],
      ["turn", pick(["left", "right"]), now],
      ["turn", "left", now],
      ["release"],
      ["remove", [id, "unknown"]],
      ["refuse", id, pick(["No.", ""])],
      ["draft"],
      ["saveDraft", pick(["", "half a sen"]), now],
    ]);
    if (name === "add") ids.push(given[0].client_id);
    compare([turn, name, ...given], await real[name](...given), model[name](...given));
  }
  // Sweeping is of all rooms at once, and answers for its own.
  const later = now + 30 * 24 * 3600e3 - 1000;
  const swept = rooms.map(({ model }) => model.sweep(later));
  compare("sweep", await rooms[0].real.sweep(later), swept[0]);
  for (const { real, model } of rooms) {
    compare("after sweeping", (await real.turn(null, later)).entries, model.turn(null, later).entries);
    compare("the draft", await real.draft(), model.draft());
  }
  return differences;
"""
