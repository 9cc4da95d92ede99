"""The checker sees each kind of fault, and none where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.history import DELETED, KINDS, History, Sight, violations


def a_good_history() -> History:
    """Of the four messages the second was edited twice, the third deleted; the last edit and the fourth
    message were not answered.
    """
    history = History()
    for number in range(1, 5):
        history.send("Ann" if number % 2 else "Bob", f"id{number}", f"text {number}")
    for number in range(1, 4):
        history.acknowledge(f"id{number}", number)
    history.change("id2", "text 2, edited")
    history.acknowledge_change("id2")
    history.change("id2", "text 2, edited again")
    history.change("id3", DELETED)
    history.acknowledge_change("id3")
    shown = [
        Sight(1, "id1", "text 1"),
        Sight(2, "id2", "text 2, edited"),
        Sight(3, "id3", DELETED),
        Sight(4, "id4", "text 4"),
    ]
    history.views = {"Cem": list(shown), "Dora": list(shown)}
    return history


def test_nothing_is_found_in_a_good_history() -> None:
    assert violations(a_good_history()) == Counter()


def test_a_send_without_an_answer_may_be_absent() -> None:
    history = a_good_history()
    for view in history.views.values():
        view.pop()
    assert violations(history) == Counter()


def test_an_edit_without_an_answer_may_have_happened() -> None:
    history = a_good_history()
    for view in history.views.values():
        view[1] = Sight(2, "id2", "text 2, edited again")
    assert violations(history) == Counter()


def test_numbers_may_be_missing_where_not_only_messages_take_them() -> None:
    history = a_good_history()
    leave_a_gap(history)
    assert violations(history, gapless=False) == Counter()


def lose(history: History) -> None:
    for view in history.views.values():
        view.pop(2)


def lose_from_the_end(history: History) -> None:
    for view in history.views.values():
        del view[2:]


def forget_an_edit(history: History) -> None:
    for view in history.views.values():
        view[1] = Sight(2, "id2", "text 2")


def bring_back(history: History) -> None:
    for view in history.views.values():
        view[2] = Sight(3, "id3", "text 3")


def double(history: History) -> None:
    for view in history.views.values():
        view.append(Sight(5, "id1", "text 1"))


def swap(history: History) -> None:
    for view in history.views.values():
        view[0], view[1] = view[1], view[0]


def make_up(history: History) -> None:
    for view in history.views.values():
        view.append(Sight(5, "nobody sent it", "boo"))


def garble(history: History) -> None:
    for view in history.views.values():
        view[3] = Sight(4, "id4", "other words")


def delete_by_itself(history: History) -> None:
    for view in history.views.values():
        view[0] = Sight(1, "id1", DELETED)


def leave_a_gap(history: History) -> None:
    for view in history.views.values():
        view[3] = Sight(5, "id4", "text 4")


def disagree(history: History) -> None:
    history.views["Dora"].pop()


def disagree_about_an_edit(history: History) -> None:
    history.views["Dora"][1] = Sight(2, "id2", "text 2, edited again")


def move(history: History) -> None:
    history.places["id3"] = {9}


def swap_one_senders(history: History) -> None:
    for view in history.views.values():
        view[0], view[2] = Sight(1, "id3", DELETED), Sight(3, "id1", "text 1")
    history.places = {"id2": {2}}


def acknowledge_twice(history: History) -> None:
    history.acknowledge("id1", 7)


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lose, "lost"),
        (lose_from_the_end, "lost"),
        (forget_an_edit, "lost"),
        (bring_back, "lost"),
        (double, "duplicated"),
        (swap, "reordered"),
        (make_up, "phantom"),
        (garble, "phantom"),
        (delete_by_itself, "phantom"),
        (leave_a_gap, "gap"),
        (disagree, "differing views"),
        (disagree_about_an_edit, "differing views"),
        (move, "reordered"),
        (swap_one_senders, "reordered"),
        (acknowledge_twice, "duplicated"),
    ],
)
def test_each_kind_of_fault_is_seen(spoil: Callable[[History], None], kind: str) -> None:
    assert kind in KINDS
    history = a_good_history()
    spoil(history)
    assert violations(history)[kind] > 0
