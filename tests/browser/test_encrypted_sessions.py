"""Long sessions of two people in an encrypted chat, by chance: all browsers that are let in read the same,
and nothing of it stands anywhere on the server.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import UNLIMITED
from tests.support.browser import UNREACHABLE, Person
from tests.support.encrypted import KEYS, begin_encrypted
from tests.support.long_sessions import STEPS, Browser, Deed, Session, nothing_is_left
from tests.support.server import Server

pytestmark = pytest.mark.long

Make = Callable[..., Person]

MOST_BROWSERS = 3  # of one person


@dataclass
class WithKeys(Browser):
    """One that was let in."""

    def keys(self, work: str, *given: object) -> Any:
        """Do what the account page does."""
        user = self.person.guest.user_id
        return self.room.page.evaluate(f"async ([user, ...given]) => {{{KEYS}{work}}}", [user, *given])


@dataclass(kw_only=True)
class Direct(Session[WithKeys]):
    account: Make
    recovery: dict[str, str] = field(default_factory=dict)

    def more(self) -> list[Deed]:
        return [self.new_browser, self.recover, self.revoke, self.rotate]

    def newcomer(self, whose: str) -> WithKeys | None:
        if len(self.of(whose)) >= MOST_BROWSERS:
            return None
        person = self.account(of=self.of(whose)[0].person)
        person.expects("status of (403|409)", UNREACHABLE)
        return WithKeys(whose, person, person.enter(self.chat).ready())

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

    def agree(self) -> None:
        super().agree()
        for browser in self.browsers:
            assert browser.room.page.evaluate("sealing.way") == "encrypted"
            assert browser.room.page.evaluate("sealing.isStrange") is False


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
        browsers.append(WithKeys(name, person, person.enter(chat).ready()))
    make = partial(account, url=server.url)
    recovery = {one.whose: one.keys("return toGroups(await recoverySecret(keys));") for one in browsers}
    session = Direct(server, chat, random.Random(seed), browsers, account=make, recovery=recovery)
    session.secrets += recovery.values()
    session.run(STEPS)
    record_property("done", f"{session.done}, {len(session.secrets)} secrets")
    nothing_is_left(session, tmp_path)
