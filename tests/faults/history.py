"""What every client did and saw, and what must never be found in it.

The checker knows nothing of how Porch works: it compares what was asked for, what was acknowledged and what
each reader saw, in the manner of Jepsen. What was asked for and not answered is neither: it may have happened
once, or not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

KINDS = ("lost", "duplicated", "reordered", "phantom", "gap", "differing views")
DELETED = ""  # what a deleted message says; no other message says nothing


@dataclass(frozen=True, slots=True)
class Sight:
    """A message as a reader saw it."""

    seq: int
    client_id: str
    content: str


@dataclass(slots=True)
class History:
    """One room. Each message goes through its `versions`, from what was sent to its last edit or DELETED, one
    after another; `certain` is the index of the newest that was acknowledged. `places` are the seqs that its
    sender was told, `order` the messages of each sender. `views` are what each reader saw in the end, in the
    order in which it was shown.
    """

    versions: dict[str, list[str]] = field(default_factory=dict)
    certain: dict[str, int] = field(default_factory=dict)
    places: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    order: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    views: dict[str, list[Sight]] = field(default_factory=dict)

    def send(self, sender: str, client_id: str, content: str) -> None:
        """To be called before the send goes out."""
        assert client_id not in self.versions, "a test makes each client id once"
        self.versions[client_id] = [content]
        self.order[sender].append(client_id)

    def acknowledge(self, client_id: str, seq: int) -> None:
        self.places[client_id].add(seq)
        self.certain.setdefault(client_id, 0)

    def change(self, client_id: str, content: str) -> None:
        """To be called before an edit or a deletion goes out, when the one before it was acknowledged."""
        assert content not in self.versions[client_id], "a test makes each text once"
        self.versions[client_id].append(content)

    def acknowledge_change(self, client_id: str) -> None:
        self.certain[client_id] = len(self.versions[client_id]) - 1


def violations(history: History, *, gapless: bool = True) -> Counter[str]:
    """How often each of KINDS happened; empty when all is well. `gapless`: only messages took numbers."""
    found: Counter[str] = Counter()
    for seqs in history.places.values():
        found["duplicated"] += len(seqs) - 1  # one message, acknowledged under two places
    for view in history.views.values():
        found.update(_of_one_view(history, view, gapless))
    found["differing views"] += _differing(history.views.values())
    return +found


def _of_one_view(history: History, view: list[Sight], gapless: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    seen = Counter(sight.client_id for sight in view)
    found["duplicated"] += sum(count - 1 for count in seen.values())
    found["lost"] += sum(1 for client_id in history.certain if client_id not in seen)
    for sight in view:
        if fault := _of_one_sight(history, sight):
            found[fault] += 1
    seqs = [sight.seq for sight in view]
    if gapless and seqs:
        found["gap"] += max(seqs) - len(set(seqs))
    place = {sight.client_id: sight.seq for sight in view}
    found["reordered"] += _steps_back(seqs)
    for own in history.order.values():
        found["reordered"] += _steps_back(place[client_id] for client_id in own if client_id in place)
    for client_id, told in history.places.items():
        if client_id in place and place[client_id] not in told:
            found["reordered"] += 1  # it stands elsewhere than its sender was told
    return found


def _of_one_sight(history: History, sight: Sight) -> str | None:
    versions = history.versions.get(sight.client_id, [])
    if sight.content not in versions:
        return "phantom"
    if versions.index(sight.content) < history.certain.get(sight.client_id, 0):
        return "lost"  # an edit or a deletion
    return None


def _steps_back(seqs: Iterable[int]) -> int:
    found, last = 0, 0
    for seq in seqs:
        found += seq <= last
        last = seq
    return found


def _differing(views: Iterable[list[Sight]]) -> int:
    return max(0, len({tuple(view) for view in views}) - 1)
