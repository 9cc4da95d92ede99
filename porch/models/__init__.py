"""Tables, constraints and the selects that more than one caller needs."""

from porch.models.audit import Audit
from porch.models.chat import Chat
from porch.models.device import Device, DeviceEntry, DeviceRequest
from porch.models.direct import Block, Direct
from porch.models.epoch import Epoch, EpochShare
from porch.models.identity import Identity
from porch.models.membership import Invitation, Membership
from porch.models.mention import Mention
from porch.models.message import Message
from porch.models.push import PushSubscription
from porch.models.reaction import Reaction
from porch.models.report import Report
from porch.models.search import SearchChange, SearchProgress, SearchSpan
from porch.models.session import Session
from porch.models.upload import Upload
from porch.models.user import NameKey, User

__all__ = [
    "Audit",
    "Block",
    "Chat",
    "Device",
    "DeviceEntry",
    "DeviceRequest",
    "Direct",
    "Epoch",
    "EpochShare",
    "Identity",
    "Invitation",
    "Membership",
    "Mention",
    "Message",
    "NameKey",
    "PushSubscription",
    "Reaction",
    "Report",
    "SearchChange",
    "SearchProgress",
    "SearchSpan",
    "Session",
    "Upload",
    "User",
]
