"""Direct chats between accounts: encrypted in their browsers, and what a host that cheats comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.support.browser import UNREACHABLE, Person, Room
from tests.support.browser_actions import Act
from tests.support.browser_kept import CLOSABLE, close_databases
from tests.support.database import change, rows
from tests.support.encrypted import KEYS, begin_encrypted
from tests.support.keys import Keys
from tests.support.people import PASSWORD, Json
from tests.support.server import Server
from tests.support.traces import nothing_of, written_by

Make = Callable[..., Person]


@pytest.fixture
def pair(account: Make) -> tuple[Person, Person, Json]:
    """Two people whose browsers have keys, and their chat."""
    ann, bob = account(), account()
    return ann, bob, begin_encrypted(ann, bob)


def seal(room: Room) -> Locator:
    return room.page.locator("#seal")


def notice(room: Room) -> Locator:
    return room.page.locator("#seal-notice")


def epochs(server: Server, chat: Json) -> list[Json]:
    """What the server has of a chat's epochs, oldest first."""
    found = rows(server.data, "SELECT record FROM epoch WHERE chat_id = ? ORDER BY number", chat["id"])
    return [json.loads(record) for (record,) in found]


COMPARED = """
async (other) => {
  const { Contacts } = await import("/static/js/keys/contacts.js");
  const contacts = new Contacts(sealing.kept, sealing.userId);
  await contacts.verify(other, (await contacts.get(other)).identity);
}
"""


def with_keys(one: Person, work: str, *arguments: object) -> Any:
    """Do what the pages of one's keys do."""
    return one.page.evaluate(f"async ([user, ...given]) => {{{KEYS}{work}}}", [one.guest.user_id, *arguments])


# A browser that cannot bring a key back once it was written down: any at all, or those of X25519, as Safari.
FORGETFUL = """
const lost = (value) => value instanceof CryptoKey ? %s || value.algorithm.name === "X25519"
  : value !== null && typeof value === "object" && Object.values(value).some(lost);
const once = (owner, name) => {
  const own = owner[name];
  owner[name] = function (value, ...more) {
    if (lost(value)) throw new TypeError("Unable to deserialize data.");
    return own.call(this, value, ...more);
  };
};
once(globalThis, "structuredClone");
for (const name of ["add", "put"]) once(IDBObjectStore.prototype, name);
"""


WATCH = """
window.waited = [];
const badge = document.getElementById("waiting");
new MutationObserver(() => { if (!badge.hidden) window.waited.push(badge.textContent); })
  .observe(badge, { attributes: true, childList: true, characterData: true, subtree: true });
"""


def test_what_is_read_as_it_comes_is_never_counted_as_waiting(pair: tuple[Person, Person, Json]) -> None:
    ann, bob, chat = pair
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    here.page.evaluate(WATCH)
    for number in range(5):
        with here.page.expect_response("**/sessions/current"):
            there.say(f"Line {number}")
    here.shows(*(f"Line {number}" for number in range(5)))
    assert here.page.evaluate("window.waited") == []


def test_two_people_talk_and_the_host_has_nothing_of_it(
    server: Server, pair: tuple[Person, Person, Json]
) -> None:
    ann, bob, chat = pair
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    expect(seal(here)).to_have_text("Encrypted")
    here.say("The zwiebelkettle whistles at dawn")
    there.shows("The zwiebelkettle whistles at dawn")
    there.say("Marmalade, then")
    here.shows("The zwiebelkettle whistles at dawn", "Marmalade, then")
    Act(here).edit("The zwiebelkettle whistles at dawn", "The zwiebelkettle hums at noon")
    there.shows("The zwiebelkettle hums at noon", "Marmalade, then")
    Act(there).choose("The zwiebelkettle hums at noon", "Reply")
    there.say("Quincewise so")
    quote = here.page.locator("#feed .msg", has_text="Quincewise").locator(".quote")
    expect(quote).to_contain_text("hums at noon")
    Act(here).delete("The zwiebelkettle hums at noon")
    expect(there.texts.nth(0)).to_contain_text("took this message back")
    there.page.reload()
    there.ready().shows("Marmalade, then", "Quincewise so")
    assert there.page.evaluate("sealing.problems()") == {"missing": [], "differing": []}
    expect(there.page.locator("#seal-notice")).to_be_hidden()
    stored = rows(server.data, "SELECT envelope FROM message WHERE chat_id = ? AND NOT deleted", chat["id"])
    assert [json.loads(envelope)["ctr"] for (envelope,) in stored] == [1, 2]
    nothing_of(written_by(server.data), b"zwiebelkettle", b"whistles", b"Marmalade", b"Quincewise")


SAID = """
async (texts) => {
  const path = `/chats/${sealing.chatId}/messages`;
  for (const content of texts) {
    const said = { client_id: crypto.randomUUID(), content };
    await sealing.through(path, said, (body) => sealing.ask("POST", path, body), Error);
  }
}
"""


def test_a_browser_that_cannot_keep_its_key_as_it_is_keeps_it_wrapped(account: Make) -> None:
    ann, bob = account(), account()
    ann.context.add_init_script(FORGETFUL % "false")
    chat = begin_encrypted(ann, bob)
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    expect(seal(here)).to_have_text("Encrypted")
    there.say("The zwiebelkettle whistles at dawn")
    here.shows("The zwiebelkettle whistles at dawn")
    here.say("Marmalade, then")
    there.shows("The zwiebelkettle whistles at dawn", "Marmalade, then")
    here.page.reload()
    here.ready().shows("The zwiebelkettle whistles at dawn", "Marmalade, then")


def test_a_browser_that_keeps_no_keys_makes_none(account: Make) -> None:
    ann, bob = account(), account()
    ann.context.add_init_script(FORGETFUL % "true")
    chat = ann.guest.post("/directs", {"username": bob.name})
    bob.guest.patch(f"/directs/{chat['id']}", {"state": "open"})
    ann.open("/chatrooms/")
    assert with_keys(ann, "return keys.state;") == "unable"
    here = ann.enter(chat).ready()
    here.say("Readable")
    here.shows("Readable")
    expect(here.stored).to_have_count(1)


def test_what_was_said_long_ago_is_found_in_the_browser_and_leads_there(
    server: Server, pair: tuple[Person, Person, Json]
) -> None:
    ann, bob, chat = pair
    ann.enter(chat).ready()
    lines = [f"Line {number}" for number in range(70)]
    ann.page.evaluate(SAID, ["The Zwiebelkéttle <b>whistles</b>", *lines])
    room = bob.enter(chat).ready()
    page = room.page
    expect(room.log).to_contain_text("Line 69")
    expect(room.log).not_to_contain_text("Zwiebel")
    field = page.get_by_role("searchbox", name="Search what was said here")
    found = page.locator(".hits")
    field.fill("marmalade")
    field.press("Enter")
    expect(found.get_by_role("status")).to_have_text("Nothing was found")
    field.fill("zwiebelkettle")
    field.press("Enter")
    hit = found.get_by_role("link")
    expect(hit).to_contain_text("The Zwiebelkéttle <b>whistles</b>")
    expect(hit.locator("mark")).to_have_text("Zwiebelkéttle")
    expect(found.get_by_role("status")).to_have_text("1 message was found.")
    hit.click()
    expect(page.locator(".msg.at")).to_contain_text("Zwiebelkéttle")
    expect(page.locator(".msg.at")).to_be_in_viewport()
    ann.page.evaluate(SAID, ["The zwiebelkettle again"])
    field.press("Enter")
    expect(hit).to_contain_text(["The zwiebelkettle again", "The Zwiebelkéttle"])
    assert page.url.endswith(chat["url"])
    nothing_of(written_by(server.data), b"wiebelk", b"marmalade")


@pytest.mark.long
def test_both_write_first_at_once_and_the_line_is_lost_in_the_middle(
    server: Server, pair: tuple[Person, Person, Json], account: Make
) -> None:
    ann, bob, chat = pair
    ann.expects("status of 409", UNREACHABLE)
    bob.expects("status of 409", UNREACHABLE)
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and len(held) < 2:
            held.append(route)
        else:
            route.fallback()

    for one in (ann, bob):
        one.page.route("**/epochs", hold)
    here.say("Ann was first")
    there.say("Bob was first")
    ann.until(lambda: len(held) >= 1)
    bob.until(lambda: len(held) >= 2)
    # The first epoch is stored, and who made it never hears of it.
    held[0].fetch()
    held[0].abort()
    held[1].continue_()
    for room in (here, there):
        expect(room.texts).to_have_count(2)
        assert sorted(room.contents()) == ["Ann was first", "Bob was first"]
    assert [one["epoch"] for one in epochs(server, chat)] == [0]
    unsafe = account(of=ann)
    unsafe.context.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    old = unsafe.enter(chat).ready()
    expect(notice(old)).to_contain_text("came without https")
    expect(old.texts.first).to_contain_text("Locked")
    old.say("Was first to be readable")
    expect(old.page.locator("#feed .msg", has_text="readable")).to_contain_text("nothing can be locked here")
    nothing_of(written_by(server.data), b"was first", b"Was first")


def let_in(young: Person, *, by: Person) -> str:
    """Another browser of somebody asks, is let in and believes it; returns the code that it showed."""
    code: str = with_keys(young, "return (await requestApproval(keys)).code;")
    with_keys(by, "await approve(keys, keys.told.requests[0]);")
    with_keys(young, "await confirmIdentity(keys);")
    young.page.reload()
    return code


def test_a_new_browser_reads_the_history_and_a_revoked_one_nothing_more(
    server: Server, pair: tuple[Person, Person, Json], account: Make
) -> None:
    ann, bob, chat = pair
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    here.say("Before the telephone")
    there.shows("Before the telephone")
    phone = account(of=bob)
    phone.expects("status of 403")
    small = phone.enter(chat).ready()
    expect(notice(small)).to_contain_text("does not have your keys yet")
    expect(small.texts).to_contain_text("Locked")
    small.say("Let me in")
    expect(small.page.locator("#feed .msg.failed, #feed .msg", has_text="Let me in")).to_contain_text(
        "does not have your keys"
    )
    small.page.get_by_role("button", name="Discard").click()
    small.say("By the telephone")
    waiting = small.page.locator("#feed .msg.waiting", has_text="By the telephone")
    expect(waiting).to_contain_text("Waiting to send. This browser does not have your keys yet.")
    code = let_in(phone, by=bob)
    assert len(code.replace(" ", "")) == 24
    small.ready().shows("Before the telephone", "By the telephone")
    here.shows("Before the telephone", "By the telephone")
    there.shows("Before the telephone", "By the telephone")
    dev = with_keys(phone, "return keys.device.dev;")
    assert [dev in json.dumps(one["wraps"]) for one in epochs(server, chat)] == [False, True]
    with_keys(bob, "await revoke(keys, given[0]);", dev)
    here.say("Without the telephone")
    there.shows("Before the telephone", "By the telephone", "Without the telephone")
    assert [dev in json.dumps(one["wraps"]) for one in epochs(server, chat)] == [False, True, False]
    expect(small.texts.nth(2)).to_contain_text("Locked")
    expect(small.log).not_to_contain_text("Without the telephone")
    tablet = account(of=bob)
    tablet.enter(chat).ready()
    secret = with_keys(bob, "return [...await recoverySecret(keys)];")
    with_keys(tablet, "await recover({ user, ask }, new Uint8Array(given[0]));", secret)
    tablet.page.reload()
    Room(tablet.page).ready().shows("Before the telephone", "By the telephone", "Without the telephone")
    nothing_of(written_by(server.data), b"telephone")


@pytest.mark.long
def test_a_browser_that_was_let_in_and_shut_out_before_anybody_wrote_reads_nothing_more(
    server: Server, pair: tuple[Person, Person, Json], account: Make
) -> None:
    ann, bob, chat = pair
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    here.say("Before the telephone")
    there.shows("Before the telephone")
    # Ann's page hears of nothing: she sends for the devices that she knows.
    ann.expects("status of 409")
    ann.page.evaluate("Object.assign(sealing, { lookAgain: async () => {}, lookedAt: Infinity }).way")
    phone = account(of=bob)
    small = phone.enter(chat).ready()
    let_in(phone, by=bob)
    small.ready().shows("Before the telephone")
    with_keys(bob, "await revoke(keys, given[0]);", with_keys(phone, "return keys.device.dev;"))
    here.say("Without the telephone")
    there.shows("Before the telephone", "Without the telephone")
    expect(small.texts.nth(1)).to_contain_text("Locked.")
    there.say("Without it, too")
    here.shows("Before the telephone", "Without the telephone", "Without it, too")
    expect(small.texts.nth(2)).to_contain_text("Locked.")
    expect(small.log).not_to_contain_text("Without")
    phone.page.reload()
    expect(small.ready().log).to_contain_text("Locked.")
    expect(small.log).not_to_contain_text("Without")
    assert [len(one["wraps"]) for one in epochs(server, chat)] == [4, 4]
    stored = rows(server.data, "SELECT envelope FROM message WHERE chat_id = ? ORDER BY seq", chat["id"])
    assert [json.loads(envelope)["epoch"] for (envelope,) in stored] == [0, 1, 1]
    assert ann.page.evaluate("sealing.problems()") == {"missing": [], "differing": []}


def test_a_swapped_key_is_announced_and_after_a_comparison_blocks(
    server: Server, pair: tuple[Person, Person, Json]
) -> None:
    ann, bob, chat = pair
    here = ann.enter(chat).ready()
    here.say("To the right one")
    expect(here.stored).to_have_count(1)
    bob.page.goto("about:blank")
    swap(bob)
    expect(notice(here)).to_contain_text("has a new key")
    notice(here).get_by_role("button", name="Understood").click()
    expect(notice(here)).to_be_hidden()
    ann.page.evaluate(COMPARED, bob.guest.user_id)
    here.page.reload()
    expect(seal(here.ready())).to_have_text("Encrypted, verified")
    swap(bob)
    expect(notice(here)).to_contain_text("another key than the one you compared")
    expect(seal(here)).to_have_text("Nothing is sent")
    here.say("To whom?")
    failed = here.page.locator("#feed .msg", has_text="To whom?")
    expect(failed).to_contain_text("Their key has changed")
    notice(here).get_by_role("button", name="Accept the new key").click()
    expect(seal(here)).to_have_text("Encrypted")
    failed.get_by_role("button", name="Retry").click()
    expect(here.stored).to_have_count(2)
    # Nobody has signed what an entry says now.
    his = f"identity_id IN (SELECT id FROM identity WHERE user_id = {bob.guest.user_id})"
    change(
        server.data,
        f"""UPDATE device_entry SET record = replace(record, '"created":', '"created":1') WHERE {his}""",
    )
    here.page.reload()
    expect(notice(here.ready())).to_contain_text("cannot be right")
    nothing_of(written_by(server.data), b"right one", b"To whom")


def swap(one: Person) -> None:
    """What a host does that puts keys of its own in the place of somebody's."""
    one.guest.delete("/keys", {"password": PASSWORD})
    Keys(one.guest).publish()


def test_what_found_the_other_without_keys_goes_to_others_only_when_somebody_says_so(
    server: Server, pair: tuple[Person, Person, Json]
) -> None:
    ann, bob, chat = pair
    here = ann.enter(chat).ready()
    here.say("Before")
    expect(here.stored).to_have_count(1)
    bob.page.goto("about:blank")
    bob.guest.delete("/keys", {"password": PASSWORD})
    expect(notice(here)).to_contain_text("has no keys any more")
    here.say("To whom?")
    failed = here.page.locator("#feed .msg.failed")
    expect(failed).to_contain_text("Not sent. The host says that they have no keys any more.")
    Keys(bob.guest).publish()
    expect(notice(here)).to_contain_text("has a new key")
    here.page.reload()
    expect(here.ready().page.locator("#feed .msg.failed")).to_contain_text("To whom?")
    expect(here.stored).to_have_count(1)
    failed.get_by_role("button", name="Retry").click()
    expect(here.stored).to_have_count(2)
    assert rows(server.data, "SELECT count(*) FROM message WHERE chat_id = ?", chat["id"]) == [(2,)]


def test_what_waits_goes_out_when_its_tab_is_come_back_to_from_where_the_keys_were_taken(
    pair: tuple[Person, Person, Json], account: Make
) -> None:
    ann, bob, chat = pair
    ann.enter(chat).ready().say("Before")
    bob.enter(chat).ready().shows("Before")
    phone = account(of=bob)
    small = phone.enter(chat).ready()
    small.say("By the telephone")
    waiting = small.page.locator("#feed .msg.waiting")
    expect(waiting).to_be_visible()
    with_keys(phone, "await requestApproval(keys);")
    with_keys(bob, "await approve(keys, keys.told.requests[0]);")
    with_keys(phone, "await confirmIdentity(keys);")
    small.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(waiting).to_have_count(0, timeout=15_000)
    expect(small.stored).to_have_count(2)
    small.page.reload()
    small.ready().shows("Before", "By the telephone")


def test_what_was_locked_opens_by_itself_once_a_browser_has_its_keys(
    pair: tuple[Person, Person, Json], account: Make
) -> None:
    ann, bob, chat = pair
    here, there = ann.enter(chat).ready(), bob.enter(chat).ready()
    here.say("Before **the** telephone")
    there.shows("Before the telephone")
    Act(there).choose("Before the telephone", "Reply")
    there.say("Quincewise so")
    here.shows("Before the telephone", "Quincewise so")
    phone = account(of=bob)
    small = phone.enter(chat).ready()
    expect(small.texts).to_contain_text(["Locked.", "Locked."])
    small.page.evaluate("window.stayed = true")
    with_keys(phone, "await requestApproval(keys);")
    with_keys(bob, "await approve(keys, keys.told.requests[0]);")
    expect(notice(small)).to_contain_text("only you know whether that is true")
    expect(notice(small).get_by_role("link", name="Your keys")).to_be_visible()
    expect(seal(small)).to_have_text("Nothing is sent")
    here.say("Meanwhile")
    expect(small.texts.last).to_contain_text("You have not said yet that it was you who let this browser in.")
    with_keys(phone, "await confirmIdentity(keys);")
    small.page.evaluate("dispatchEvent(new Event('focus'))")
    small.shows("Before the telephone", "Quincewise so", "Meanwhile")
    expect(small.texts.first.locator("strong")).to_have_text("the")
    expect(small.page.locator("#feed .quote")).to_contain_text("Before the telephone")
    expect(notice(small)).to_be_hidden()
    expect(seal(small)).to_have_text("Encrypted")
    assert small.page.evaluate("window.stayed && sealing.problems()") == {"missing": [], "differing": []}


def test_a_host_that_leaves_out_puts_in_or_denies_is_found_out(server: Server, account: Make) -> None:
    ann, bob = account(), account()
    chat = ann.guest.post("/directs", {"username": bob.name})
    here = ann.enter(chat).ready()
    expect(seal(here)).to_have_text("Not encrypted")
    here.say("Early and readable")
    here.shows("Early and readable")
    there = bob.enter(chat).ready()
    expect(seal(here)).to_have_text("Encrypted")
    for text in ("One", "Two", "Three"):
        here.say(text)
    there.shows("Early and readable", "One", "Two", "Three")
    expect(there.page.locator("li[data-sealed]")).to_contain_text("One")
    assert there.page.evaluate("sealing.problems()") == {"missing": [], "differing": []}
    last = "WHERE seq = (SELECT max(seq) FROM message WHERE chat_id = :chat) AND chat_id = :chat"
    before = "WHERE seq = (SELECT max(seq) - 1 FROM message WHERE chat_id = :chat) AND chat_id = :chat"
    cheat(server, chat, f"DELETE FROM message {before}")
    there.page.reload()
    there.ready().shows("Early and readable", "One", "Three")
    expect(there.page.locator("#continuity")).to_contain_text(f"A message of {ann.name} is missing here")
    cheat(server, chat, f"UPDATE message SET envelope = NULL, content = 'Put in by the host' {last}")
    there.page.reload()
    expect(there.ready().texts.nth(2)).to_contain_text("This came without a lock")
    expect(there.log).not_to_contain_text("Put in by the host")
    both = f"user_id IN ({ann.guest.user_id}, {bob.guest.user_id})"
    theirs = f"identity_id IN (SELECT id FROM identity WHERE {both})"
    for statement in (
        "UPDATE chat SET encryption = 'none' WHERE id = :chat",
        f"DELETE FROM epoch_share WHERE dev IN (SELECT dev FROM device WHERE {theirs})",
        f"DELETE FROM device_entry WHERE {theirs}",
        f"DELETE FROM device WHERE {theirs}",
        f"DELETE FROM identity WHERE {both}",
    ):
        cheat(server, chat, statement)
    there.page.reload()
    expect(notice(there.ready())).to_contain_text("has no keys any more")
    there.say("Nothing to read")
    there.say("Nor this")
    failed = there.page.locator("#feed .msg.failed", has_text="Nothing to read")
    expect(failed).to_contain_text("Not sent. The host says that they have no keys any more.")
    nothing_of(written_by(server.data), b"Nothing to read")


def cheat(server: Server, chat: Json, statement: str) -> None:
    """Change what the host has."""
    change(server.data, statement.replace(":chat", str(chat["id"])))


def test_who_has_deleted_their_account_has_left_and_nothing_else_is_said(pair: Any) -> None:
    ann, bob, chat = pair
    ann.expects("status of 401")
    room = bob.enter(chat).ready()
    room.say("Hello")
    expect(room.stored).to_have_count(1)
    ann.guest.delete("/users/current", {"password": PASSWORD})
    expect(room.page.locator("#request")).to_contain_text("has left. What was said stays here.")
    expect(seal(room)).to_have_text("Nothing is sent")
    expect(notice(room)).to_be_hidden()


def test_keys_are_there_also_once_the_system_has_closed_their_database(
    pair: tuple[Person, Person, Json],
) -> None:
    ann, bob, chat = pair
    ann.context.add_init_script(CLOSABLE)
    room, theirs = ann.enter(chat).ready(), bob.enter(chat).ready()
    room.say("Before")
    theirs.shows("Before")
    close_databases(ann.page)
    theirs.say("Still there?")
    room.shows("Before", "Still there?")
    room.say("Still")
    theirs.shows("Before", "Still there?", "Still")
