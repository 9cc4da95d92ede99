"""The keys of accounts: the server keeps what everybody can verify, and refuses what they would refuse."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.conftest import skip_or_fail
from tests.support.database import ago, change, rows
from tests.support.keys import Device, Keys, Pair, a_backup
from tests.support.people import PASSWORD, Guest, Json, Socket, refused
from tests.support.sealed import text_of
from tests.support.server import ROOT, Server
from tests.support.waiting import eventually

# A point of small order: whatever is sealed for it, everybody can open.
SMALL = "A" * 43


@pytest.fixture
def ann(server: Server) -> Guest:
    return Guest(server.url).sign_up()


@pytest.fixture
def keys(ann: Guest) -> Keys:
    """Those of Ann, which the server knows."""
    made = Keys(ann)
    made.publish()
    return made


def test_an_account_without_keys_says_so(ann: Guest) -> None:
    assert ann.get("/keys") == {
        "user_id": ann.user_id,
        "identity": None,
        "entries": [],
        "backup": None,
        "devices": [],
        "requests": [],
    }


def test_first_keys_are_kept_as_they_were_signed(ann: Guest) -> None:
    made = Keys(ann)
    sent = made.first()
    told = ann.post("/keys", sent)
    assert told == ann.get("/keys")
    assert {name: told[name] for name in sent} == sent
    assert [(device["dev"], device["kind"]) for device in told["devices"]] == [
        (made.browser.dev, "browser"),
        (made.recovery.dev, "recovery"),
    ]


def test_of_two_tabs_that_make_first_keys_at_once_one_does(ann: Guest) -> None:
    bodies = [Keys(ann).first() for _ in range(4)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(lambda body: ann.raw("POST", "/keys", json=body).status_code, bodies))
    assert sorted(answers) == [201, 409, 409, 409]
    assert ann.get("/keys")["identity"] in [body["identity"] for body in bodies]


def flipped(value: Any) -> Any:
    """Another value of the same form."""
    if isinstance(value, int):
        return value + 1
    return ("B" if value[0] == "A" else "A") + value[1:]


@pytest.mark.parametrize("name", ["user", "dev", "dsk_pub", "dhk_pub", "created", "sig"])
@pytest.mark.parametrize("which", [0, 1])
def test_first_keys_with_a_changed_field_are_refused(ann: Guest, which: int, name: str) -> None:
    body = Keys(ann).first()
    body["entries"][which][name] = flipped(body["entries"][which][name])
    assert refused(ann.post, "/keys", body).code == "invalid"
    assert ann.get("/keys")["identity"] is None


WRONG_FORMS: dict[str, Callable[[Json], Any]] = {
    "one entry": lambda body: body["entries"].pop(),
    "three entries": lambda body: body["entries"].append(body["entries"][0]),
    "no identity": lambda body: body.pop("identity"),
    "a short identity": lambda body: body.update(identity=text_of(31)),
    "unused bits": lambda body: body.update(identity=body["identity"][:-1] + "B"),
    "padding": lambda body: body.update(identity=body["identity"] + "="),
    "a newline": lambda body: body.update(identity=body["identity"] + "\n"),
    "another field": lambda body: body["entries"][0].update(more=1),
    "another version": lambda body: body["entries"][0].update(v=2),
    "another act": lambda body: body["entries"][0].update(act="replace"),
    "a number below none": lambda body: body["entries"][0].update(n=-1),
    "a number as text": lambda body: body["entries"][0].update(n="0"),
    "a number too large": lambda body: body["entries"][0].update(created=2**53),
    "no backup": lambda body: body.update(backup=None),
    "a backup that is not padded": lambda body: body.update(backup=a_backup(100)),
    "a backup too large": lambda body: body.update(backup=a_backup(8192)),
    "another kdf": lambda body: body["backup"].update(kdf="none"),
}


@pytest.mark.parametrize("wrong", WRONG_FORMS.values(), ids=WRONG_FORMS)
def test_first_keys_of_another_form_are_refused(ann: Guest, wrong: Callable[[Json], Any]) -> None:
    body = Keys(ann).first()
    wrong(body)
    assert refused(ann.post, "/keys", body).code == "invalid"


def test_first_keys_are_signed_by_the_identity_key_alone(ann: Guest) -> None:
    made = Keys(ann)
    entries = [made.sign("add", made.browser), made.sign("add", made.recovery, made.browser)]
    body = {"identity": made.identity, "entries": entries, "backup": a_backup()}
    assert refused(ann.post, "/keys", body).code == "invalid"


def test_an_identity_key_that_signed_nothing_is_refused(ann: Guest) -> None:
    body = Keys(ann).first() | {"identity": Keys(ann).identity}
    assert refused(ann.post, "/keys", body).code == "invalid"


def test_a_device_and_the_identity_key_add_others(ann: Guest, keys: Keys) -> None:
    phone, tablet = Device(ann.user_id), Device(ann.user_id)
    assert keys.add(phone, keys.browser) == {"n": 2}
    assert keys.add(tablet, phone) == {"n": 3}
    assert keys.add(Device(ann.user_id), kind="recovery", backup=a_backup()) == {"n": 4}
    told = ann.get("/keys")
    assert told["entries"] == keys.entries
    assert [device["kind"] for device in told["devices"]] == [
        "browser",
        "recovery",
        "browser",
        "browser",
        "recovery",
    ]


def test_whoever_was_revoked_signs_nothing_more_and_does_not_come_back(ann: Guest, keys: Keys) -> None:
    keys.revoke(keys.browser, keys.recovery)
    assert [device["dev"] for device in ann.get("/keys")["devices"]] == [keys.recovery.dev]
    wrong = [
        keys.signed("add", Device(ann.user_id), keys.browser),
        keys.signed("add", keys.browser, keys.recovery),
        keys.signed("revoke", keys.browser, keys.recovery),
    ]
    for entry in wrong:
        assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "invalid"
    assert ann.get("/keys")["entries"] == keys.entries


def test_the_last_device_stays(ann: Guest, keys: Keys) -> None:
    keys.revoke(keys.recovery, keys.browser)
    last = keys.signed("revoke", keys.browser, keys.browser)
    assert refused(ann.post, "/keys/entries", {"entry": last}).code == "conflict"
    keys.add(Device(ann.user_id), keys.browser)
    keys.revoke(keys.browser, keys.browser)


@pytest.mark.parametrize(
    "changes", [{"n": 1}, {"n": 3}, {"prev_hash": SMALL}, {"n": 0, "prev_hash": SMALL}], ids=str
)
def test_an_entry_that_does_not_follow_the_newest_is_a_conflict(
    ann: Guest, keys: Keys, changes: Json
) -> None:
    entry = keys.signed("add", Device(ann.user_id), keys.browser, **changes)
    assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "conflict"


def test_of_two_devices_that_sign_at_once_one_is_next(ann: Guest, keys: Keys) -> None:
    entries = [keys.signed("add", Device(ann.user_id), keys.browser) for _ in range(4)]
    with ThreadPoolExecutor(len(entries)) as pool:
        answers = list(
            pool.map(lambda one: ann.raw("POST", "/keys/entries", json={"entry": one}).status_code, entries)
        )
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(ann.get("/keys")["entries"]) == 3


def test_an_entry_signed_by_a_stranger_is_refused(ann: Guest, keys: Keys) -> None:
    stranger = Device(ann.user_id)
    wrong = [
        keys.signed("add", stranger, stranger),
        keys.signed("add", stranger, stranger, by=keys.browser.dev),
        keys.signed("add", stranger, keys.browser) | {"by": "identity"},
    ]
    for entry in wrong:
        assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "invalid"


def test_the_device_of_somebody_else_cannot_be_passed_off(ann: Guest, bob: Guest, keys: Keys) -> None:
    for changes in ({}, {"user": bob.user_id}):
        entry = keys.signed("add", Device(bob.user_id), keys.browser, **changes)
        assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "invalid"


def test_a_key_that_nothing_can_be_sealed_for_is_refused(ann: Guest, keys: Keys) -> None:
    entry = keys.signed("add", Device(ann.user_id, told_as=SMALL), keys.browser)
    assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "invalid"


def test_an_account_has_only_so_many_devices(server: Server, ann: Guest, keys: Keys) -> None:
    for _ in range(18):
        keys.add(Device(ann.user_id), keys.browser)
    entry = keys.signed("add", Device(ann.user_id), keys.browser)
    assert refused(ann.post, "/keys/entries", {"entry": entry}).code == "conflict"


def test_only_what_is_added_has_a_kind(ann: Guest, keys: Keys) -> None:
    for entry, kind in (
        (keys.signed("add", Device(ann.user_id), keys.browser), "phone"),
        (keys.signed("revoke", keys.recovery, keys.browser), "recovery"),
    ):
        refusal = refused(ann.post, "/keys/entries", {"entry": entry, "kind": kind})
        assert list(refusal.error["fields"]) == ["kind"]


def test_another_recovery_key_brings_its_backup(ann: Guest, keys: Keys) -> None:
    other = a_backup(4096)
    keys.add(Device(ann.user_id), keys.browser, kind="recovery", backup=other)
    assert ann.get("/keys")["backup"] == other


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "recovery"},
        {"kind": "recovery", "backup": None},
        {"kind": "recovery", "backup": a_backup(100)},
        {"kind": "browser", "backup": a_backup()},
        {"backup": a_backup()},
    ],
)
def test_a_backup_comes_with_its_recovery_key_and_with_nothing_else(
    ann: Guest, keys: Keys, more: Json
) -> None:
    before = ann.get("/keys")
    body = {"entry": keys.signed("add", Device(ann.user_id), keys.browser)} | more
    refusal = refused(ann.post, "/keys/entries", body)
    assert list(refusal.error["fields"]) == ["backup"]
    assert ann.get("/keys") == before


def test_a_stolen_session_takes_no_backup_away(ann: Guest, keys: Keys) -> None:
    before = ann.get("/keys")
    thief = Device(ann.user_id)
    for signer in (thief, None):
        made = Keys(ann)
        made.entries = list(keys.entries)
        body = {"entry": made.signed("add", thief, signer), "kind": "recovery", "backup": a_backup()}
        assert refused(ann.post, "/keys/entries", body).code == "invalid"
    assert refused(ann.put, "/keys/backup", {"backup": a_backup()}).status == 404
    assert ann.get("/keys") == before


# Browsers that ask.


def test_a_new_browser_asks_and_an_old_one_adds_it(ann: Guest, keys: Keys) -> None:
    new = Device(ann.user_id)
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    with ann.socket() as socket:
        asked = ann.request("POST", "/keys/requests", json=new.public, headers=agent)
        eventually(lambda: socket.events("key_request"))
        assert socket.events("key_request") == [{"dev": new.dev}]
    assert (asked["dev"], asked["label"]) == (new.dev, "Firefox on Linux")
    assert ann.get("/keys")["requests"] == [asked]
    keys.add(new, keys.browser)
    told = ann.get("/keys")
    assert told["requests"] == []
    assert told["devices"][-1]["label"] == "Firefox on Linux"
    assert refused(ann.post, "/keys/requests", new.public).code == "conflict"


def test_a_request_is_dropped_and_dropped_again(ann: Guest, bob: Guest, keys: Keys) -> None:
    new = Device(ann.user_id)
    ann.post("/keys/requests", new.public)
    other = Keys(Guest(ann.url).sign_up())
    other.publish()
    other.person.delete(f"/keys/requests/{new.dev}")  # which is not theirs
    assert len(ann.get("/keys")["requests"]) == 1
    for _ in range(2):
        ann.delete(f"/keys/requests/{new.dev}")
    ann.delete("/keys/requests/%00")
    assert ann.get("/keys")["requests"] == []


def test_the_sixth_request_lets_the_oldest_go_and_the_same_one_counts_once(ann: Guest, keys: Keys) -> None:
    asking = [Device(ann.user_id) for _ in range(6)]
    for device in (*asking[:5], asking[1], asking[5]):
        ann.post("/keys/requests", device.public)
    found = [request["dev"] for request in ann.get("/keys")["requests"]]
    assert found == [asking[place].dev for place in (2, 3, 4, 1, 5)]


def test_a_request_is_open_for_an_hour(server: Server, ann: Guest, keys: Keys) -> None:
    new = Device(ann.user_id)
    ann.post("/keys/requests", new.public)
    asked_at = "UPDATE device_request SET created_at = ? WHERE dev = ?"
    assert change(server.data, asked_at, ago(seconds=3601), new.dev)
    assert ann.get("/keys")["requests"] == []


@pytest.mark.parametrize("name", ["dev", "dsk_pub", "dhk_pub"])
def test_a_request_with_a_changed_key_is_refused(ann: Guest, keys: Keys, name: str) -> None:
    body = Device(ann.user_id).public
    assert refused(ann.post, "/keys/requests", body | {name: flipped(body[name])}).code == "invalid"


def test_without_keys_there_is_nothing_to_join(ann: Guest) -> None:
    assert refused(ann.post, "/keys/requests", Device(ann.user_id).public).code == "conflict"
    made = Keys(ann)
    assert refused(made.add, made.browser).code == "conflict"


# Who has to do with it.


def test_guests_have_no_keys(bob: Guest) -> None:
    made = Keys(bob)
    assert refused(made.publish).code == "forbidden"
    for path in ("/keys", "/keys/epochs"):
        assert refused(bob.get, path).code == "forbidden"


def has_heard(socket: Socket, times: int) -> bool:
    return len(socket.events("keys")) == times


def test_a_change_is_told_to_oneself_and_to_accounts_that_one_has_a_direct_chat_with(ann: Guest) -> None:
    friend, stranger = Guest(ann.url).sign_up(), Guest(ann.url).sign_up()
    guest = Guest.sign_in(ann.url)
    for other in (friend, guest):
        ann.open_direct(other)
    with (
        ann.socket() as own,
        friend.socket() as theirs,
        stranger.socket() as far,
        guest.socket() as none,
    ):
        made = Keys(ann)
        made.publish()
        made.add(Device(ann.user_id), made.browser)
        for socket in (own, theirs):
            eventually(partial(has_heard, socket, 2))
            assert socket.events("keys") == [{"user_id": ann.user_id, "n": n} for n in (1, 2)]
        assert far.events("keys") == none.events("keys") == []


def test_who_has_lost_everything_begins_anew_with_the_password(ann: Guest, keys: Keys) -> None:
    ann.post("/keys/requests", Device(ann.user_id).public)
    assert refused(ann.delete, "/keys", {"password": "wrong"}).code == "unauthenticated"
    ann.delete("/keys", {"password": PASSWORD})
    told = ann.get("/keys")
    assert (told["identity"], told["backup"], told["requests"], told["devices"]) == (None, None, [], [])
    again = Keys(ann)
    again.publish()
    assert ann.get("/keys")["identity"] == again.identity
    assert refused(keys.add, Device(ann.user_id), keys.browser).code == "conflict"


def test_with_an_account_go_its_keys(server: Server) -> None:
    pair = Pair.meet(server.url)
    pair.ann.person.post("/keys/requests", Device(pair.ann.person.user_id).public)
    pair.bob.person.get(f"/chats/{pair.chat['id']}/keys")
    pair.ann.person.delete("/users/current", {"password": PASSWORD})
    user_id = pair.ann.person.user_id
    for table in ("identity", "device_request"):
        assert rows(server.data, f"SELECT * FROM {table} WHERE user_id = ?", user_id) == []
    assert rows(server.data, "SELECT * FROM device WHERE dev = ?", pair.ann.browser.dev) == []
    told = pair.bob.person.get(f"/chats/{pair.chat['id']}/keys")
    (gone,) = (one for one in told["members"] if one["user_id"] == user_id)
    assert (gone["identity"], gone["entries"]) == (None, [])
    assert told["encryption"] == "e2e"
    assert len(pair.bob.person.get(f"/chats/{pair.chat['id']}/epochs")["epochs"]) == 1


def test_changes_of_keys_have_a_rate(start_server: Callable[..., Server]) -> None:
    person = Guest(start_server(key_rate="2+1/h").url).sign_up()
    made = Keys(person)
    made.publish()
    made.add(Device(person.user_id), made.browser)
    assert refused(made.add, Device(person.user_id), made.browser).code == "too_fast"


def test_what_the_modules_of_the_page_sign_is_taken(server: Server) -> None:
    """Two people with the browser's own code, as far as Node runs it."""
    node = shutil.which("node")
    if node is None:
        skip_or_fail("no node")
    ann, bob = Guest(server.url).sign_up(), Guest(server.url).sign_up()
    chat = ann.open_direct(bob)
    script = ROOT / "tests" / "js" / "two_accounts.js"
    done = subprocess.run(
        [str(node), str(script), str(ann.user_id), str(bob.user_id), str(chat["id"]), str(uuid.uuid4())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    for person, own in ((ann, made["keys"][0]), (bob, made["keys"][1])):
        person.post("/keys", own["first"])
        person.post("/keys/entries", own["next"])
    for epoch in made["epochs"]:
        ann.post(f"/chats/{chat['id']}/epochs", epoch)
    envelope = made["envelope"]
    body = {"content": "", "client_id": envelope["client_id"], "envelope": envelope}
    assert ann.post(f"/chats/{chat['id']}/messages", body)["envelope"] == envelope
    assert base64.urlsafe_b64decode(envelope["ct"] + "==")
