"""What a message of a sealed room or an encrypted chat is to the server: an envelope, which it checks and
cannot open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import bindparam, exists, select

from porch.actions.encryption.chat_keys import NOT_YOUR_DEVICE
from porch.actions.encryption.identities import end_of_chain, of_account
from porch.errors import EpochPassed, Forbidden, Invalid
from porch.keys.epochs import Named
from porch.keys.forms import Bytes12, Bytes32, Bytes64, Number
from porch.models import Chat, Direct, Epoch
from porch.texts import lazy_gettext

# 64 KiB, to which the longest message is padded, and the 16 bytes by which AES-GCM makes it longer.
LONGEST_TEXT = (4 * (64 * 1024 + 16) + 2) // 3
SHORTEST_TEXT = (4 * (64 + 16) + 2) // 3

SEALED = lazy_gettext(
    "This room is sealed: messages are locked in the browser, by the key in the room’s link. "
    "Nothing can be written here without."
)
ENCRYPTED = lazy_gettext(
    "This chat is encrypted: messages are locked in the browser, by keys that only your devices have. "
    "Nothing can be written here without."
)
PLAIN = lazy_gettext("This room is not sealed. Send the text itself.")
READABLE_ALT = lazy_gettext("What a file shows is locked with the message, and not told beside it.")
NOT_ITS = lazy_gettext("This envelope belongs to another message.")


PEER = select(Direct.peer_id).where(Direct.chat_id == bindparam("chat"), Direct.user_id == bindparam("user"))
# Of a direct chat as its writer has to find it: (encryption, the newest epoch as it was signed, whether the
# device is one of the user's, how far the chain of the user goes now, and how far that of the other).
LOCK = select(
    Chat.encryption,
    select(Epoch.record)
    .where(Epoch.chat_id == Chat.id)
    .order_by(Epoch.number.desc())
    .limit(1)
    .scalar_subquery(),
    exists().where(*of_account(bindparam("dev"), bindparam("user"))),
    end_of_chain(bindparam("user")),
    end_of_chain(PEER.scalar_subquery()),
).where(Chat.id == bindparam("chat"))


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """Its fields, as docs/encryption.md has them; bytes are base64url."""

    v: Literal[1]
    alg: Literal["A256GCM.Ed25519"]
    chat: Number
    epoch: Number
    client_id: str
    dev: Bytes32
    ctr: Number
    seen_seq: Number
    seen_hash: Bytes32
    iv: Bytes12
    ct: Annotated[str, Meta(min_length=SHORTEST_TEXT, max_length=LONGEST_TEXT, pattern=r"\A[A-Za-z0-9_-]+\Z")]
    sig: Bytes64


class Newest(msgspec.Struct):
    """Of the newest epoch what messages are held against."""

    epoch: int
    members: list[Named]


_newest = msgspec.json.Decoder(Newest).decode


def enforce_envelope(told: Mapping[str, Any], *, chat_id: int, client_id: str) -> dict[str, Any]:
    """An envelope as it is stored, if it is one, and of this message. Raises Invalid."""
    try:
        envelope = msgspec.convert(told, Envelope)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Invalid(lazy_gettext("This is no envelope."), fields={"envelope": str(error)}) from None
    if (envelope.chat, envelope.client_id) != (chat_id, client_id):
        raise Invalid(NOT_ITS, fields={"envelope": NOT_ITS})
    return msgspec.structs.asdict(envelope)


def enforce_kind_of_text(encryption: str, content: str, envelope: Mapping[str, Any] | None) -> None:
    """Where a room is sealed there is an envelope and nothing else to read; elsewhere there is none.

    Raises Invalid.
    """
    if encryption == "none":
        if envelope is not None:
            raise Invalid(PLAIN, fields={"envelope": PLAIN})
    elif envelope is None or content:
        words = SEALED if encryption == "sealed" else ENCRYPTED
        raise Invalid(words, fields={"content": words})


def enforce_known_kind(room: Mapping[str, Any], content: str, envelope: Mapping[str, Any] | None) -> None:
    """`enforce_kind_of_text` for what is about to be stored. A direct chat may be encrypted before it is: of
    one `enforce_lock` is asked then.
    """
    if room["kind"] != "direct":
        enforce_kind_of_text(room["encryption"], content, envelope)


def lock_keys(user_id: int, chat_id: int, envelope: Mapping[str, Any] | None) -> dict[str, Any]:
    """What LOCK is asked with."""
    return {"chat": chat_id, "user": user_id, "dev": envelope["dev"] if envelope else ""}


def enforce_lock(lock: Any, content: str, envelope: Mapping[str, Any] | None) -> None:
    """Inside a write: the same of a direct chat, which may have been encrypted since anybody looked. `lock`
    is the row of LOCK.

    Raises Invalid, EpochPassed for an envelope that was not locked with the newest key, or where somebody's
    devices have changed since that began, Forbidden for one by a device that is not the actor's, or was
    revoked.
    """
    encryption, record, is_own, *ends = lock
    enforce_kind_of_text(encryption, content, envelope)
    if envelope is None:
        return
    if not is_own:
        raise Forbidden(NOT_YOUR_DEVICE)
    newest = _newest(record)
    if envelope["epoch"] != newest.epoch or {member.end for member in newest.members} != set(ends):
        raise EpochPassed(newest=newest.epoch)
