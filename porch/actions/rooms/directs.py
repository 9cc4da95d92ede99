"""Direct chats: opening the one that two people have, and answering it."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from porch import events, lookup, names
from porch.access.actors import Actor, confirm_session
from porch.access.authors import refuse_unwanted
from porch.access.chats import NO_SUCH_ROOM
from porch.actions.rooms.chats import new_hash_key
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.errors import Invalid, NotFound
from porch.extensions import reading
from porch.models import Chat, Direct, Membership, User
from porch.models.clock import utc_now
from porch.models.ids import is_id
from porch.peers import Other, bears_a_former_name, blocks, chat_of_two, share_a_room, side_of, takes_messages
from porch.texts import lazy_gettext

ANSWERS = ("open", "ignored")

NOT_YOURSELF = lazy_gettext("That is you. Type somebody else’s name.")


def open_direct(engines: Engines, actor: Actor, username: str) -> tuple[int, bool]:
    """The id of the chat with whoever has this name, and whether it is new: opened now, with the other person
    asked. To open one is to want it, so it also answers the other's question.

    Raises Invalid for a name that nobody has and for one's own, Forbidden when the person takes no messages,
    TooFast.
    """
    peer_id = person_called(engines, actor, username)
    if peer_id == actor.user_id:
        raise Invalid(NOT_YOURSELF, fields={"username": NOT_YOURSELF})
    return _open(engines, actor, peer_id)


def find_direct(engines: Engines, actor: Actor, username: str) -> int | None:
    """The id of the chat with whoever has this name, for whoever only looks: nothing is opened or answered.

    Raises NotFound for a name that nobody has, TooFast.
    """
    try:
        peer_id = person_called(engines, actor, username)
    except Invalid as error:
        raise NotFound(error.message) from None
    with reading() as session:
        found = session.execute(chat_of_two(actor.user_id, peer_id)).first()
    return found.chat_id if found else None


def person_called(engines: Engines, actor: Actor, username: str) -> int:
    """The id of whoever has exactly this name now, in any case. Raises Invalid, TooFast."""
    name = names.enforce(username)
    engines.limiter.take("visit", actor.user_id)  # else names could be tried without end
    with reading() as session:
        found = lookup.person_named(session.connection(), name)
    if found is None:
        raise nobody_called(name)
    user_id: int = found.id
    return user_id


def nobody_called(name: str) -> Invalid:
    text = lazy_gettext("Nobody here is called %(name)s.", name=name)
    return Invalid(text, fields={"username": text})


def name_of(actor: Actor, user_id: int) -> str:
    """What somebody is called whom one shares a room or a direct chat with. Raises NotFound."""
    known = share_a_room(actor.user_id, user_id) | chat_of_two(actor.user_id, user_id).exists()
    with reading() as session:
        username = session.scalar(select(User.username).where(User.id == user_id, known))
    if username is None:
        raise NotFound(lazy_gettext("This person is not here any more, or shares no room with you."))
    return username


def beside(actor: Actor, peer_id: int) -> dict[str, bool]:
    """What whoever writes to somebody should know besides: `namesake`, whether another whom they talked with
    had that name; `may_answer`, whether they take messages from them themselves.
    """
    me = select(takes_messages(peer_id)).select_from(Other).where(Other.id == actor.user_id)
    peer = select(bears_a_former_name(actor.user_id)).select_from(Other).where(Other.id == peer_id)
    with reading() as session:
        return {"namesake": bool(session.scalar(peer)), "may_answer": bool(session.scalar(me))}


def _open(engines: Engines, actor: Actor, peer_id: int) -> tuple[int, bool]:
    with reading() as session:
        found = session.execute(chat_of_two(actor.user_id, peer_id)).first()
    if found and found.state == "open":
        return found.chat_id, False
    if not found:
        engines.limiter.take("direct", actor.user_id)
    hash_key = new_hash_key()

    def run(transaction: Transaction) -> tuple[int, bool]:
        connection = transaction.connection
        confirm_session(connection, actor)
        found = connection.execute(chat_of_two(actor.user_id, peer_id)).first()
        if found:
            _answer(transaction, actor, found.chat_id, "open")
            return found.chat_id, False
        _confirm_taken(connection, actor.user_id, peer_id)
        return _make(transaction, actor.user_id, peer_id, hash_key), True

    return engines.writer.write(run, tells_all=True)


def _confirm_taken(connection: Connection, user_id: int, peer_id: int) -> None:
    wanted = select(blocks(user_id, peer_id), takes_messages(user_id)).select_from(Other)
    refuse_unwanted(*connection.execute(wanted.where(Other.id == peer_id)).one())


def _make(transaction: Transaction, user_id: int, peer_id: int, hash_key: str) -> int:
    connection = transaction.connection
    now = utc_now()
    chat_id: int = connection.execute(
        insert(Chat)
        .values(name="", search_name="", kind="direct", hash_key=hash_key, created_at=now, active_at=now)
        .returning(Chat.id)
    ).scalar_one()
    for one, other, state in ((user_id, peer_id, "open"), (peer_id, user_id, "asked")):
        side = {"user_id": one, "peer_id": other, "chat_id": chat_id, "state": state}
        connection.execute(insert(Direct).values(side))
        connection.execute(insert(Membership).values(chat_id=chat_id, user_id=one, direct=True))
    transaction.announce(events.direct_changed(chat_id))
    return chat_id


def answer_direct(engines: Engines, actor: Actor, chat_id: int, answer: str) -> None:
    """Take a direct chat up (`open`), or hear no more of it (`ignored`): the other person is not told.

    Raises Invalid, NotFound, TooFast.
    """
    if answer not in ANSWERS:
        raise Invalid(
            lazy_gettext("There is no such answer."),
            fields={"state": lazy_gettext("One of: %(choices)s.", choices=", ".join(ANSWERS))},
        )
    own = select(Direct.state).where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id)
    with reading() as session:
        state = session.scalar(own) if is_id(chat_id) else None
    if state is None:
        raise NotFound(NO_SUCH_ROOM)

    def run(transaction: Transaction) -> None:
        confirm_session(transaction.connection, actor)
        _answer(transaction, actor, chat_id, answer)

    if state != answer:
        engines.limiter.take("visit", actor.user_id)
        engines.writer.write(run, tells_all=True)


def _answer(transaction: Transaction, actor: Actor, chat_id: int, answer: str) -> None:
    changed = transaction.connection.execute(
        update(Direct)
        .where(Direct.chat_id == chat_id, Direct.user_id == actor.user_id, Direct.state != answer)
        .values(state=answer)
    )
    if changed.rowcount:
        announce_side(transaction, actor.user_id, chat_id)


def announce_side(transaction: Transaction, user_id: int, chat_id: int) -> None:
    """Inside a write: a direct chat is another to one of the two; the other sees them there, or does not."""
    side = side_of(transaction.connection, chat_id, user_id)
    transaction.announce(events.direct_changed(chat_id, only_for=user_id))
    transaction.announce(events.shown(chat_id, user_id, unseen=side.blocked or side.state != "open"))
