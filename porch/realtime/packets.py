"""The Engine.IO packets that carry nothing, and the types of those that do."""

from __future__ import annotations

CLOSE, PING, PONG, UPGRADE, NOOP = "1", "2", "3", "5", "6"
OPEN, MESSAGE = "0", "4"
PROBE, PROBED = "2probe", "3probe"

# A packet as it is sent: text with its type in front, or bytes, which are a message.
Packet = str | bytes
