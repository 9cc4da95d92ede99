"""The page's log against a reference, by Hypothesis: whatever happens in a room, and to what a page hears and
asks, the page shows what somebody would see who reads the log up to the page's cursor.

`feed.js`, `catch_up.js` and `history.js` run in one node process; the server and the network are here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import skip_or_fail

Json = dict[str, Any]
DRIVER = Path(__file__).resolve().parent / "js" / "feed_driver.js"
# How many messages a page holds at most; texts that are long cut it earlier.
LIMITS = st.sampled_from([200, 50, 5, 2, 1])


class Driver:
    """The page's side, over lines of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, command: str, data: object = None) -> Json:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([command, data]), file=self.process.stdin, flush=True)
        answer: Json = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    node = shutil.which("node")
    if node is None:
        skip_or_fail("node is missing")
    command = [node or "", str(DRIVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Driver(process)
        assert process.stdin
        process.stdin.close()


class Log:
    """The room as the server keeps it, and the reference: what there is to see at a number."""

    def __init__(self) -> None:
        self.changes: list[Json] = []  # number `rev` stands at `rev - 1`
        self.messages: dict[int, Json] = {}  # by seq, deleted ones as tombstones
        self.chat: Json = {"id": 7, "name": "name 0", "rev": 0, "reset_rev": 0}

    @property
    def rev(self) -> int:
        return len(self.changes)

    def write(self, seq: int | None = None, **fields: Any) -> None:
        """A new message, or a change to the one at `seq`."""
        rev = self.rev + 1
        new = {"seq": rev, "content": f"text {rev}", "deleted": False, "chat_id": 7}
        message: Json = (new if seq is None else self.messages[seq]) | {"rev": rev} | fields
        self.messages[message["seq"]] = message
        self.changes.append({"kind": "message", "rev": rev, "message": message})

    def alter(self, **fields: Any) -> None:
        self.chat = self.chat | {"rev": self.rev + 1} | fields
        self.changes.append({"kind": "chat", "rev": self.rev + 1, "chat": self.chat})

    def at(self, rev: int) -> tuple[str, dict[int, Json]]:
        """The reference: the room's name and its messages as they were at `rev`."""
        name, messages = "name 0", {}
        for change in self.changes[:rev]:
            if change["kind"] == "message":
                messages[change["message"]["seq"]] = change["message"]
            else:
                name = change["chat"]["name"]
                if change["chat"]["reset_rev"] == change["rev"]:
                    messages = {}
        return name, messages

    def after(self, cursor: int, limit: int) -> Json:
        rows = sorted(
            (one for one in self.messages.values() if one["rev"] > cursor), key=lambda one: one["rev"]
        )
        more = len(rows) > limit
        return {
            "messages": rows[:limit],
            "chat": self.chat if self.chat["rev"] > cursor else None,
            "rev": rows[limit - 1]["rev"] if more else self.rev,
            "head": self.rev,
            "more": more,
        }

    def before(self, seq: int, limit: int) -> Json:
        rows = [self.messages[one] for one in sorted(self.messages) if one < seq]
        return {
            "messages": rows[-limit:],
            "chat": None,
            "rev": self.rev,
            "head": self.rev,
            "more": len(rows) > limit,
        }

    def answer(self, path: str, limit: int) -> Json:
        query = {name: int(value[0]) for name, value in parse_qs(urlsplit(path).query).items()}
        if "after" in query:
            return self.after(query["after"], limit)
        if "before" in query:
            return self.before(query["before"], limit)
        page = self.before(self.rev + 1, limit)
        return self.chat | {"messages": page["messages"], "more": page["more"], "rev": self.rev}


class FeedMachine(RuleBasedStateMachine):
    driver: Driver

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()
        self.newest = self.heard = 0  # the highest numbers that were new to the page, and that it heard of
        self.asked: dict[int, str] = {}  # requests under way, by id
        self.served: dict[int, Json] = {}  # those that the server has answered already
        self.seen: dict[int, int] = {}  # the rev of every message that was shown, by seq
        self.page: Json = {}

    def tell(self, command: str, data: object = None) -> None:
        self.page = self.driver.tell(command, data)
        self.asked |= {one["id"]: one["path"] for one in self.page["asked"]}
        for seq in self.page["fresh"]:
            assert seq > self.newest, f"{seq} is new a second time, or in front of another"
            self.newest = seq

    @initialize(count=st.integers(0, 90), limit=st.integers(10, 80), part=st.sampled_from([0, 0.3, 0.8]))
    def begin(self, count: int, limit: int, part: float) -> None:
        """The newest messages, or those around one further back."""
        for _ in range(count):
            self.log.write()
        at = int(count * part)
        page = self.log.before(at + 6 if at else count + 1, 10)
        self.newest = self.heard = count
        self.tell(
            "begin",
            {
                "chat": self.log.chat,
                "messages": page["messages"],
                "rev": count,
                "moreBefore": page["more"],
                "moreAfter": at > 0 and at + 5 < count,
                "at": at,
                "limit": limit,
            },
        )

    @rule(count=st.integers(1, 70))
    def send(self, count: int) -> None:
        for _ in range(count):
            self.log.write()

    @rule(back=st.integers(0, 120), deleted=st.booleans())
    def change(self, back: int, deleted: bool) -> None:
        alive = [seq for seq, one in self.log.messages.items() if not one["deleted"]]
        if alive:
            fields = {"content": "", "deleted": True} if deleted else {"content": f"edit {self.log.rev + 1}"}
            self.log.write(alive[max(0, len(alive) - 1 - back)], **fields)

    @rule()
    def rename(self) -> None:
        self.log.alter(name=f"name {self.log.rev + 1}")

    @rule()
    def empty(self) -> None:
        self.log.messages = {}
        self.log.alter(reset_rev=self.log.rev + 1)

    @rule(back=st.integers(0, 120), deleted=st.booleans())
    def change_and_push(self, back: int, deleted: bool) -> None:
        self.change(back, deleted)
        self.push_all()

    @rule(ahead=st.integers(-2, 6))
    def push(self, ahead: int) -> None:
        """In order or not, once or twice or never."""
        rev = self.page["rev"] + ahead
        if 0 < rev <= self.log.rev:
            self.heard = max(self.heard, rev)
            self.tell("push", self.log.changes[rev - 1])

    @rule()
    def push_all(self) -> None:
        for change in self.log.changes[self.page["rev"] :]:
            self.heard = change["rev"]
            self.tell("push", change)
            self.shows_the_log()

    @rule()
    def hear(self) -> None:
        self.heard = self.log.rev
        self.tell("hear", self.log.rev)

    @rule()
    def catch_up(self) -> None:
        self.tell("catchUp")

    @rule(limit=LIMITS, pushed=st.booleans())
    def catch_up_from_a_page(self, limit: int, pushed: bool) -> None:
        """As a socket does: what is pushed may overtake the answer that comes with entering."""
        after = self.page["rev"]
        page = self.log.after(after, limit)
        if pushed:
            self.log.write()
            self.heard = self.log.rev
            self.tell("push", self.log.changes[-1])
        self.tell("catchUp", {"after": after, "page": page})

    @rule(where=st.sampled_from(["older", "newer", "newest"]), limit=LIMITS, served=st.booleans())
    def read_on(self, where: str, limit: int, served: bool) -> None:
        self.tell(where)
        if served:
            self.serve(limit)

    @rule(following=st.booleans())
    def follow(self, following: bool) -> None:
        self.tell("follow", following)

    def serve(self, limit: int) -> None:
        """The server reads; the answers may be long under way."""
        for one, path in self.asked.items():
            if one not in self.served:
                self.served[one] = self.log.answer(path, limit)

    @rule(data=st.data(), limit=LIMITS, lost=st.sampled_from([False, False, False, True]))
    def deliver(self, data: st.DataObject, limit: int, lost: bool) -> None:
        if not self.asked:
            return
        one = data.draw(st.sampled_from(sorted(self.asked)))
        path = self.asked.pop(one)
        body = self.served.pop(one, None) or self.log.answer(path, limit)
        self.tell("answer", {"id": one, "body": None if lost else body})

    @invariant()
    def shows_the_log(self) -> None:
        page, rev = self.page, self.page["rev"]
        name, then = self.log.at(rev)
        assert page["name"] == name
        assert page["behind"] or rev >= self.heard, "it knows that it is behind"
        seqs = [one["seq"] for one in page["messages"]]
        assert seqs == sorted(set(seqs)), "in order, each once"
        assert not seqs or seqs[-1] <= rev, "nothing is shown past a hole"
        for one in page["messages"]:
            seq = one["seq"]
            assert one == self.log.changes[one["rev"] - 1]["message"]
            assert one["rev"] >= then.get(seq, one)["rev"], f"{seq} is shown as it was before {rev}"
            assert one["rev"] >= self.seen.get(seq, 0), f"{seq} went back"
            assert not one["deleted"] or seq in self.seen, f"the tombstone {seq} was never seen alive"
        self.seen |= {one["seq"]: one["rev"] for one in page["messages"]}
        first = 0 if not page["moreBefore"] else seqs[0] if seqs else rev + 1
        last = rev if not page["moreAfter"] else seqs[-1] if seqs else 0
        now = {seq for seq, one in self.log.messages.items() if not one["deleted"]}
        expected = {seq for seq, one in then.items() if first <= seq <= last and not one["deleted"]}
        assert (expected & now) <= set(seqs), f"a hole between {first} and {last}"

    def teardown(self) -> None:
        """The line is good again: the page comes to the head, and to the end."""
        if not self.page:
            return
        self.hear()
        for command in ("catchUp", "catchUp", "newest"):
            self.tell(command)
            for _ in range(200):
                if not self.asked:
                    break
                one, path = self.asked.popitem()
                body = self.served.pop(one, None) or self.log.answer(path, 50)
                self.tell("answer", {"id": one, "body": body})
                self.shows_the_log()
        assert not self.page["behind"]
        assert self.page["rev"] == self.log.rev
        assert not self.page["moreAfter"]
        shown = self.page["messages"]
        assert shown == [self.log.messages[one["seq"]] for one in shown]


@pytest.mark.parametrize(
    ("examples", "steps"), [(60, 40), pytest.param(3000, 80, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_the_page_shows_the_log_at_its_cursor(driver: Driver, examples: int, steps: int) -> None:
    machine = type("Machine", (FeedMachine,), {"driver": driver})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
