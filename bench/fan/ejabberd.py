"""ejabberd as a way of fanning out: a room of its own kind (MUC), entered by WebSocket (RFC 7395).

Nothing of it is left behind: no distribution, so no epmd; its database and its log lie in the way's folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from bench.fan.processes import Server
from bench.fan.ways import MESSAGE, SENDERS, Script, Way, free_port, upgrade, wait_for

LIBRARIES = next((place.parent for place in Path("/usr/lib").glob("*/ejabberd-*")), None)
# Anonymous people, no shapers, no pauses between messages, and nobody is told who comes: among 5,000 that
# alone would be 12 million stanzas.
CONFIGURATION = """
hosts: [localhost]
loglevel: error
auth_method: [anonymous]
anonymous_protocol: sasl_anon
websocket_ping_interval: 600
websocket_timeout: 3600
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/ws: ejabberd_http_ws}}}}
modules:
  mod_muc:
    access_create: all
    max_users: 10000
    history_size: 0
    min_message_interval: 0
    default_room_options: {{presence_broadcast: [], max_users: 10000}}
"""
OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
BIND = "<iq xmlns='jabber:client' type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
ROOM = "room@conference.localhost"
NICKS = count()
# For a server with one core that has something else to do than to wait for the next message.
AT_REST = "+sbwt none +sbwtdcpu none +sbwtdio none"


class Ejabberd(Way):
    """Who speaks has to be in the room, and hears it, too."""

    name = "ejabberd"
    missing = "" if shutil.which("erl") and LIBRARIES else "ejabberd"
    among = SENDERS
    most = 1_000  # whoever enters costs as much as there are people inside: for 5,000 that is minutes
    say = (
        f"<message xmlns='jabber:client' type='groupchat' to='{ROOM}' id='{MESSAGE['client_id']}'>"
        f"<body>{MESSAGE['content']}</body></message>"
    )

    def start(self) -> Server:
        port = free_port()
        place = self.folder / "ejabberd.yml"
        place.write_text(CONFIGURATION.format(port=port))
        environ = {
            "ERL_LIBS": str(LIBRARIES),
            "EJABBERD_CONFIG_PATH": str(place),
            "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"),
        }
        database = f'"{self.folder}/database"'
        options = f"+K true +P 250000 +Q 65536 {AT_REST} -noinput -s ejabberd -mnesia dir".split()
        server = Server(["erl", *options, database], environ=environ, port=port)
        wait_for(port)
        return server

    def connecting(self, number: int) -> Script:
        enter = (
            f"<presence xmlns='jabber:client' to='{ROOM}/{next(NICKS)}'>"
            "<x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
        return [
            ("", upgrade("/ws", "Sec-WebSocket-Protocol: xmpp\r\n")),
            ("\r\n\r\n", OPEN),
            ("features>", AUTH),
            ("<success", OPEN),
            ("features>", BIND),
            ("</iq>", enter),
            ("<subject", None),
        ]

    def receiving(self, number: int) -> Script:
        return self.connecting(number)

    def plan(self, receivers: Sequence[Script], senders: Sequence[Script]) -> dict[str, Any]:
        return super().plan(receivers, senders) | {"counted": "<message", "answered": "<message"}
