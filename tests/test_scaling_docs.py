"""`docs/scaling.md` shows what `bench/model.py` says now."""

from __future__ import annotations

import pytest

from bench.model import DOCUMENT, SITES, Site, document
from bench.room_queue import lags
from bench.tables import with_section


def test_the_document_has_the_models_tables() -> None:
    assert DOCUMENT.read_text() == document(), "type: python3 bench/model.py --write"


def test_who_comes_while_a_room_is_served_waits_and_shares_the_next_send() -> None:
    for lag in lags(0.1, 0.001, rate=0.01):
        assert lag == pytest.approx(0.1)
    busy, late = lags(0.1, 0.001, rate=50)
    assert 0.1 < busy < late < 0.3  # they wait for one turn and have one of their own


def test_more_people_take_more_processes_and_these_have_more_to_tell_each_other() -> None:
    processes = [Site(connections).processes for connections in SITES]
    assert processes == sorted(processes)
    large = Site(SITES[-1])
    assert large._replace(together=True).cores(processes[-1]) < large.cores(processes[-1])


def test_a_section_goes_between_its_marks_and_nowhere_else() -> None:
    text = "a\n<!-- x -->\nold\n<!-- x ends -->\nb\n"
    assert with_section(text, "x", "new") == "a\n<!-- x -->\nnew\n<!-- x ends -->\nb\n"
    with pytest.raises(ValueError, match="has no"):
        with_section(text, "y", "new")
