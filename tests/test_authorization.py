"""Who may do what: every route and every socket event, for each kind of person."""

from __future__ import annotations

import base64
import io
import itertools
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from socketio.exceptions import SocketIOError
from werkzeug.test import TestResponse

from porch.actions.site import digest, files_now, overview
from porch.claim import claim_token
from porch.config import Settings
from porch.engines import Engines
from porch.extensions import socketio
from porch.pages.site_forms import front_values
from porch.site.folder import SAMPLE
from porch.site.history import History
from porch.site.reading import read_site
from tests.conftest import an_app
from tests.support.database import change, rows, version
from tests.support.keys import Device, Keys, an_epoch
from tests.support.openapi import OPENAPI, confirm_described
from tests.support.people import PASSWORD, Guest, Json, Refused, Socket
from tests.support.push_service import KEYS
from tests.support.sealed import an_envelope, opening, sealed, text_of
from tests.support.server import Server
from tests.support.sockets import refusal

# The people, and how each stands to a room that is listed:
#   stranger  is not signed in               admin    the host, who is not a member
#   guest     has a name, is not a member    removed  was a member and was put out
#   member    came in by the link            revoked  was a member, and their session has been ended
#   creator   opened it, with an account     gone     is a member, but the room has been deleted
# Whoever is or was a member has written the message that a call may name; else it is the creator's.
# A cell is the status; "login" and "name" are redirects to where one logs in, or gives a name; "-" is for
# routes that have to do with no room.
TABLE = """
                                                        stranger guest member creator admin removed revoked gone

GET    /healthz                                         200      200   200    200     200   200     200     -
GET    /readyz                                          200      200   200    200     200   200     200     -
GET    /metrics                                         200      200   200    200     200   200     200     -
POST   /users                                           201      201   201    409     409   201     201     -
PATCH  /users/current                                   401      200   200    200     200   200     401     -
PUT    /users/current/password                          401      409   409    204     204   409     401     -
DELETE /users/current                                   401      204   204    204     204   204     401     -
POST   /sessions                                        201      409   409    409     409   409     201     -
GET    /users                                           401      200   200    200     200   200     401     -
GET    /sessions                                        401      200   200    200     200   200     401     -
GET    /sessions/current                                401      200   200    200     200   200     401     -
DELETE /sessions/current                                401      204   204    204     204   204     401     -
DELETE /sessions/others                                 401      204   204    204     204   204     401     -
DELETE /sessions/<int:session_id>                       401      404   404    204     404   404     401     -
PUT    /sessions/current/active                         401      204   204    204     204   204     401     -
GET    /push                                            401      200   200    200     200   200     401     -
PUT    /push/subscription                               401      204   204    204     204   204     401     -
DELETE /push/subscription                               401      204   204    204     204   204     401     -
GET    /keys                                            401      403   403    200     200   403     401     -
POST   /keys                                            401      403   403    201     201   403     401     -
DELETE /keys                                            401      403   403    204     204   403     401     -
POST   /keys/entries                                    401      403   403    201     201   403     401     -
POST   /keys/requests                                   401      403   403    201     201   403     401     -
DELETE /keys/requests/<dev>                             401      403   403    204     204   403     401     -
GET    /keys/epochs                                     401      403   403    200     200   403     401     -
GET    /chats                                           401      200   200    200     200   200     401     -
POST   /chats                                           201      201   201    201     201   201     201     -
GET    /directs                                         401      200   200    200     200   200     401     -
POST   /directs                                         401      201   201    201     201   201     401     -
GET    /mentions                                        401      200   200    200     200   200     401     -
GET    /blocks                                          401      200   200    200     200   200     401     -
PUT    /blocks/<int:user_id>                            401      404   204    204     404   404     401     -
DELETE /blocks/<int:user_id>                            401      204   204    204     204   204     401     -
GET    /search                                          401      200   200    200     200   200     401     -
POST   /chatrooms/<hash_key>/join                       401      200   200    200     200   404     401     410
POST   /invitations/<token>/join                        401      200   200    200     200   404     401     404
GET    /chats/<int:chat_id>/                            401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/                            401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/                            401      404   403    204     204   404     401     410
GET    /chats/<int:chat_id>/messages                    401      404   200    200     404   404     401     410
POST   /chats/<int:chat_id>/messages                    401      404   201    201     404   404     401     410
GET    /chats/<int:chat_id>/messages/<int:seq>          401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/messages/<int:seq>          401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>          401      404   200    200     404   404     401     410
GET    /chats/<int:chat_id>/messages/<int:seq>/reactions 401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/messages/<int:seq>/pin      401      404   403    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/pin      401      404   403    200     404   404     401     410
GET    /chats/<int:chat_id>/pins                        401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/preview  401      404   200    200     404   404     401     410
POST   /chats/<int:chat_id>/uploads                     401      404   201    201     404   404     401     410
GET    /chats/<int:chat_id>/uploads/<int:upload_id>/<name> 401   404   200    200     404   404     401     410
GET    /chats/<int:chat_id>/thumbnails/<int:upload_id>  401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/read                        401      404   204    204     404   404     401     410
GET    /chats/<int:chat_id>/membership                  401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/membership                  401      404   200    200     404   404     401     410
PATCH  /directs/<int:chat_id>                           401      404   404    404     404   404     401     404
GET    /chats/<int:chat_id>/presence                    401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/presence                    401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/presence                    401      204   204    204     204   204     401     204
POST   /chats/<int:chat_id>/typing                      401      404   204    204     404   404     401     410
GET    /chats/<int:chat_id>/members                     401      404   200    200     200   404     401     410
POST   /chats/<int:chat_id>/members                     401      404   403    201     201   404     401     410
DELETE /chats/<int:chat_id>/members/<int:user_id>       401      404   403    204     204   404     401     410
POST   /chats/<int:chat_id>/invitations                 401      404   403    201     201   404     401     410
POST   /chats/<int:chat_id>/link                        401      404   403    200     200   404     401     410
PUT    /chats/<int:chat_id>/moderators/<int:user_id>    401      404   403    204     204   404     401     410
DELETE /chats/<int:chat_id>/moderators/<int:user_id>    401      404   403    204     204   404     401     410
PUT    /chats/<int:chat_id>/mutes/<int:user_id>         401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/mutes/<int:user_id>         401      404   403    204     204   404     401     410
GET    /chats/<int:chat_id>/bans                        401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/bans/<int:user_id>          401      404   403    204     204   404     401     410
POST   /chats/<int:chat_id>/messages/<int:seq>/reports  401      404   403    403     404   404     401     410
GET    /chats/<int:chat_id>/reports                     401      404   403    200     200   404     401     410
GET    /reports                                         401      403   403    403     200   403     401     -
PATCH  /reports/<int:report_id>                         401      404   404    404     204   404     401     -
GET    /audit                                           401      403   403    403     200   403     401     -
GET    /chats/<int:chat_id>/dates                       401      404   200    200     404   404     401     410
GET    /chats/<int:chat_id>/keys                        401      404   400    400     404   404     401     410
GET    /chats/<int:chat_id>/epochs                      401      404   400    400     404   404     401     410
POST   /chats/<int:chat_id>/epochs                      401      404   400    400     404   404     401     410
POST   /chats/<int:chat_id>/shares                      401      404   400    400     404   404     401     410

GET    /                                                200      200   200    200     200   200     200     -
GET    /static/<path:filename>                          200      200   200    200     200   200     200     -
GET    /projects/                                       200      200   200    200     200   200     200     -
GET    /projects/<slug>/                                200      200   200    200     200   200     200     -
GET    /projects/tagged/<tag>/                          200      200   200    200     200   200     200     -
GET    /media/<key>/<name>                              404      404   404    404     404   404     404     -
GET    /palette.css                                     200      200   200    200     200   200     200     -
GET    /custom.css                                      404      404   404    404     404   404     404     -
GET    /manifest.webmanifest                            200      200   200    200     200   200     200     -
GET    /sw.js                                           200      200   200    200     200   200     200     -
GET    /offline/                                        200      200   200    200     200   200     200     -
GET    /favicon.svg                                     200      200   200    200     200   200     200     -
GET    /feed.xml                                        200      200   200    200     200   200     200     -
GET    /sitemap.xml                                     200      200   200    200     200   200     200     -
GET    /robots.txt                                      200      200   200    200     200   200     200     -
GET    /talk/                                           200      200   200    200     200   200     200     -
POST   /talk/                                           303      303   303    303     303   303     303     -
GET    /site/                                           login    403   403    403     200   403     login   -
GET    /site/front/                                     login    403   403    403     200   403     login   -
POST   /site/front/                                     login    403   403    403     303   403     login   -
GET    /site/files/<path:path>/                         login    403   403    403     200   403     login   -
POST   /site/files/<path:path>/                         login    403   403    403     303   403     login   -
GET    /site/new/                                       302      302   302    302     302   302     302     -
POST   /site/new/                                       login    403   403    403     303   403     login   -
GET    /site/order/                                     302      302   302    302     302   302     302     -
POST   /site/order/                                     login    403   403    403     303   403     login   -
GET    /site/delete/                                    302      302   302    302     302   302     302     -
POST   /site/delete/                                    login    403   403    403     303   403     login   -
GET    /site/undo/                                      302      302   302    302     302   302     302     -
POST   /site/undo/                                      login    403   403    403     303   403     login   -
GET    /site/preview/                                   302      302   302    302     302   302     302     -
POST   /site/preview/                                   login    403   403    403     200   403     login   -
GET    /site/images/                                    login    403   403    403     200   403     login   -
POST   /site/images/                                    login    403   403    403     303   403     login   -
GET    /site/images/<name>/                             login    403   403    403     302   403     login   -
POST   /site/images/<name>/                             login    403   403    403     303   403     login   -
POST   /theme/                                          303      303   303    303     303   303     303     -
POST   /language/                                       303      303   303    303     303   303     303     -
GET    /protected/                                      200      200   200    200     200   200     200     -
GET    /protected/tls/                                  404      404   404    404     404   404     404     -
GET    /protected/tls/authority.crt                     404      404   404    404     404   404     404     -
GET    /sessions/new/                                   200      302   302    302     302   302     200     -
POST   /sessions/new/                                   303      303   303    303     303   303     303     -
GET    /login/                                          200      200   200    302     302   200     200     -
POST   /login/                                          303      303   303    303     303   303     303     -
GET    /signup/                                         200      200   200    302     302   200     200     -
POST   /signup/                                         303      303   303    303     303   303     303     -
GET    /logout/                                         302      200   200    200     200   200     302     -
POST   /logout/                                         303      303   303    303     303   303     303     -
GET    /claim/<token>/                                  200      200   200    200     200   200     200     -
POST   /claim/<token>/                                  303      303   303    303     303   303     303     -
GET    /search/                                         login    200   200    200     200   200     login   -
GET    /account/                                        login    200   200    200     200   200     login   -
GET    /account/name/                                   302      302   302    302     302   302     302     -
POST   /account/name/                                   login    303   303    303     303   303     login   -
GET    /account/password/                               302      302   302    302     302   302     302     -
POST   /account/password/                               login    303   303    303     303   303     login   -
GET    /account/sessions/others/                        302      302   302    302     302   302     302     -
POST   /account/sessions/others/                        login    303   303    303     303   303     login   -
GET    /account/sessions/<int:session_id>/              302      302   302    302     302   302     302     -
POST   /account/sessions/<int:session_id>/              login    303   303    303     303   303     login   -
GET    /account/direct/                                 302      302   302    302     302   302     302     -
POST   /account/direct/                                 login    303   303    303     303   303     login   -
GET    /account/blocks/<int:user_id>/                   302      302   302    302     302   302     302     -
POST   /account/blocks/<int:user_id>/                   login    303   303    303     303   303     login   -
GET    /account/audit/                                  login    403   403    403     200   403     login   -
GET    /account/reports/                                login    403   403    403     200   403     login   -
GET    /account/reports/<int:report_id>/                302      302   302    302     302   302     302     -
POST   /account/reports/<int:report_id>/                login    403   403    403     303   403     login   -
GET    /account/delete/                                 login    302   302    200     200   302     login   -
POST   /account/delete/                                 login    303   303    303     303   303     login   -

GET    /direct/                                         login    302   302    302     302   302     login   -
POST   /direct/                                         login    303   303    303     303   303     login   -
GET    /direct/<path:username>/                         login    200   200    200     200   200     login   -
GET    /chatrooms/                                      200      200   200    200     200   200     200     -
POST   /chatrooms/                                      303      303   303    303     303   303     303     -
GET    /chatrooms/<hash_key>/                           name     200   200    200     200   404     name    410
POST   /chatrooms/<hash_key>/                           name     303   303    303     303   404     name    410
GET    /chatrooms/<hash_key>/answer/                    login    302   302    302     302   404     login   410
POST   /chatrooms/<hash_key>/answer/                    login    404   404    404     404   404     login   410
GET    /mentions/                                       login    200   200    200     200   200     login   -
GET    /chatrooms/<hash_key>/level/                     login    302   302    302     302   404     login   410
POST   /chatrooms/<hash_key>/level/                     login    404   303    303     404   404     login   410
GET    /chatrooms/<hash_key>/settings/                  login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/settings/                  login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/delete/                    login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/delete/                    login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/                   login    404   200    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/                   login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/     login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/     login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/invitations/               login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/invitations/               login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/dates/                     login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/        name     200   200    200     200   404     name    410
GET    /chatrooms/<hash_key>/messages/<int:seq>/edit/   login    404   200    200     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/edit/   login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/delete/ login    404   200    200     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/delete/ login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/order/                     login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/order/                     login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/moderator/ login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/moderator/ login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/mute/ login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/mute/ login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/bans/<int:user_id>/        login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/bans/<int:user_id>/        login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/reports/<int:report_id>/   login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/reports/<int:report_id>/   login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/link/                      login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/link/                      login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/verify/                    login    302   302    302     302   404     login   303
GET    /chatrooms/<hash_key>/messages/                  login    404   200    200     404   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/report/ login    404   403    403     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/report/ login    404   403    403     404   404     login   303
GET    /invitations/<token>/                            name     200   303    303     200   200     name    404
POST   /invitations/<token>/                            name     303   303    303     303   404     name    404
"""  # noqa: E501
# For sockets: the code of the error. Nobody without a session has a socket: that is tested further down.
EVENTS_TABLE = """
        guest      member  creator  admin      removed    revoked          gone

enter   not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
leave   ok         ok      ok       ok         ok         unauthenticated  ok
send    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
edit    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
delete  not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
react   not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
typing  not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
read    not_found  ok      ok       not_found  not_found  unauthenticated  room_deleted
lobby   ok         ok      ok       ok         ok         unauthenticated  ok
"""
# The same calls on a direct chat. "opener" and "other" are the two, who have both written there; "blocker"
# and "blocked" are the two after one has blocked the other. The third and the host share a room with one.
DIRECT_TABLE = """
                                                        opener other blocker blocked third admin stranger revoked

POST   /chatrooms/<hash_key>/join                       200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/                            200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/                            403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/                            403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/messages                    200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/messages                    201    201   403     403     404   404   401      401
GET    /chats/<int:chat_id>/messages/<int:seq>          200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/messages/<int:seq>          200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>          200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/messages/<int:seq>/reactions 200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/messages/<int:seq>/pin      200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/pin      200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/pins                        200    200   200     200     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/preview  200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/uploads                     201    201   403     403     404   404   401      401
GET    /chats/<int:chat_id>/uploads/<int:upload_id>/<name> 200 200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/thumbnails/<int:upload_id>  200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/read                        204    204   204     204     404   404   401      401
GET    /chats/<int:chat_id>/membership                  200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/membership                  200    200   200     200     404   404   401      401
PATCH  /directs/<int:chat_id>                           200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/presence                    200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/presence                    200    200   200     200     404   404   401      401
DELETE /chats/<int:chat_id>/presence                    204    204   204     204     204   204   401      401
POST   /chats/<int:chat_id>/typing                      204    204   204     204     404   404   401      401
GET    /chats/<int:chat_id>/members                     200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/members                     403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/members/<int:user_id>       403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/invitations                 403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/link                        403    403   403     403     404   404   401      401
PUT    /chats/<int:chat_id>/moderators/<int:user_id>    403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/moderators/<int:user_id>    403    403   403     403     404   404   401      401
PUT    /chats/<int:chat_id>/mutes/<int:user_id>         403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/mutes/<int:user_id>         403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/bans                        403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/bans/<int:user_id>          403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/messages/<int:seq>/reports  403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/reports                     403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/dates                       200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/keys                        200    403   200     403     404   404   401      401
GET    /chats/<int:chat_id>/epochs                      200    403   200     403     404   404   401      401
POST   /chats/<int:chat_id>/epochs                      400    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/shares                      403    403   403     403     404   404   401      401

GET    /chatrooms/<hash_key>/                           200    200   200     200     404   404   404      404
POST   /chatrooms/<hash_key>/                           303    303   403     403     404   404   404      404
GET    /chatrooms/<hash_key>/answer/                    302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/answer/                    303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/level/                     302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/level/                     303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/settings/                  403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/settings/                  403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/delete/                    403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/delete/                    403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/                   302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/members/                   403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/     403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/     403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/invitations/               302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/invitations/               403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/dates/                     303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/        200    200   200     200     404   404   404      404
GET    /chatrooms/<hash_key>/messages/<int:seq>/edit/   200    200   200     200     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/edit/   303    303   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/delete/ 200    200   200     200     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/delete/ 303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/order/                     403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/order/                     403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/moderator/ 302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/moderator/ 403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/mute/ 403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/mute/ 403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/bans/<int:user_id>/        302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/bans/<int:user_id>/        403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/reports/<int:report_id>/   302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/reports/<int:report_id>/   403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/link/                      403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/link/                      403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/verify/                    200    200   200     200     404   404   login    login
GET    /chatrooms/<hash_key>/messages/                  200    200   200     200     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/report/ 403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/report/ 403    403   403     403     404   404   login    login
"""  # noqa: E501
DIRECT_EVENTS_TABLE = """
        opener other blocker    blocked    third      admin      revoked

enter   ok     ok    ok         ok         not_found  not_found  unauthenticated
leave   ok     ok    ok         ok         ok         ok         unauthenticated
send    ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
edit    ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
delete  ok     ok    ok         ok         not_found  not_found  unauthenticated
react   ok     ok    forbidden  forbidden  not_found  not_found  unauthenticated
typing  ok     ok    ok         ok         not_found  not_found  unauthenticated
read    ok     ok    ok         ok         not_found  not_found  unauthenticated
"""
# Which kinds of room each may open.
KINDS_TABLE = """
         stranger guest member creator admin removed revoked

link     201      201   201    201     201   201     201
private  403      201   201    201     201   201     403
listed   403      403   403    201     201   403     403
"""


def cells(table: str) -> dict[str, dict[str, str]]:
    """From the name of each row to what stands under each person."""
    first, *lines = [line for line in table.splitlines() if line]
    people = first.split()
    found = {}
    for line in lines:
        words = line.split()
        name, answers = words[: -len(people)], words[-len(people) :]
        found[" ".join(name)] = dict(zip(people, answers, strict=True))
    return found


ROUTES, EVENTS, KINDS = cells(TABLE), cells(EVENTS_TABLE), cells(KINDS_TABLE)
OF_TWO, EVENTS_OF_TWO = cells(DIRECT_TABLE), cells(DIRECT_EVENTS_TABLE)
CELLS = [(route, person) for route, row in ROUTES.items() for person, answer in row.items() if answer != "-"]
LETS_IN = (
    "GET /chatrooms/<hash_key>/",
    "GET /chatrooms/<hash_key>/messages/<int:seq>/",
    "GET /direct/<path:username>/",
)
# What the link of a sealed room is answered by to who has no key.
DOORS = {
    "GET /chatrooms/<hash_key>/": "200",
    "GET /chatrooms/<hash_key>/messages/<int:seq>/": "200",
    # These lead there.
    "GET /chatrooms/<hash_key>/answer/": "302",
    "GET /chatrooms/<hash_key>/level/": "302",
    "GET /chatrooms/<hash_key>/verify/": "302",
}
# What carries a text.
READABLE = (
    "POST /chats/<int:chat_id>/messages",
    "PATCH /chats/<int:chat_id>/messages/<int:seq>",
    "POST /chatrooms/<hash_key>/",
    "POST /chatrooms/<hash_key>/messages/<int:seq>/edit/",
)
OF_A_ROOM = ("<int:chat_id>", "<hash_key>", "/invitations/<token>")

ROOM = "The room in question"
# One white pixel, as a PNG.
AN_IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
A_REPORT = {"reason": "Rude"}
CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "room_deleted",
}
PLACES = {"login": "/login/", "name": "/sessions/new/"}
_numbers = itertools.count(1)


def another_name() -> str:
    return f"Somebody {next(_numbers)}"


@dataclass
class Somebody:
    name: str = ""
    user_id: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """The application, asked without cookies, and the database under it."""

    app: Flask
    visitor: FlaskClient
    data: Path
    version: Callable[[], object]  # of the database: another after each write
    password: str  # as a hash
    picture: str = ""  # its hash, once it is stored

    def open(self, method: str, path: str, who: Somebody, **options: Any) -> TestResponse:
        return self.visitor.open(path, method=method, headers=who.headers, **options)

    def asked(self, method: str, path: str, who: Somebody, body: object = None) -> Json:
        with self.open(method, path, who, json=body) as answer:
            assert answer.status_code < 400, answer.get_data(as_text=True)
            return answer.get_json() if answer.data else {}

    def sign_in(self) -> Somebody:
        session = self.asked("POST", "/sessions", Somebody(), {"username": another_name()})
        headers = {"Authorization": f"Bearer {session['token']}"}
        return Somebody(session["username"], session["user_id"], headers)

    def session_of(self, somebody: Somebody) -> int:
        (current,) = self.asked("GET", "/sessions", somebody)["sessions"]
        found: int = current["id"]
        return found

    def account(self) -> Somebody:
        """Made in the database: one hash is enough for all."""
        somebody = self.sign_in()
        account = 'UPDATE "user" SET guest = false, password = ? WHERE id = ?'
        assert change(self.data, account, self.password, somebody.user_id)
        return somebody

    def share_file(self, chat_id: int, somebody: Somebody, seq: int) -> int:
        """Let a message carry a picture, whose bytes are there for all."""
        if not self.picture:
            place = self.data / "picture"
            place.write_bytes(AN_IMAGE)
            self.picture = self.app.extensions["porch_engines"].uploads.store.put(place).digest
        columns = (chat_id, somebody.user_id, self.picture, self.picture, chat_id, seq)
        assert change(
            self.data,
            "INSERT INTO upload (chat_id, user_id, message_id, created_at, name, media_type, content, size,"
            " width, height, thumbnail, thumbnail_size, thumbnail_width, thumbnail_height) SELECT ?, ?, id,"
            " timestamp, 'a.png', 'image/webp', ?, 67, 1, 1, ?, 67, 1, 1"
            " FROM message WHERE chat_id = ? AND seq = ?",
            *columns,
        )
        ((found,),) = rows(self.data, "SELECT max(id) FROM upload")
        assert isinstance(found, int)
        return found


class Scene:
    """A room, the one person who calls, and who and what else a call may name."""

    def __init__(self, site: Site, who: str, kind: str = "listed") -> None:
        self.site, self.who = site, who
        self.owner = site.account()
        self.chat = site.asked("POST", "/chats", self.owner, {"name": ROOM, "kind": kind})
        self.here = f"/chats/{self.chat['id']}/"
        self.other = self.member()
        self.invitation = site.asked("POST", f"{self.here}invitations", self.owner)["url"]
        self.seq = self.say(self.owner)
        site.asked("POST", f"{self.here}messages/{self.seq}/reports", self.other, A_REPORT)
        (self.report,) = rows(site.data, "SELECT max(id) FROM report")[0]
        self.upload_id = site.share_file(self.chat["id"], self.owner, self.seq)
        self.person = self.arrive()
        self.appoint()

    def member(self) -> Somebody:
        person = self.site.sign_in()
        self.site.asked("POST", f"{self.here}members", self.owner, {"username": person.name})
        return person

    def say(self, somebody: Somebody) -> int:
        seq: int = self.site.asked("POST", f"{self.here}messages", somebody, a_message(self))["seq"]
        return seq

    def arrive(self) -> Somebody:
        match self.who:
            case "stranger":
                return Somebody()
            case "guest":
                return self.site.sign_in()
            case "creator":
                return self.owner
            case "admin":
                return self.site.account()
        person = self.member()
        self.seq = self.say(person)
        match self.who:
            case "removed":
                self.site.asked("DELETE", f"{self.here}members/{person.user_id}", self.owner)
            case "revoked":
                self.site.asked("DELETE", "/sessions/current", person)
            case "gone":
                self.site.asked("DELETE", self.here, self.owner)
        return person

    def appoint(self) -> None:
        """Nobody is the host but the one person, if that is who they are."""
        host = self.person.user_id if self.who == "admin" else 0
        role = "CASE WHEN id = ? THEN 'admin' ELSE 'member' END"
        roles = f"UPDATE user SET role = {role} WHERE role = 'admin' OR id = ?"
        change(self.site.data, roles, host, host)

    def call(self, route: str, **names: str) -> TestResponse:
        """Call as the one person; `names` replace what the scene would name."""
        method, path = route.split()
        for name, value in (self.names(route) | names).items():
            path = re.sub(f"<(?:int:|path:)?{name}>", value, path)
        path += QUERIES.get(route, "")
        body = SENT[route](self) if route in SENT else None
        sent = {"json": body} if is_api(route) and not isinstance(body, bytes) else {"data": body}
        return self.site.open(method, path, self.person, **sent)

    def names(self, route: str) -> dict[str, str]:
        token = claim_token(self.site.data) if "/claim/" in route else self.invitation.split("/")[2]
        session = self.site.session_of(self.owner) if "<int:session_id>" in route else 0
        return {
            "chat_id": str(self.chat["id"]),
            "hash_key": self.chat["hash_key"],
            "user_id": str(self.other.user_id),
            "username": self.other.name,
            "session_id": str(session),
            "seq": str(self.seq),
            "report_id": str(self.report),
            "emoji": "%F0%9F%91%8D",
            "upload_id": str(self.upload_id),
            "token": token,
            "dev": text_of(32),
            "filename": "icon.svg",
            "slug": "isobar",
            "tag": "python",
            "key": "0" * 32,
            "path": "about.md",
            "name": "320.webp" if "/media/" in route else "spare.jpg",
        }


class DirectScene(Scene):
    """A direct chat of `owner` and `other`, and the one person who calls."""

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.sign_in()
        room = site.asked("POST", "/chats", self.owner, {"name": "Another room", "kind": "link"})
        self.chat = site.asked("POST", "/directs", self.owner, {"username": self.other.name})
        self.here = f"/chats/{self.chat['id']}/"
        self.invitation = "/invitations/none/"
        self.report = 1
        self.person = self.arrive()
        self.upload_id = site.share_file(self.chat["id"], self.owner, 1)
        self.appoint()
        if who in ("third", "admin"):
            site.asked("POST", f"/chatrooms/{room['hash_key']}/join", self.person)

    def arrive(self) -> Somebody:
        places = {one.user_id: self.say(one) for one in (self.owner, self.other)}
        person = self.owner
        match self.who:
            case "third":
                person = self.site.sign_in()
            case "admin":
                person = self.site.account()
            case "stranger":
                person = Somebody()
            case "other" | "blocked" | "revoked":
                person = self.other
        self.seq = places.get(person.user_id, 1)
        if self.who in ("blocker", "blocked"):
            self.site.asked("PUT", f"/blocks/{self.other.user_id}", self.owner)
        if self.who == "revoked":
            self.site.asked("DELETE", "/sessions/current", self.other)
        return person

    def names(self, route: str) -> dict[str, str]:
        of_them = self.owner if self.person is self.other else self.other
        return super().names(route) | {"user_id": str(of_them.user_id)}


class SealedScene(Scene):
    """A sealed room with two people, and the one person who calls: "member" is the second, and all others
    have the link without its key.
    """

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.sign_in()
        token = text_of(32)
        self.chat = site.asked("POST", "/chats", self.owner, opening(token, ROOM))
        self.here = f"/chats/{self.chat['id']}/"
        site.asked("POST", f"/chatrooms/{self.chat['hash_key']}/join", self.other, {"token": token})
        writer = self.other if who == "member" else self.owner
        sent = sealed(an_envelope(self.chat))
        self.seq = site.asked("POST", f"{self.here}messages", writer, sent)["seq"]
        self.invitation = "/invitations/none/"
        self.report = 1
        self.upload_id = site.share_file(self.chat["id"], writer, self.seq)
        self.person = self.other if who == "member" else self.arrive()
        self.appoint()


class EncryptedScene(Scene):
    """A direct chat of two accounts that has just been encrypted; the one who calls had written before."""

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.account()
        self.chat = site.asked("POST", "/directs", self.owner, {"username": self.other.name})
        self.here = f"/chats/{self.chat['id']}/"
        self.person = self.other
        self.seq = self.say(self.person)
        self.invitation = "/invitations/none/"
        self.report = 1
        self.upload_id = site.share_file(self.chat["id"], self.person, self.seq)
        both = [keys_for(one) for one in (self.owner, self.other)]
        for keys, one in zip(both, (self.owner, self.other), strict=True):
            site.asked("POST", "/keys", one, keys.first())
        site.asked("POST", f"{self.here}epochs", self.owner, an_epoch(self.chat, both, both[0].browser))
        self.appoint()


def a_name(scene: Scene) -> Json:
    return {"username": another_name()}


def an_account(scene: Scene) -> Json:
    return {"username": another_name(), "password": PASSWORD}


def passwords(scene: Scene) -> Json:
    return {"current_password": PASSWORD, "password": f"{PASSWORD}!"}


def a_member(scene: Scene) -> Json:
    return {"username": scene.other.name}


def a_room(scene: Scene) -> Json:
    return {"name": "Another name", "kind": scene.chat["kind"]}


def a_message(scene: Scene) -> Json:
    return {"content": "Hello", "client_id": str(uuid.uuid4())}


def the_front(scene: Scene) -> Json:
    files = site_files(scene)
    return front_values(read_site(files).front) | {"seen": digest(files["site.toml"])}


def a_text(scene: Scene) -> Json:
    return {
        "path": "about.md",
        "title": "Who lives here",
        "body": f"Somebody {next(_numbers)}.",
        "seen": digest(site_files(scene).get("about.md")),
    }


def a_place(scene: Scene) -> Json:
    seen = overview(site_files(scene))
    return {"list": "sections", "name": "hero", "place": 0, "move": "down", "seen": seen}


def a_file_to_delete(scene: Scene) -> Json:
    path = f"interests/spare-{next(_numbers)}.md"
    place = scene.site.data / "owners" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if not (scene.site.data / "owners" / "site.toml").exists():
        write_sample_over(scene.site.data / "owners")
    place.write_text('+++\ntitle = "Spare"\ndraft = true\n+++\n')
    return {"path": path, "seen": overview(site_files(scene))}


def write_sample_over(folder: Path) -> None:
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)


def a_version(scene: Scene) -> Json:
    files = site_files(scene)
    kept = History(scene.site.data / "site-history")
    name = kept.keep(files, "before")
    place = scene.site.data / "site" / "history"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(scene.site.data / "site-history" / name, place)
    return {"version": name, "seen": overview(files)}


def an_image(scene: Scene) -> Json:
    return {"image": (io.BytesIO(AN_IMAGE), "photo.png")}


def a_spare_image(scene: Scene) -> Json:
    media = scene.site.data / "owners" / "media"
    write_sample_over(scene.site.data / "owners")
    media.mkdir(parents=True, exist_ok=True)
    (media / "spare.jpg").write_bytes(AN_IMAGE)
    return {}


def site_files(scene: Scene) -> dict[str, bytes]:
    return files_now(scene.site.app.extensions["porch_engines"])


def signing(scene: Scene) -> Keys:
    """Keys of the one person, which the server does not have yet."""
    return keys_for(scene.person)


def keys_for(somebody: Somebody) -> Keys:
    person = Guest("")
    person.user_id = somebody.user_id
    return Keys(person)


def own_keys(scene: Scene) -> Keys:
    """Keys of the one person, which the server has, if it takes them."""
    keys = signing(scene)
    body = keys.first()
    if scene.who in ("creator", "admin") and "Authorization" in scene.person.headers:
        scene.site.asked("POST", "/keys", scene.person, body)
    return keys


def an_entry(scene: Scene) -> Json:
    keys = own_keys(scene)
    return {"entry": keys.sign("add", Device(scene.person.user_id), keys.browser)}


def a_new_browser(scene: Scene) -> Json:
    own_keys(scene)
    return Device(scene.person.user_id).public


def a_first_epoch(scene: Scene) -> Json:
    keys = signing(scene)
    keys.first()
    return an_epoch(scene.chat, [keys], keys.browser)


# What is asked for, and what is sent along, well-formed.
QUERIES = {
    "GET /chats/<int:chat_id>/messages": "?after=0",
    "GET /users": "?q=s",
    "GET /search": "?q=hello",
    "GET /chatrooms/<hash_key>/dates/": "?at=2020-01-01",
    "GET /chats/<int:chat_id>/dates": "?at=2020-01-01",
}
SENT: dict[str, Callable[[Scene], Json | bytes]] = {
    "POST /users": an_account,
    "PATCH /users/current": a_name,
    "PUT /users/current/password": passwords,
    "POST /directs": lambda scene: {"username": scene.other.name},
    "PATCH /directs/<int:chat_id>": lambda scene: {"state": "open"},
    "PATCH /chats/<int:chat_id>/membership": lambda scene: {"level": "nothing"},
    "PUT /sessions/current/active": lambda scene: {"active": True},
    "POST /keys": lambda scene: signing(scene).first(),
    "DELETE /keys": lambda scene: {"password": PASSWORD},
    "POST /keys/entries": an_entry,
    "POST /keys/requests": a_new_browser,
    "POST /chats/<int:chat_id>/epochs": a_first_epoch,
    "POST /chats/<int:chat_id>/shares": lambda scene: {
        "dev": text_of(32),
        "shares": [{"epoch": 0, "enc": text_of(32), "ct": text_of(48)}],
    },
    "PUT /push/subscription": lambda scene: {
        "endpoint": f"https://fcm.googleapis.com/{uuid.uuid4()}",
        **KEYS,
    },
    "POST /chatrooms/<hash_key>/level/": lambda scene: {"level": "nothing"},
    "PUT /chats/<int:chat_id>/read": lambda scene: {"seq": scene.seq},
    "PUT /chats/<int:chat_id>/mutes/<int:user_id>": lambda scene: {"seconds": 600},
    "POST /chats/<int:chat_id>/messages/<int:seq>/reports": lambda scene: A_REPORT,
    "PATCH /reports/<int:report_id>": lambda scene: {"state": "dismissed"},
    "POST /account/reports/<int:report_id>/": lambda scene: {"state": "dismissed"},
    "POST /chatrooms/<hash_key>/order/": lambda scene: {"closed": "yes", "slow_mode": "10"},
    "POST /chatrooms/<hash_key>/members/<int:user_id>/moderator/": lambda scene: {"moderator": "yes"},
    "POST /chatrooms/<hash_key>/members/<int:user_id>/mute/": lambda scene: {"seconds": "600"},
    "POST /chatrooms/<hash_key>/reports/<int:report_id>/": lambda scene: {"state": "dismissed"},
    "POST /chatrooms/<hash_key>/messages/<int:seq>/report/": lambda scene: A_REPORT,
    "POST /account/direct/": lambda scene: {"direct_from": "shared"},
    "POST /direct/": lambda scene: {"username": scene.other.name},
    "POST /chatrooms/<hash_key>/answer/": lambda scene: {"answer": "open"},
    "DELETE /users/current": lambda scene: {"password": PASSWORD},
    "POST /sessions": a_name,
    "POST /chats": lambda scene: {"name": "Another room"},
    "PATCH /chats/<int:chat_id>/": a_room,
    "POST /chats/<int:chat_id>/messages": a_message,
    "POST /chats/<int:chat_id>/uploads": lambda scene: b"a file",
    "PATCH /chats/<int:chat_id>/messages/<int:seq>": lambda scene: {"content": "Hello again"},
    "POST /chats/<int:chat_id>/members": a_member,
    "POST /theme/": lambda scene: {"theme": "dark"},
    "POST /language/": lambda scene: {"language": "en"},
    "POST /site/front/": the_front,
    "POST /site/files/<path:path>/": a_text,
    "POST /site/new/": lambda scene: {"kind": "interest", "title": another_name()},
    "POST /site/order/": a_place,
    "POST /site/delete/": a_file_to_delete,
    "POST /site/undo/": a_version,
    "POST /site/preview/": a_text,
    "POST /site/images/": an_image,
    "POST /site/images/<name>/": a_spare_image,
    "POST /sessions/new/": a_name,
    "POST /login/": lambda scene: {"username": scene.owner.name, "password": PASSWORD},
    "POST /signup/": an_account,
    "POST /logout/": lambda scene: {"confirm": "yes"},
    "POST /claim/<token>/": an_account,
    "POST /account/name/": a_name,
    "POST /account/password/": passwords,
    "POST /account/delete/": lambda scene: {"password": PASSWORD},
    "POST /chatrooms/": lambda scene: {"name": "Another room"},
    "POST /chatrooms/<hash_key>/": a_message,
    "POST /chatrooms/<hash_key>/messages/<int:seq>/edit/": lambda scene: {"content": "Hello again"},
    "POST /chatrooms/<hash_key>/settings/": a_room,
    "POST /chatrooms/<hash_key>/members/": a_member,
}


def is_api(route: str) -> bool:
    return described(route) in OPENAPI["paths"]


def described(route: str) -> str:
    """The path of a route as docs/openapi.json has it."""
    return re.sub(r"<(?:int:)?(\w+)>", r"{\1}", route.split()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all: each call has people and a room of its own."""
    data = tmp_path_factory.mktemp("authorization")
    rates = (
        "message",
        "typing",
        "direct",
        "key",
        "report",
        "upload",
        "visit",
        "room",
        "unclaimed_room",
        "talk",
        "sign_in",
        "sign_up",
        "rename",
        "invitation",
    )
    unlimited: dict[str, Any] = {f"{rate}_rate": None for rate in rates}
    with an_app(Settings(data=data, site=data / "owners", **unlimited)) as app, version(data) as known:
        engines: Engines = app.extensions["porch_engines"]
        hashed = engines.passwords.hash(PASSWORD)
        yield Site(app, app.test_client(use_cookies=False), data, known, hashed)


@pytest.fixture(scope="module")
def looked_at(site: Site) -> Callable[..., Scene]:
    """Scenes in which nothing is changed; they are made once."""

    made: dict[tuple[type[Scene], str], Scene] = {}

    def look(kind: type[Scene], who: str) -> Scene:
        if (kind, who) not in made:
            made[kind, who] = kind(site, who)
        scene = made[kind, who]
        scene.appoint()
        return scene

    return look


def changes_nothing(route: str, expected: str) -> bool:
    """Whether an answer says that all is as it was, which is confirmed."""
    if route.startswith("GET") and route not in LETS_IN:
        return True
    return expected in PLACES or (expected.isdigit() and int(expected) >= 400)


@pytest.mark.parametrize(("route", "person"), CELLS)
def test_each_person_is_answered_as_the_table_says(
    site: Site, looked_at: Callable[..., Scene], route: str, person: str
) -> None:
    expected = ROUTES[route][person]
    only_looks = changes_nothing(route, expected)
    scene = looked_at(Scene, person) if only_looks else Scene(site, person)
    before = site.version()
    with scene.call(route) as answer:
        if place := PLACES.get(expected):
            assert answer.status_code == 303
            assert answer.location.startswith(place)
        else:
            assert answer.status_code == int(expected), answer.get_data(as_text=True)
        if is_api(route):
            json = answer.get_json() if answer.is_json else None
            confirm_described(described(route), route.split()[0], answer.status_code, json)
        if answer.status_code in (401, 404):
            assert ROOM not in answer.get_data(as_text=True)
        if answer.status_code >= 400 and answer.is_json:
            assert answer.get_json()["error"]["code"] == CODES[answer.status_code]
    if only_looks:
        assert site.version() == before, "it has written something"


@pytest.mark.parametrize("route", OF_TWO)
@pytest.mark.parametrize("person", next(iter(OF_TWO.values())))
def test_on_a_direct_chat_each_person_is_answered_as_its_table_says(
    site: Site, looked_at: Callable[..., Scene], route: str, person: str
) -> None:
    expected = OF_TWO[route][person]
    refused = expected in PLACES or int(expected) >= 400  # opening a direct chat's page reads it
    scene = looked_at(DirectScene, person) if refused else DirectScene(site, person)
    before = site.version()
    with scene.call(route) as answer:
        text = answer.get_data().decode(errors="replace")
        if place := PLACES.get(expected):
            assert answer.status_code == 303
            assert answer.location.startswith(place)
        else:
            assert answer.status_code == int(expected), text
        if is_api(route):
            json = answer.get_json() if answer.is_json else None
            confirm_described(described(route), route.split()[0], answer.status_code, json)
        if answer.status_code in (401, 404):
            assert not any(one.name in text for one in (scene.owner, scene.other))
    if refused:
        assert site.version() == before, "it has written something"


@pytest.mark.parametrize("who", ["guest", "admin"])
def test_the_link_of_a_sealed_room_without_its_key_leads_to_its_door_alone(site: Site, who: str) -> None:
    scene = SealedScene(site, who)
    for route in ROUTES:
        if "<int:chat_id>" in route:
            absent, there = scene.call(route, chat_id=str(10**9)), scene.call(route)
            assert (there.status_code, there.data) == (absent.status_code, absent.data), route
        elif "<hash_key>" in route:
            answer = scene.call(route)
            text = answer.get_data(as_text=True)
            assert answer.status_code == int(DOORS.get(route, "404")), route
            assert ('id="sealed-door"' in text) == (DOORS.get(route) == "200"), route


@pytest.mark.parametrize("route", READABLE)
@pytest.mark.parametrize("kind", [SealedScene, EncryptedScene])
def test_where_messages_are_locked_nothing_readable_is_taken(
    site: Site, kind: type[Scene], route: str
) -> None:
    scene = kind(site, "member")
    before = site.version()
    assert scene.call(route).status_code == 400
    assert site.version() == before, "it has written something"


@pytest.mark.parametrize("who", ["third", "admin"])
def test_the_direct_chat_of_others_looks_like_one_that_is_not_there(site: Site, who: str) -> None:
    scene = DirectScene(site, who)
    for route in OF_TWO:
        absent = scene.call(route, chat_id=str(10**9), hash_key="x" * 22)
        there = scene.call(route)
        assert (there.status_code, there.data) == (absent.status_code, absent.data), route


def test_every_route_of_a_chat_has_a_row_for_direct_ones() -> None:
    assert set(OF_TWO) == {
        route for route in ROUTES if any(name in route for name in ("<int:chat_id>", "<hash_key>"))
    }
    assert set(EVENTS_OF_TWO) == set(EVENTS) - {"lobby"}


def test_every_route_has_a_row(site: Site) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in site.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(ROUTES)


def test_every_row_of_a_room_says_what_a_deleted_one_answers() -> None:
    assert {route for route in ROUTES if any(name in route for name in OF_A_ROOM)} == {
        route for route, row in ROUTES.items() if row["gone"] != "-"
    }


@pytest.mark.parametrize("is_deleted", [False, True], ids=["there", "deleted"])
@pytest.mark.parametrize(
    ("who", "kind"),
    [
        *itertools.product(["stranger", "guest", "removed", "revoked"], ["listed", "link", "private"]),
        *itertools.product(["admin"], ["link", "private"]),  # the host decides about listed rooms alone
    ],
)
def test_a_room_that_is_not_ones_own_looks_like_one_that_is_not_there(
    site: Site, who: str, kind: str, is_deleted: bool
) -> None:
    scene = Scene(site, who, kind)
    if is_deleted:
        site.asked("DELETE", scene.here, scene.owner)
    for route in ROUTES:
        if "<int:chat_id>" in route:
            absent, there = scene.call(route, chat_id=str(10**9)), scene.call(route)
            assert (there.status_code, there.data) == (absent.status_code, absent.data), route


@pytest.mark.parametrize(("kind", "is_deleted"), [("private", False), ("link", True), ("listed", True)])
def test_a_link_that_does_not_let_in_looks_like_one_that_leads_nowhere(
    site: Site, kind: str, is_deleted: bool
) -> None:
    scene = Scene(site, "guest", kind)
    if is_deleted:
        site.asked("DELETE", scene.here, scene.owner)
    for route in ROUTES:
        if "<hash_key>" in route:
            there, nowhere = scene.call(route), scene.call(route, hash_key="x" * 22)
            assert (there.status_code, there.data) == (404, nowhere.data), route


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", KINDS["link"])
def test_who_may_open_which_kind_of_room(
    site: Site, looked_at: Callable[..., Scene], who: str, kind: str
) -> None:
    scene = looked_at(Scene, who)
    body = {"name": "Another room", "kind": kind}
    answer = site.open("POST", "/chats", scene.person, json=body)
    by_form = site.open("POST", "/chatrooms/", scene.person, data=body)
    assert answer.status_code == int(KINDS[kind][who])
    assert by_form.status_code == {201: 303}.get(answer.status_code, answer.status_code)


OF_A_MESSAGE = [route for route in ROUTES if "<int:seq>" in route and route not in LETS_IN]
# What anybody in the room may do with it.
FOR_ALL = re.compile(r"reactions|/pin$|^GET /chats/")
OF_ITS_AUTHOR = [route for route in OF_A_MESSAGE if not FOR_ALL.search(route)]


# Everybody reads and reports it; those who keep order take it back.
OWN_ALONE = [route for route in OF_ITS_AUTHOR if re.search("/edit/|^PATCH|/preview$", route)]
OWN_FOR_MEMBERS = [route for route in OF_ITS_AUTHOR if "/delete/" in route or route.startswith("DELETE")]


@pytest.mark.parametrize(
    ("who", "route"),
    [
        *itertools.product(["member", "creator", "admin"], OWN_ALONE),
        *itertools.product(["member"], OWN_FOR_MEMBERS),
    ],
)
def test_a_message_of_somebody_else_is_not_ones_own_to_change(site: Site, who: str, route: str) -> None:
    scene = Scene(site, who)
    if who == "admin":
        site.asked("POST", f"{scene.here}members", scene.owner, {"username": scene.person.name})
    seq = scene.say(scene.other)
    before = site.version()
    answer = scene.call(route, seq=str(seq))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "forbidden")
    assert site.version() == before


@pytest.mark.parametrize("route", OF_A_MESSAGE)
def test_a_message_that_is_not_there_is_not_found(
    site: Site, looked_at: Callable[..., Scene], route: str
) -> None:
    for seq in (0, 10**6, 2**63, 10**30):
        assert looked_at(Scene, "creator").call(route, seq=str(seq)).status_code == 404


@pytest.mark.parametrize("path", ["/sessions/{0}", "/account/sessions/{0}/"])
def test_nobody_ends_the_session_of_somebody_else(site: Site, path: str) -> None:
    victim = site.sign_in()
    method = "DELETE" if path.startswith("/sessions") else "POST"
    for who in ("guest", "creator", "admin"):
        site.open(method, path.format(site.session_of(victim)), Scene(site, who).person)
    assert site.asked("GET", "/sessions/current", victim)["user_id"] == victim.user_id


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
    {},
]


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
def test_another_site_cannot_act_in_a_visitors_name(
    site: Site, looked_at: Callable[..., Scene], route: str
) -> None:
    scene = copy(looked_at(Scene, "creator"))
    token = scene.person.headers["Authorization"].removeprefix("Bearer ")
    before = site.version()
    for foreign in FOREIGN:
        scene.person = replace(scene.person, headers={"Cookie": f"porch={token}"} | foreign)
        answer = scene.call(route)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "foreign_origin"), foreign
    assert site.version() == before


def test_every_event_has_a_row(site: Site) -> None:
    assert set(socketio.server.handlers["/"]) == set(EVENTS) | {"connect", "disconnect"}


def data_of(event: str, chat_id: int, seq: int = 1) -> Json:
    match event:
        case "lobby":
            return {}
        case "send":
            return {"chat_id": chat_id, "content": "Hello", "client_id": str(uuid.uuid4())}
        case "edit":
            return {"chat_id": chat_id, "seq": seq, "content": "Hello again"}
        case "delete" | "read":
            return {"chat_id": chat_id, "seq": seq}
        case "react":
            return {"chat_id": chat_id, "seq": seq, "emoji": "👍", "on": True}
        case _:
            return {"chat_id": chat_id}


def acknowledged(socket: Socket, event: str, data: Json) -> str:
    """`ok`, or the code of the refusal. A server that has noticed by itself that a session is over closes its
    socket, which says the same.
    """
    try:
        socket.call(event, data)
    except Refused as refused:
        return str(refused.code)
    except SocketIOError:
        assert not socket.client.connected
        return "unauthenticated"
    return "ok"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("person", EVENTS["enter"])
def test_each_person_is_acknowledged_as_the_table_says(
    server: Server, ann: Guest, event: str, person: str
) -> None:
    """`ann` is the creator of the room; whoever loses something loses it while their socket is open."""
    chat = ann.open_chat()
    guest = ann if person == "creator" else Guest.sign_in(server.url)
    author = ann
    if person not in ("guest", "creator", "admin"):
        guest.join(chat)
        author = guest
    seq = author.send(chat, "Hello")["seq"]
    role = partial(change, server.data, 'UPDATE "user" SET role = ? WHERE id = ?')
    with guest.socket() as socket:
        match person:
            case "admin":
                role("admin", guest.user_id)
            case "removed":
                ann.delete(f"/chats/{chat['id']}/members/{guest.user_id}")
            case "revoked":  # behind the server's back, so that the socket stays
                assert change(server.data, "DELETE FROM session WHERE user_id = ?", guest.user_id)
            case "gone":
                ann.delete(f"/chats/{chat['id']}/")
        try:
            code = acknowledged(socket, event, data_of(event, chat["id"], seq))
        finally:
            role("member", guest.user_id)
    assert code == EVENTS[event][person]


@pytest.mark.parametrize("event", EVENTS_OF_TWO)
@pytest.mark.parametrize("person", EVENTS_OF_TWO["enter"])
def test_on_a_direct_chat_each_person_is_acknowledged_as_its_table_says(
    server: Server, ann: Guest, bob: Guest, event: str, person: str
) -> None:
    chat = ann.open_direct(bob)
    places = {one: one.send(chat, "Hello")["seq"] for one in (ann, bob)}
    guest = {"opener": ann, "blocker": ann, "third": None, "admin": None}.get(person, bob)
    guest = guest or Guest.sign_in(server.url)
    with guest.socket() as socket:
        match person:
            case "admin":
                change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", guest.user_id)
            case "blocker" | "blocked":
                ann.block(bob)
            case "revoked":  # behind the server's back, so that the socket stays
                assert change(server.data, "DELETE FROM session WHERE user_id = ?", guest.user_id)
        try:
            code = acknowledged(socket, event, data_of(event, chat["id"], places.get(guest, 1)))
        finally:
            change(server.data, "UPDATE user SET role = 'member' WHERE id = ?", guest.user_id)
    assert code == EVENTS_OF_TWO[event][person]


@pytest.mark.parametrize("event", ["enter", "send", "edit", "delete", "typing", "read"])
def test_by_socket_too_a_foreign_room_looks_like_one_that_is_not_there(
    server: Server, ann: Guest, chat: Json, event: str
) -> None:
    deleted = ann.open_chat()
    ann.send(chat, "Hello")
    ann.delete(f"/chats/{deleted['id']}/")
    errors = []
    with Guest.sign_in(server.url).socket() as socket:
        for chat_id in (chat["id"], deleted["id"], 10**9):
            with pytest.raises(Refused) as refused:
                socket.call(event, data_of(event, chat_id))
            errors.append(refused.value.error)
    assert errors[0] == errors[1] == errors[2]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_nobody_and_an_ended_session_get_no_socket(server: Server, ann: Guest, transport: str) -> None:
    ann.delete("/sessions/current")
    for auth in (None, {"token": ann.token}):
        assert refusal(server.url, auth=auth, transports=[transport])["code"] == "unauthenticated"


def test_a_stranger_who_is_refused_hears_nothing_either(server: Server, ann: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(server.url)
    own = stranger.open_chat()
    with stranger.socket() as socket:
        with pytest.raises(Refused):
            socket.enter(chat)
        socket.enter(own)
        ann.send(chat, "Between us")
        # What is announced later arrives later: the stranger's own room speaks after Ann's.
        socket.send(own, "To myself")
        assert socket.enter(own)["rev"] == 1
        assert "Between us" not in socket.contents()


def test_who_is_no_member_any_more_is_out_at_once(server: Server, bob: Guest, chat: Json) -> None:
    message = f"/chats/{chat['id']}/messages/{bob.send(chat, 'Hello')['seq']}"
    assert change(
        server.data, "DELETE FROM membership WHERE user_id = ? AND chat_id = ?", bob.user_id, chat["id"]
    )
    with bob.socket() as socket:
        calls: list[Callable[[], Json]] = [
            lambda: bob.after(chat, 0),
            lambda: bob.send(chat, "Hello?"),
            lambda: bob.patch(message, {"content": "Hello?"}),
            lambda: bob.delete(message),
            lambda: socket.enter(chat),
            lambda: socket.send(chat, "Hello?"),
            lambda: socket.call("edit", data_of("edit", chat["id"])),
            lambda: socket.call("delete", data_of("delete", chat["id"])),
        ]
        for call in calls:
            with pytest.raises(Refused) as refused:
                call()
            assert refused.value.code == "not_found"
