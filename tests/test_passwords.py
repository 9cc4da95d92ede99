"""Passwords: what they may be, when two are the same, and that hashing one holds nobody up."""

from __future__ import annotations

import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from porch import passwords as rules
from porch.engines.limits import passwords as engine
from porch.engines.limits.passwords import Passwords
from porch.engines.limits.pools import AT_ONCE, CallersPool
from porch.errors import Invalid, RetryLater
from porch.passwords import enforce_password, prepared
from tests.support.quick_passwords import REAL
from tests.support.server import ROOT

GOOD = "correct horse battery staple"


def refusal(text: str, *, username: str = "Ann", site_name: str = "") -> str:
    """What is said of a password that is refused."""
    with pytest.raises(Invalid) as refused:
        enforce_password(text, username=username, site_name=site_name)
    assert refused.value.fields == {"password": refused.value.message}
    return refused.value.message


# RFC 8265, section 4.3, and what people type on telephones.
@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "Correct Horse Battery Staple",
        "πßåπßåπßå",
        "Jack of ♦s",
        "  two spaces  at the ends  ",
        "пароль для двери",
        "عصفور صغير",
        "合言葉は山と川と海",
        "foo·bar・baz",
        "🔑🚪🏡🌻🐝🍯☕️📚",
        "\U0001fae8\U0001fadc\U0001fabe new emoji",
        "x" * 128,
    ],
)
def test_any_text_of_8_to_128_characters_is_a_password(text: str) -> None:
    assert enforce_password(text, username="Ann")
    assert prepared(text) == enforce_password(text, username="Ann")


def test_case_and_spaces_are_kept() -> None:
    assert enforce_password("  Two  Spaces ", username="Ann") == "  Two  Spaces "


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Zo\u00eb und ihr Hund", "Zoe\u0308 und ihr Hund"),
        ("foo bar baz", "foo\u1680bar\u3000baz"),
        ("I \u2764 my garden", "I \u2764\ufe0f my garden"),
        ("\U0001f468\U0001f469\U0001f467 at home", "\U0001f468\u200d\U0001f469\u200d\U0001f467 at home"),
    ],
)
def test_what_keyboards_write_differently_is_the_same_password(text: str, same: str) -> None:
    assert prepared(same) == prepared(text) == enforce_password(text, username="Ann")


@pytest.mark.parametrize("text", ["", "x", "garden7", "é" * 7, "e\u0301" * 7, "\u2764\ufe0f" * 7])
def test_fewer_than_8_characters_are_refused(text: str) -> None:
    assert refusal(text) in (
        "A password needs at least 8 characters.",
        "A password needs something besides spaces.",
    )


def test_8_spaces_are_refused() -> None:
    assert refusal(" " * 8) == "A password needs something besides spaces."


@pytest.mark.parametrize("text", ["x" * 129, "x" * 513, "e" * 100 + "\u2764" * 29])
def test_more_than_128_characters_are_refused(text: str) -> None:
    assert refusal(text) == "A password has at most 128 characters."
    assert prepared(text) == ""


def test_128_characters_may_be_written_with_many_more() -> None:
    assert enforce_password("e\u0301" * 128, username="Ann") == "\u00e9" * 128


@pytest.mark.parametrize(
    "invisible", ["\0", "\t", "\n", "\x7f", "\u200b", "\u2028", "\u202e", "\ufeff", "\ud800"]
)
def test_what_cannot_be_seen_is_refused(invisible: str) -> None:
    text = f"a garden{invisible}gate"
    assert refusal(text) == "A password cannot have line breaks or other invisible characters."
    assert prepared(text) == ""


def test_a_long_text_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_mapped", lambda text: pytest.fail("it was worked on"))
    assert prepared("\u0301" * 1_000_000) == ""
    assert refusal("\u0301" * 1_000_000) == "A password has at most 128 characters."


@pytest.mark.parametrize("text", ["password", "PASSWORD", "12345678", "iloveyou", "Qwertyuiop", "trustno1"])
def test_what_many_people_have_is_refused_in_any_case(text: str) -> None:
    assert refusal(text).startswith("Many people have this password")


def test_a_part_of_a_common_password_is_no_common_password() -> None:
    common = rules._common().decode().split()
    text = next(one[1:] for one in common if len(one) > 20 and one[1:] not in common)
    assert enforce_password(text, username="Ann") == text


@pytest.mark.parametrize(
    "text", ["Mary Ann Smith", "mary ann smith", "ＭＡＲＹ ann smith", " Mary Ann Smith "]
)
def test_ones_own_name_is_refused(text: str) -> None:
    said = "A password cannot be your name or the name of this site."
    assert refusal(text, username="Mary Ann Smith") == said
    assert refusal(text, username="Ann", site_name="Mary Ann Smith") == said
    assert enforce_password(text + " 2", username="Mary Ann Smith", site_name="Mary Ann Smith")


def test_the_list_of_common_passwords_is_as_the_rules_need_it() -> None:
    first, *entries, last = rules._common().decode().split("\n")
    assert first == last == ""
    assert len(entries) > 20_000
    assert all(8 <= len(entry) <= 128 for entry in entries)
    assert all(unicodedata.normalize("NFC", entry.casefold()) == entry for entry in entries)


@pytest.fixture(scope="module", autouse=True)
def real_parameters() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in REAL.items():
            patch.setattr(engine, name, value)
        yield


@pytest.fixture(scope="module")
def encoded(real_parameters: None) -> str:
    return Passwords("threading").hash(GOOD)


@pytest.fixture(params=["threading", "gevent"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    return Passwords(request.param)


def test_a_hash_is_argon2id_with_19_mebibytes_2_rounds_1_lane(encoded: str) -> None:
    parameters = extract_parameters(encoded)
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)
    assert len(encoded) <= 100


def test_only_the_password_itself_fits_its_hash(passwords: Passwords) -> None:
    encoded = passwords.hash(GOOD)
    assert passwords.verify(encoded, GOOD)
    assert not passwords.verify(encoded, GOOD.title())
    assert not passwords.verify(encoded, "")


def test_the_same_password_has_another_hash_each_time(encoded: str) -> None:
    assert Passwords("threading").hash(GOOD) != encoded


def test_nobody_has_a_password(passwords: Passwords) -> None:
    assert not passwords.verify(None, GOOD)
    assert not passwords.verify(None, "")


def test_nobodys_password_costs_what_somebodys_does(encoded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords("threading")
    checked: list[str] = []
    verify = PasswordHasher.verify

    def note(hasher: PasswordHasher, encoded: str, password: str) -> bool:
        checked.append(encoded)
        return verify(hasher, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", note)
    passwords.verify(None, GOOD)
    passwords.verify(encoded, GOOD)
    nobodys, somebodys = checked
    assert extract_parameters(nobodys) == extract_parameters(somebodys)


def test_a_hash_with_other_parameters_wants_to_be_made_anew(encoded: str) -> None:
    passwords = Passwords("threading")
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert passwords.verify(older, GOOD)
    assert passwords.needs_rehash(older)
    assert not passwords.needs_rehash(encoded)


class _Held:
    """Work that is held until it is let go, and how much of it runs at once."""

    def __init__(self) -> None:
        self.running = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    def __call__(self, password: str) -> str:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.running.release()
        assert self.let_go.wait(30)
        with self.lock:
            self.at_once -= 1
        return password


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Held]:
    work = _Held()
    monkeypatch.setattr(PasswordHasher, "hash", lambda hasher, password: work(password))
    yield work
    work.let_go.set()


def test_two_are_hashed_at_once_and_the_others_wait(held: _Held) -> None:
    passwords = Passwords("threading")
    with ThreadPoolExecutor(8) as people:
        answers = [people.submit(passwords.hash, str(number)) for number in range(8)]
        assert held.running.acquire(timeout=30)
        assert held.running.acquire(timeout=30)
        held.let_go.set()
        assert [answer.result(30) for answer in answers] == list("01234567")
    assert held.most_at_once == 2


def test_more_than_64_waiting_are_sent_away_and_may_come_back(
    held: _Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = Passwords("threading")
    arrived = threading.Semaphore(0)
    run = CallersPool.run

    def arrive(pool: CallersPool, work: Callable[[], str]) -> str:
        arrived.release()
        return run(pool, work)

    monkeypatch.setattr(CallersPool, "run", arrive)
    with ThreadPoolExecutor(66) as people:
        answers = [people.submit(passwords.hash, str(number)) for number in range(66)]
        for _ in answers:
            assert arrived.acquire(timeout=30)
        with pytest.raises(RetryLater):
            passwords.hash("one too many")
        held.let_go.set()
        assert len([answer.result(30) for answer in answers]) == 66
    assert passwords.hash("again") == "again"


def test_waiting_is_bounded_by_what_is_written() -> None:
    assert (AT_ONCE, engine.MOST_WAITING) == (2, 64)


LOOP = """
from gevent import monkey
monkey.patch_all()
import gevent, threading
from gevent.event import Event
from argon2 import PasswordHasher
from porch.engines.limits.passwords import Passwords

native = monkey.get_original("threading", "get_ident")
hashing, ticked = (monkey.get_original("threading", "Event")() for _ in range(2))
homes = set()

def held(hasher, password):
    homes.add(native())
    hashing.set()
    assert ticked.wait(30), "the loop stood still"
    return password

original = PasswordHasher.hash
PasswordHasher.hash = held
passwords = Passwords("gevent")
assert len(passwords._pool._threads._worker_greenlets) == 0, "threads before they are needed"
answer = gevent.spawn(passwords.hash, "kept waiting")
while not hashing.is_set():
    gevent.sleep(0)
ticked.set()  # by a greenlet, while a native thread holds on to the hash
assert answer.get(timeout=30) == "kept waiting"
assert native() not in homes

PasswordHasher.hash = original
people = [gevent.spawn(passwords.hash, f"garden gate {number}") for number in range(6)]
hashes = [one.get(timeout=60) for one in people]
checks = [gevent.spawn(passwords.verify, hashes[n], f"garden gate {n % 3}") for n in range(6)]
print([one.get(timeout=60) for one in checks], passwords.verify(None, "garden gate"))
"""


def test_the_loop_goes_on_while_a_password_is_hashed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOP], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[True, True, True, False, False, False] False"
    assert not done.stderr
