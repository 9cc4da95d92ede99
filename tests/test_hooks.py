"""What of python-socketio and python-engineio our transport stands on: private names, which may move with any
release. Whoever raises the versions in requirements.txt reads here what to look at, and docs/sockets.md why.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version

import engineio
import flask_socketio
import pytest
import socketio
from engineio.base_server import BaseServer as EngineBase
from socketio.base_manager import BaseManager
from socketio.base_server import BaseServer
from socketio.packet import Packet

# Looked at, with the tests of the transport and the suites of both protocols.
KNOWN = {
    "flask-socketio": "5.7.0",
    "python-engineio": "4.15.1",
    "python-socketio": "5.18.1",
    "wsproto": "1.3.2",
}


@pytest.mark.parametrize("name", KNOWN)
def test_these_versions_have_been_looked_at(name: str) -> None:
    assert version(name) == KNOWN[name], (
        f"{name} has moved: run test_transport.py, test_fanout.py and the suites (docs/sockets.md), "
        "read what changed in the methods named here, then say so in KNOWN"
    )


OVERRIDDEN = {
    socketio.Server: {
        "_engineio_server_class": "self",
        "_handle_eio_connect": "self, eio_sid, environ",
        "_handle_eio_message": "self, eio_sid, data",
        "_handle_connect": "self, eio_sid, namespace, data",
        "_handle_disconnect": "self, eio_sid, namespace, reason",
        "_handle_event": "self, eio_sid, namespace, id, data",
        "_handle_event_internal": "self, server, sid, eio_sid, data, namespace, id",
        "_send_packet": "self, eio_sid, pkt",
        "_trigger_event": "self, event, namespace, args",
    },
    socketio.Manager: {
        "emit": "self, event, data, namespace, room, skip_sid, callback, to, kwargs",
        "basic_enter_room": "self, sid, namespace, room, eio_sid",
        "basic_leave_room": "self, sid, namespace, room",
        "basic_disconnect": "self, sid, namespace, kwargs",
        "get_rooms": "self, sid, namespace",
    },
    engineio.Server: {
        "handle_request": "self, environ, start_response",
        "_trigger_event": "self, event, args, kwargs",
        "generate_id": "self",
        "send_packet": "self, sid, pkt",
    },
    Packet: {"decode": "self, encoded_packet"},
}
CASES = [(owner, name, given) for owner, names in OVERRIDDEN.items() for name, given in names.items()]


@pytest.mark.parametrize(("owner", "name", "given"), CASES, ids=[f"{o.__name__}.{n}" for o, n, _ in CASES])
def test_what_is_overridden_or_called_is_still_asked_for_in_this_way(
    owner: type, name: str, given: str
) -> None:
    assert ", ".join(inspect.signature(getattr(owner, name)).parameters) == given


def test_what_is_known_of_the_insides_is_still_so() -> None:
    """Each line is something that the code of porch/realtime reads or leaves out."""
    init = inspect.getsource(BaseServer.__init__)
    assert "self._engineio_server_class()(**engineio_options)" in init
    assert "engineio_options = kwargs" in init  # what it does not know reaches EngineServer
    assert "monitor_clients" in inspect.getsource(EngineBase.__init__)
    assert "del self.environ[eio_sid]" in inspect.getsource(socketio.Server._handle_eio_disconnect)
    manager = BaseManager()
    assert (manager.rooms, manager.callbacks) == ({}, {})
    assert (manager.pending_connect, manager.pending_disconnect) == ({}, {})
    assert "self.rooms[namespace][None]" in inspect.getsource(BaseManager.basic_enter_room)
    assert "if room not in self.rooms[namespace]" in inspect.getsource(BaseManager.basic_enter_room)
    assert inspect.getsource(socketio.base_manager).count("[None]._invm") == 1
    assert inspect.getsource(socketio.base_manager).count("_invm") == 1  # and of other rooms only _fwdm
    installed = inspect.getsource(flask_socketio.SocketIO.init_app)
    assert "app.extensions['socketio'] = self" in installed
    assert "app.wsgi_app = self.sockio_mw" in installed
