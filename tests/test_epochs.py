"""Encrypted direct chats: epochs follow one another, for exactly those who are there, and messages fit."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.database import rows
from tests.support.keys import Device, Keys, Pair, an_epoch, begin, epoch_hash, locked, signed_of
from tests.support.openapi import confirm_described
from tests.support.people import PASSWORD, Guest, Json, refused
from tests.support.sealed import an_envelope, both_doors, by_http, sealed, text_of
from tests.support.server import Server
from tests.support.waiting import eventually

Send = Callable[[Guest, Json, Json], Json]


@pytest.fixture
def pair(server: Server) -> Pair:
    return Pair.meet(server.url)


def epochs_of(person: Guest, chat: Json, **parameters: object) -> Json:
    return person.get(f"/chats/{chat['id']}/epochs", **parameters)


def test_the_first_epoch_encrypts_the_chat_and_tells_everybody_in_it(server: Server) -> None:
    ann, bob = (Keys(Guest(server.url).sign_up()) for _ in range(2))
    for keys in (ann, bob):
        keys.publish()
    chat = ann.person.open_direct(bob.person)
    ann.person.send(chat, "in the clear")
    assert "encryption" not in chat
    told = bob.person.get(f"/chats/{chat['id']}/keys")
    assert (told["encryption"], told["epoch"], told["began_at"], told["began_seq"]) == (
        "none",
        None,
        None,
        None,
    )
    assert [(one["user_id"], one["identity"], one["entries"]) for one in told["members"]] == [
        (keys.person.user_id, keys.identity, keys.entries) for keys in (ann, bob)
    ]
    epoch = an_epoch(chat, [ann, bob], ann.browser)
    with bob.person.socket() as socket:
        socket.enter(chat)
        kept = begin(ann.person, chat, epoch)
        eventually(lambda: socket.events("epoch"))
        assert socket.events("epoch") == [{"chat_id": chat["id"], "epoch": 0}]
        eventually(lambda: socket.events("chat"))
        assert socket.events("chat")[0]["encryption"] == "e2e"
    assert {name: kept[name] for name in epoch} == epoch
    assert bob.person.direct(chat)["encryption"] == "e2e"
    told = bob.person.get(f"/chats/{chat['id']}/keys")
    assert (told["encryption"], told["epoch"], told["began_seq"]) == ("e2e", 0, kept["began_seq"])
    assert by_http(bob.person, chat, locked(chat, epoch, bob.browser))["seq"] > kept["began_seq"] > 1


def test_epochs_are_read_page_by_page_as_they_were_signed(pair: Pair) -> None:
    made = [pair.epoch]
    for _ in range(2):
        made.append(an_epoch(pair.chat, pair.both, pair.bob.browser, made[-1]))
        begin(pair.bob.person, pair.chat, made[-1])
    page = epochs_of(pair.ann.person, pair.chat)
    found = [{name: epoch[name] for name in made[0]} for epoch in page["epochs"]]
    assert epochs_of(pair.ann.person, pair.chat, dev="\0") == page | {"shares": []}
    assert (found, page["more"], page["shares"]) == (made, False, [])
    for after, numbers in ((-1, [0, 1, 2]), (0, [1, 2]), (2, [])):
        told = epochs_of(pair.ann.person, pair.chat, after=after)["epochs"]
        assert [epoch["epoch"] for epoch in told] == numbers
    everything = pair.ann.person.get("/keys/epochs")
    assert [one["epoch"] for one in everything["epochs"]] == made
    ids = [one["id"] for one in everything["epochs"]]
    rest = pair.ann.person.get("/keys/epochs", after=ids[0])["epochs"]
    assert [one["id"] for one in rest] == ids[1:] == sorted(ids)[1:]


def test_a_repeated_epoch_is_the_one_that_is_kept(pair: Pair) -> None:
    answer = pair.ann.person.raw("POST", f"/chats/{pair.chat['id']}/epochs", json=pair.epoch)
    assert answer.status_code == 200
    assert len(epochs_of(pair.ann.person, pair.chat)["epochs"]) == 1


def test_of_epochs_that_begin_at_once_one_does_and_the_others_learn_its_number(pair: Pair) -> None:
    path = f"/chats/{pair.chat['id']}/epochs"
    sides = [
        (keys.person, an_epoch(pair.chat, pair.both, keys.browser, pair.epoch)) for keys in pair.both * 2
    ]
    with ThreadPoolExecutor(len(sides)) as pool:
        answers = list(pool.map(lambda side: side[0].raw("POST", path, json=side[1]), sides))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["error"]["code"], answer.json()["error"]["newest"]) == ("conflict", 1)
            confirm_described("/chats/{chat_id}/epochs", "post", 409, answer.json())


def flipped(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        *others, (name, last) = value[-1].items()
        return [*value[:-1], {**dict(others), name: flipped(last)}]
    return ("B" if value[0] == "A" else "A") + value[1:]


@pytest.mark.parametrize(
    "name",
    ["v", "chat", "epoch", "by_dev", "members", "prev_epoch_hash", "key_hash", "wraps", "sig_dsk"],
)
def test_an_epoch_with_a_changed_field_is_refused(pair: Pair, name: str) -> None:
    epoch = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    refusal = refused(begin, pair.ann.person, pair.chat, epoch | {name: flipped(epoch[name])})
    assert refusal.code in ("invalid", "conflict", "forbidden")
    assert len(epochs_of(pair.ann.person, pair.chat)["epochs"]) == 1


def test_an_epoch_is_for_exactly_the_devices_that_there_are(pair: Pair) -> None:
    ann = pair.ann.person
    other = Keys(Guest(ann.url).sign_up())
    other.publish()
    wraps, members = (pair.epoch[name] for name in ("wraps", "members"))
    wrong = [
        an_epoch(pair.chat, [pair.ann], pair.ann.browser, pair.epoch),
        an_epoch(pair.chat, [*pair.both, other], pair.ann.browser, pair.epoch),
        an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch, wraps=wraps[:-1]),
        an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch, members=members[:1]),
        an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch, members=members[::-1]),
        *(
            an_epoch(
                pair.chat,
                pair.both,
                pair.ann.browser,
                pair.epoch,
                members=[members[0], members[1] | {name: text_of(32)}],
            )
            for name in ("identity", "end")
        ),
    ]
    for epoch in wrong:
        refusal = refused(begin, ann, pair.chat, epoch)
        assert (refusal.code, refusal.error["newest"]) == ("conflict", 0)
    for order in (wraps[::-1], [wraps[0], *wraps]):
        epoch = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch, wraps=order)
        assert refused(begin, ann, pair.chat, epoch).code == "invalid"


def test_a_device_more_or_fewer_asks_for_another_epoch(pair: Pair) -> None:
    known = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    phone = Device(pair.bob.person.user_id)
    pair.bob.add(phone, pair.bob.browser)
    assert refused(begin, pair.ann.person, pair.chat, known).code == "conflict"
    wider = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    begin(pair.ann.person, pair.chat, wider)
    pair.bob.revoke(pair.bob.browser, phone)
    by_revoked = an_epoch(pair.chat, pair.both, pair.bob.browser, wider)
    assert refused(begin, pair.bob.person, pair.chat, by_revoked).code == "forbidden"
    begin(pair.bob.person, pair.chat, an_epoch(pair.chat, pair.both, phone, wider))


def test_a_device_that_came_and_went_asks_for_another_epoch_too(pair: Pair) -> None:
    known = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    phone = Device(pair.bob.person.user_id)
    pair.bob.add(phone, pair.bob.browser)
    pair.bob.revoke(phone, pair.bob.browser)
    refusal = refused(begin, pair.ann.person, pair.chat, known)
    assert (refusal.code, refusal.error["newest"]) == ("conflict", 0)
    wider = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    assert wider["wraps"][0]["dev"] == known["wraps"][0]["dev"], "the devices are the same again"
    begin(pair.ann.person, pair.chat, wider)


def test_nobody_begins_an_epoch_with_the_device_of_somebody_else(pair: Pair) -> None:
    epoch = an_epoch(pair.chat, pair.both, pair.bob.browser, pair.epoch)
    assert refused(begin, pair.ann.person, pair.chat, epoch).code == "forbidden"
    forged = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    forged["sig_dsk"] = pair.bob.browser.sign("porch/v1/epoch", signed_of(forged))
    assert refused(begin, pair.ann.person, pair.chat, forged).code == "invalid"


def test_an_epoch_follows_the_newest_by_number_and_hash(pair: Pair) -> None:
    fork = an_epoch(pair.chat, pair.both, pair.ann.browser)
    for wrong in (
        fork,
        an_epoch(pair.chat, pair.both, pair.ann.browser, fork),
        an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch, epoch=2),
    ):
        refusal = refused(begin, pair.ann.person, pair.chat, wrong)
        assert (refusal.code, refusal.error["newest"]) == ("conflict", 0)


def test_a_room_and_a_chat_with_a_guest_have_no_epochs(server: Server, bob: Guest) -> None:
    ann = Keys(Guest(server.url).sign_up())
    ann.publish()
    room = ann.person.open_chat()
    for path in ("keys", "epochs"):
        assert refused(ann.person.get, f"/chats/{room['id']}/{path}").code == "invalid"
    assert refused(begin, ann.person, room, an_epoch(room, [ann], ann.browser)).code == "invalid"
    chat = ann.person.open_direct(bob)
    (guest,) = (
        one for one in ann.person.get(f"/chats/{chat['id']}/keys")["members"] if one["user_id"] == bob.user_id
    )
    assert guest["identity"] is None
    assert refused(begin, ann.person, chat, an_epoch(chat, [ann], ann.browser)).code == "invalid"
    assert refused(bob.get, f"/chats/{chat['id']}/keys").code == "forbidden"
    assert "encryption" not in ann.person.direct(chat)


def test_before_both_have_keys_nothing_is_encrypted(server: Server) -> None:
    ann, bob = Keys(Guest(server.url).sign_up()), Guest(server.url).sign_up()
    ann.publish()
    chat = ann.person.open_direct(bob)
    assert refused(begin, ann.person, chat, an_epoch(chat, [ann], ann.browser)).code == "conflict"
    assert "encryption" not in ann.person.direct(chat)


def test_the_chat_of_others_looks_like_one_that_is_not_there(pair: Pair) -> None:
    third = Keys(Guest(pair.ann.person.url).sign_up())
    third.publish()
    epoch = an_epoch(pair.chat, pair.both, third.browser, pair.epoch)
    shares = {"dev": third.browser.dev, "shares": [a_share(0)]}
    path = f"/chats/{pair.chat['id']}"
    for call in (
        lambda: third.person.get(f"{path}/keys"),
        lambda: third.person.get(f"{path}/epochs"),
        lambda: third.person.post(f"{path}/epochs", epoch),
        lambda: third.person.post(f"{path}/shares", shares),
    ):
        assert refused(call).code == "not_found"
    assert third.person.get("/keys/epochs") == {"epochs": [], "more": False}


def test_where_nothing_is_taken_no_epoch_begins(pair: Pair) -> None:
    pair.bob.person.block(pair.ann.person)
    for keys in pair.both:
        epoch = an_epoch(pair.chat, pair.both, keys.browser, pair.epoch)
        assert refused(begin, keys.person, pair.chat, epoch).code == "forbidden"


# Giving the history.


def a_share(epoch: int) -> Json:
    return {"epoch": epoch, "enc": text_of(32), "ct": text_of(48)}


def test_a_new_device_is_given_the_keys_of_earlier_epochs(pair: Pair) -> None:
    phone, ann = Device(pair.ann.person.user_id), pair.ann.person
    pair.ann.add(phone, pair.ann.browser)
    second = an_epoch(pair.chat, pair.both, pair.ann.browser, pair.epoch)
    begin(ann, pair.chat, second)
    path = f"/chats/{pair.chat['id']}/shares"
    first, other = [a_share(0), a_share(1)], [a_share(0)]
    ann.post(path, {"dev": phone.dev, "shares": first})
    assert epochs_of(ann, pair.chat, dev=phone.dev)["shares"] == first
    ann.post(path, {"dev": phone.dev, "shares": other})
    assert epochs_of(ann, pair.chat, dev=phone.dev)["shares"] == [*other, first[1]]
    assert epochs_of(ann, pair.chat, dev=phone.dev, after=0)["shares"] == [first[1]]
    assert epochs_of(ann, pair.chat, dev=pair.ann.browser.dev)["shares"] == []
    assert epochs_of(pair.bob.person, pair.chat, dev=phone.dev)["shares"] == [], "it is not Bob's"
    pair.ann.revoke(phone, pair.ann.browser)
    assert epochs_of(ann, pair.chat, dev=phone.dev)["shares"] == []


def test_shares_are_for_ones_own_devices_and_for_epochs_that_there_are(pair: Pair) -> None:
    path, own = f"/chats/{pair.chat['id']}/shares", pair.ann.browser.dev
    for body, code in (
        ({"dev": pair.bob.browser.dev, "shares": [a_share(0)]}, "forbidden"),
        ({"dev": text_of(32), "shares": [a_share(0)]}, "forbidden"),
        ({"dev": own, "shares": [a_share(1)]}, "invalid"),
        ({"dev": own, "shares": []}, "invalid"),
        ({"dev": own, "shares": [a_share(0)] * 201}, "invalid"),
        ({"dev": own, "shares": [a_share(0) | {"ct": text_of(47)}]}, "invalid"),
        ({"dev": own, "shares": [a_share(0) | {"more": 1}]}, "invalid"),
    ):
        assert refused(pair.ann.person.post, path, body).code == code
    pair.ann.revoke(pair.ann.recovery, pair.ann.browser)
    revoked = {"dev": pair.ann.recovery.dev, "shares": [a_share(0)]}
    assert refused(pair.ann.person.post, path, revoked).code == "forbidden"


# What is sent.


@both_doors
def test_an_envelope_is_kept_as_it_came_and_once(pair: Pair, send: Send) -> None:
    body = locked(pair.chat, pair.epoch, pair.ann.browser)
    messages = [send(pair.ann.person, pair.chat, body) for _ in range(2)]
    assert messages[0] == messages[1]
    assert (messages[0]["envelope"], messages[0]["content"]) == (body["envelope"], "")
    other = locked(pair.chat, pair.epoch, pair.ann.browser, body["client_id"])
    assert refused(send, pair.ann.person, pair.chat, other).code == "conflict"


@both_doors
def test_an_encrypted_chat_takes_nothing_that_can_be_read(pair: Pair, send: Send) -> None:
    envelope = locked(pair.chat, pair.epoch, pair.ann.browser)["envelope"]
    for body in (
        {"content": "plain", "client_id": str(uuid.uuid4())},
        sealed(envelope, content="plain"),
        sealed(envelope, reply_to=1),
        sealed(envelope, files=[1]),
    ):
        assert refused(send, pair.ann.person, pair.chat, body).code == "invalid"


@both_doors
def test_files_of_an_encrypted_chat_are_kept_under_no_name_and_go_with_their_message(
    pair: Pair, send: Send
) -> None:
    ann, bob = pair.ann.person, pair.bob.person
    upload = ann.upload(pair.chat, b"\xff\xd8\xff as a picture begins", "quincewise.jpg", "image/jpeg")
    assert (upload["name"], upload["media_type"]) == ("locked", "application/octet-stream")
    body = locked(pair.chat, pair.epoch, pair.ann.browser)
    shown = body | {"files": [{"id": upload["id"], "alt": "The mast"}]}
    assert refused(send, ann, pair.chat, shown).code == "invalid"
    assert send(ann, pair.chat, body | {"files": [upload["id"]]})["files"] == [upload]
    assert bob.raw("GET", upload["url"]).content == b"\xff\xd8\xff as a picture begins"
    (row,) = (row for row in bob.directs() if row["id"] == pair.chat["id"])
    assert row["last"]["content"] == ""
    ann.delete(f"/chats/{pair.chat['id']}/messages/{bob.after(pair.chat, 0)['messages'][-1]['seq']}")
    assert bob.raw("GET", upload["url"]).status_code == 404


@both_doors
def test_an_envelope_of_an_epoch_that_has_passed_is_not_stored_but_what_is_stored_is(
    pair: Pair, send: Send
) -> None:
    stored, late = (locked(pair.chat, pair.epoch, pair.ann.browser) for _ in range(2))
    message = send(pair.ann.person, pair.chat, stored)
    begin(pair.bob.person, pair.chat, second := an_epoch(pair.chat, pair.both, pair.bob.browser, pair.epoch))
    refusal = refused(send, pair.ann.person, pair.chat, late)
    assert (refusal.code, refusal.error["newest"]) == ("epoch_passed", 1)
    confirm_described("/chats/{chat_id}/messages", "post", 409, {"error": refusal.error})
    assert send(pair.ann.person, pair.chat, stored) == message
    again = locked(pair.chat, second, pair.ann.browser, late["client_id"])
    assert send(pair.ann.person, pair.chat, again)["envelope"] == again["envelope"]
    to_come = locked(pair.chat, second | {"epoch": 2}, pair.ann.browser)
    assert refused(send, pair.ann.person, pair.chat, to_come).code == "epoch_passed"


@both_doors
def test_a_message_is_locked_anew_once_a_device_of_either_came_or_went(pair: Pair, send: Send) -> None:
    stored = locked(pair.chat, pair.epoch, pair.ann.browser)
    message = send(pair.ann.person, pair.chat, stored)
    newest = pair.epoch
    for whose in (pair.bob, pair.ann):
        phone = Device(whose.person.user_id)
        for change in (whose.add, whose.revoke):
            change(phone, whose.browser)
            late = locked(pair.chat, newest, pair.ann.browser)
            refusal = refused(send, pair.ann.person, pair.chat, late)
            assert (refusal.code, refusal.error["newest"]) == ("epoch_passed", newest["epoch"])
            edit = {
                "content": "",
                "envelope": locked(pair.chat, newest, pair.ann.browser, message["client_id"])["envelope"],
            }
            path = f"/chats/{pair.chat['id']}/messages/{message['seq']}"
            assert refused(pair.ann.person.patch, path, edit).code == "epoch_passed"
            assert send(pair.ann.person, pair.chat, stored) == message
            newest = an_epoch(pair.chat, pair.both, pair.ann.browser, newest)
            begin(pair.ann.person, pair.chat, newest)
            again = locked(pair.chat, newest, pair.ann.browser, late["client_id"])
            assert send(pair.ann.person, pair.chat, again)["envelope"] == again["envelope"]
    assert len(pair.bob.person.after(pair.chat, 0)["messages"]) == 5


@both_doors
def test_who_gave_their_keys_up_is_sent_nothing_more(pair: Pair, send: Send) -> None:
    pair.bob.person.delete("/keys", {"password": PASSWORD})
    late = locked(pair.chat, pair.epoch, pair.ann.browser)
    assert refused(send, pair.ann.person, pair.chat, late).code == "epoch_passed"


@both_doors
def test_only_a_device_of_ones_own_that_was_not_revoked_writes(pair: Pair, send: Send) -> None:
    stored = locked(pair.chat, pair.epoch, pair.ann.browser)
    message = send(pair.ann.person, pair.chat, stored)
    pair.ann.revoke(pair.ann.browser, pair.ann.recovery)
    for device in (pair.bob.browser, Device(pair.ann.person.user_id), pair.ann.browser):
        body = locked(pair.chat, pair.epoch, device)
        assert refused(send, pair.ann.person, pair.chat, body).code == "forbidden"
    assert send(pair.ann.person, pair.chat, stored) == message


def test_what_was_sent_in_the_clear_before_is_no_failure_when_it_is_repeated(server: Server) -> None:
    ann, bob = (Keys(Guest(server.url).sign_up()) for _ in range(2))
    for keys in (ann, bob):
        keys.publish()
    chat = ann.person.open_direct(bob.person)
    message = ann.person.send(chat, "in the clear")
    begin(bob.person, chat, an_epoch(chat, [ann, bob], bob.browser))
    assert ann.person.send(chat, "in the clear", message["client_id"]) == message
    assert refused(ann.person.send, chat, "in the clear").code == "invalid"


def test_a_chat_that_is_not_encrypted_takes_no_envelope(ann: Guest, bob: Guest) -> None:
    chat = ann.open_direct(bob)
    assert refused(by_http, ann, chat, sealed(an_envelope(chat))).code == "invalid"


def test_an_edit_is_locked_for_the_newest_epoch_too(pair: Pair) -> None:
    first = locked(pair.chat, pair.epoch, pair.ann.browser)
    seq = pair.send(first)["seq"]
    path = f"/chats/{pair.chat['id']}/messages/{seq}"
    begin(pair.bob.person, pair.chat, second := an_epoch(pair.chat, pair.both, pair.bob.browser, pair.epoch))
    late = locked(pair.chat, pair.epoch, pair.ann.browser, first["client_id"])["envelope"]
    edit = locked(pair.chat, second, pair.ann.browser, first["client_id"])["envelope"]
    assert refused(pair.ann.person.patch, path, {"content": "plain"}).code == "invalid"
    body = {"content": "", "envelope": late}
    assert refused(pair.ann.person.patch, path, body).code == "epoch_passed"
    assert pair.ann.person.patch(path, {"content": "", "envelope": edit})["envelope"] == edit
    assert "envelope" not in pair.ann.person.delete(path)


def test_an_old_message_that_is_edited_leaves_nothing_to_read_or_to_find(server: Server) -> None:
    ann, bob = (Keys(Guest(server.url).sign_up()) for _ in range(2))
    for keys in (ann, bob):
        keys.publish()
    chat = ann.person.open_direct(bob.person)
    word = f"word{uuid.uuid4().hex}"
    old, kept = (
        ann.person.send(chat, f"Here is a {word}."),
        ann.person.send(chat, f"{word} stays", reply_to=1),
    )
    eventually(lambda: len(ann.person.get("/search", q=word)["hits"]) == 2)
    begin(ann.person, chat, epoch := an_epoch(chat, [ann, bob], ann.browser))
    envelope = locked(chat, epoch, ann.browser, old["client_id"])["envelope"]
    path = f"/chats/{chat['id']}/messages/{old['seq']}"
    edited = ann.person.patch(path, {"content": "", "envelope": envelope})
    assert (edited["content"], edited["envelope"]) == ("", envelope)
    hits = ann.person.get("/search", q=word)["hits"]
    assert [hit["message"]["seq"] for hit in hits] == [kept["seq"]]
    again = locked(chat, epoch, ann.browser, kept["client_id"])["envelope"]
    path = f"/chats/{chat['id']}/messages/{kept['seq']}"
    assert "reply_to" not in ann.person.patch(path, {"content": "", "envelope": again})
    assert rows(server.data, "SELECT id FROM message WHERE content LIKE ?", f"%{word}%") == []
    assert ann.person.get("/search", q=word)["hits"] == []


def test_lists_notices_and_what_is_unread_tell_nothing_of_what_is_said(pair: Pair) -> None:
    with pair.bob.person.socket() as socket:
        pair.send()
        eventually(lambda: socket.events("notice"))
        (notice,) = socket.events("notice")
    assert notice["content"] == ""
    row = pair.bob.person.direct(pair.chat)
    assert (row["unread"], row["last"]["content"], row["encryption"]) == (1, "", "e2e")


def test_a_chat_stays_encrypted_when_somebody_has_no_keys_any_more(pair: Pair) -> None:
    ann, bob = pair.both
    bob.person.delete("/keys", {"password": PASSWORD})
    assert refused(ann.person.send, pair.chat, "plain").code == "invalid"
    epoch = an_epoch(pair.chat, pair.both, ann.browser, pair.epoch)
    assert refused(begin, ann.person, pair.chat, epoch).code == "conflict"
    again = Keys(bob.person)
    again.publish()
    told = ann.person.get(f"/chats/{pair.chat['id']}/keys")["members"][1]
    assert told["identity"] == again.identity
    follows = an_epoch(pair.chat, [ann, again], ann.browser, pair.epoch)
    assert begin(ann.person, pair.chat, follows)["prev_epoch_hash"] == epoch_hash(pair.epoch)
