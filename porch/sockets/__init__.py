"""The Socket.IO door: connecting, and the events of a room."""

from flask import Flask
from socketio import Server

from porch.engines import Engines
from porch.sockets.connections import Connections
from porch.sockets.rooms import Rooms


def register(app: Flask, server: Server, engines: Engines) -> Connections:
    connections = Connections(app, server, engines, app.extensions["porch_memory"])
    connections.register()
    Rooms(connections).register()
    return connections
