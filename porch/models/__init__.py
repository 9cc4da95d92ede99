"""Tables, constraints and the selects that more than one caller needs."""

from porch.models.chat import Chat
from porch.models.direct import Block, Direct
from porch.models.membership import Invitation, Membership
from porch.models.message import Message
from porch.models.session import Session
from porch.models.user import NameKey, User

__all__ = ["Block", "Chat", "Direct", "Invitation", "Membership", "Message", "NameKey", "Session", "User"]
