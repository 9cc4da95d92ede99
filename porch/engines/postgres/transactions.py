"""Many writes in one transaction of PostgreSQL, beside other processes; for the writer's thread alone.

Every transaction holds one lock: shared, when it does nothing but append messages; alone, when it does
anything else. So what a write looks at stays as it is until the write is committed, as on SQLite, while
messages of many processes are appended side by side. Those wait for each other by the rows of their rooms,
which each locks in the order of their ids.

A sequence, `write_number`, says whether anybody has written alone since: what was known of who writes where
does not outlive that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from porch.engines.postgres.appending import NotAllNewError, PostgresAppending
from porch.engines.postgres.connection import WriterConnection, as_caller_sees, is_rolled_back
from porch.engines.postgres.hearing import Hearing
from porch.engines.writing.writes import Outcome, Transaction, Write

LOCK = int.from_bytes(b"porch")
NUMBER = "SELECT last_value, is_called FROM write_number"
BESIDE_OTHERS = ("BEGIN", f"SELECT pg_advisory_xact_lock_shared({LOCK})", NUMBER)
ALONE = ("BEGIN", f"SELECT pg_advisory_xact_lock({LOCK})", NUMBER)
# Whoever has looked and changed nothing has not written.
IF_WRITTEN = "WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
NEXT_NUMBER = f"SELECT nextval('write_number') {IF_WRITTEN}"
# Both are filled in with numbers alone.
ROOMS = "SELECT id, rev FROM chat WHERE id = ANY('{{{rooms}}}') ORDER BY id FOR NO KEY UPDATE"
IDS = "SELECT nextval('message_id_seq') FROM generate_series(1, {count})"
LAST_ID = "SELECT last_value FROM message_id_seq"
# Looks until what another process appends is committed, too: it takes its ids before.
LOOKS = 2


class Transactions:
    """Those of one connection."""

    def __init__(self, connection: Connection, hearing: Hearing) -> None:
        self._database = WriterConnection(connection)
        self._hearing = hearing
        self._appending = PostgresAppending(connection)
        self._opening: Sequence[str] = ()  # what goes before the first statements of a transaction
        self._number: Any = None  # of the last write alone that is known of here
        self._last_id = 0  # the same of messages
        self._looks = LOOKS  # that have to say that others wrote: they may have, before this began

    @property
    def is_lost(self) -> bool:
        return self._database.is_lost

    def commit(self, writes: Sequence[Write]) -> Outcome:
        outcome = Outcome()
        alone = not all(write.appends for write in writes)
        try:
            self._appending.begin(outcome.events)
            self._opening = ALONE if alone else BESIDE_OTHERS
            for appends, some in groupby(writes, key=attrgetter("appends")):
                if appends:
                    self._append(list(some), outcome)
                else:
                    for write in some:
                        self._run(write, outcome)
            if alone:
                self._commit_alone(outcome)
            else:
                self._database.ask("COMMIT")
        except Exception:
            self._opening = ()
            self._appending.forget()
            if self._database.in_transaction:
                self._database.ask("ROLLBACK")
            raise
        return outcome

    def others_wrote(self) -> bool:
        (number,), ((last_id,),) = self._database.ask(NUMBER, LAST_ID)
        self._heed(number)
        if last_id > self._last_id:
            self._last_id, self._looks = last_id, LOOKS
        noticed, self._looks = self._looks > 0, max(0, self._looks - 1)
        return noticed

    def close(self) -> None:
        self._database.close()

    def _append(self, writes: list[Write], outcome: Outcome) -> None:
        """All together; once more, where some are there already; one by one, where that does not go well."""
        repeats = ""
        for _ in range(2):
            self._expect(writes)
            if repeats and not self._appending.find(repeats):
                break
            try:
                self._append_together(writes, outcome)
            except NotAllNewError as error:
                repeats = error.rows
            except Exception as error:
                if is_rolled_back(error) or not self._database.in_transaction:
                    raise
                repeats = ""
            else:
                return
            self._database.ask("ROLLBACK TO appends")
            self._appending.start_anew()
            if not repeats:
                break
        self._appending.at_once = True
        try:
            for write in writes:
                self._append_alone(write, outcome)
        finally:
            self._appending.at_once = False

    def _append_together(self, writes: Sequence[Write], outcome: Outcome) -> None:
        """All of it, or nothing: then an error says so."""
        before = len(outcome.events), len(outcome.done), len(outcome.refused)
        try:
            for write in writes:
                self._append_with_others(write, outcome)
            self._appending.write_revs()
        except Exception:
            outcome.cut(*before)
            raise

    def _expect(self, writes: Sequence[Write]) -> None:
        """Lock the rooms, in the order of their ids, and take ids for the messages: in a room they are in the
        order of its numbers.
        """
        rooms = ",".join(str(chat_id) for chat_id in {write.chat_id for write in writes} - {None})
        revs, taken, _ = self._ask(
            ROOMS.format(rooms=rooms), IDS.format(count=len(writes)), "SAVEPOINT appends"
        )
        ids = [id_ for (id_,) in taken]
        if ids[0] != self._last_id + 1:
            self._looks = LOOKS
        self._last_id = ids[-1]
        self._appending.expect(dict(revs), ids)

    def _append_with_others(self, write: Write, outcome: Outcome) -> None:
        """Without a savepoint, which would cost as much as all the rest."""
        mark = self._appending.mark()
        try:
            outcome.done.append((write.pending, write.run(self._appending)))
        except NotAllNewError:
            raise
        except Exception as error:
            if not self._database.is_intact:
                raise
            self._appending.undo(mark)
            outcome.refuse(write, error)

    def _append_alone(self, write: Write, outcome: Outcome) -> None:
        events = len(outcome.events)
        self._database.ask("SAVEPOINT write")
        try:
            outcome.done.append((write.pending, write.run(self._appending)))
        except Exception as error:  # noqa: BLE001  # whose write it is hears of it
            self._go_back(error)
            self._appending.start_anew()
            del outcome.events[events:]
            outcome.refuse(write, as_caller_sees(error))
        self._database.ask("RELEASE write")

    def _run(self, write: Write, outcome: Outcome) -> None:
        self._appending.forget_revs()
        transaction = Transaction(self._database.connection)
        self._ask("SAVEPOINT write")
        try:
            result = write.run(transaction)
        except Exception as error:  # noqa: BLE001  # whose write it is hears of it
            self._go_back(error)
            outcome.refuse(write, as_caller_sees(error))
        else:
            outcome.store(write, transaction, result)
            self._appending.heed(write, transaction)
        self._database.ask("RELEASE write")

    def _go_back(self, error: Exception) -> None:
        """Undo the write that failed; raise its error where that undoes the whole transaction."""
        if is_rolled_back(error) or not self._database.in_transaction:
            raise error
        self._database.ask("ROLLBACK TO write")

    def _commit_alone(self, outcome: Outcome) -> None:
        notice = self._hearing.notice(outcome)
        statements = [NEXT_NUMBER, *([f"{notice} {IF_WRITTEN}"] if notice else ()), "COMMIT"]
        self._hearing.begin()
        committed = None
        try:
            numbers = self._database.ask(*statements)[0]
            committed = outcome
        finally:
            self._hearing.end(committed, self._appending.now)
        if numbers:
            self._number = (numbers[0][0], True)

    def _ask(self, *statements: str) -> list[list[Any]]:
        opening, self._opening = self._opening, ()
        found = self._database.ask(*opening, *statements)
        if opening:
            self._heed(found[len(opening) - 1][0])
        return found[len(opening) :]

    def _heed(self, number: Any) -> None:
        if number != self._number:
            self._number, self._looks = number, LOOKS
            self._appending.forget()
