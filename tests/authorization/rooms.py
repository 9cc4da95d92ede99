"""Rooms and direct chats, their links, members and invitations, and who is there."""

from __future__ import annotations

from tests.authorization.scenes import Bodies, Scene, a_message
from tests.support.people import Json

ROUTES = """
                                                    stranger guest member creator admin removed revoked gone

GET    /chats                                       401      200   200    200     200   200     401     -
POST   /chats                                       201      201   201    201     201   201     201     -
GET    /directs                                     401      200   200    200     200   200     401     -
POST   /directs                                     401      201   201    201     201   201     401     -
POST   /chatrooms/<hash_key>/join                   401      200   200    200     200   404     401     410
POST   /invitations/<token>/join                    401      200   200    200     200   404     401     404
GET    /chats/<int:chat_id>/                        401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/                        401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/                        401      404   403    204     204   404     401     410
GET    /chats/<int:chat_id>/membership              401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/membership              401      404   200    200     404   404     401     410
PATCH  /directs/<int:chat_id>                       401      404   404    404     404   404     401     404
GET    /chats/<int:chat_id>/presence                401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/presence                401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/presence                401      204   204    204     204   204     401     204
POST   /chats/<int:chat_id>/typing                  401      404   204    204     404   404     401     410
GET    /chats/<int:chat_id>/members                 401      404   200    200     200   404     401     410
POST   /chats/<int:chat_id>/members                 401      404   403    201     201   404     401     410
DELETE /chats/<int:chat_id>/members/<int:user_id>   401      404   403    204     204   404     401     410
POST   /chats/<int:chat_id>/invitations             401      404   403    201     201   404     401     410
POST   /chats/<int:chat_id>/link                    401      404   403    200     200   404     401     410

GET    /direct/                                     login    302   302    302     302   302     login   -
POST   /direct/                                     login    303   303    303     303   303     login   -
GET    /direct/<name:username>                      login    200   200    200     200   200     login   -
GET    /chatrooms/                                  200      200   200    200     200   200     200     -
POST   /chatrooms/                                  303      303   303    303     303   303     303     -
GET    /chatrooms/<hash_key>/                       name     200   200    200     200   404     name    410
POST   /chatrooms/<hash_key>/                       name     303   303    303     303   404     name    410
GET    /chatrooms/<hash_key>/answer/                login    302   302    302     302   404     login   410
POST   /chatrooms/<hash_key>/answer/                login    404   404    404     404   404     login   410
GET    /chatrooms/<hash_key>/level/                 login    302   302    302     302   404     login   410
POST   /chatrooms/<hash_key>/level/                 login    404   303    303     404   404     login   410
GET    /chatrooms/<hash_key>/settings/              login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/settings/              login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/delete/                login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/delete/                login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/               login    404   200    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/               login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/ login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/ login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/invitations/           login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/invitations/           login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/link/                  login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/link/                  login    404   403    303     303   404     login   303
GET    /invitations/<token>/                        200      200   303    303     200   200     200     404
POST   /invitations/<token>/                        400      303   303    303     303   404     400     404
"""
OF_TWO = """
                                                    opener other blocker blocked third admin stranger revoked

POST   /chatrooms/<hash_key>/join                   200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/                        200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/                        403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/                        403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/membership              200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/membership              200    200   200     200     404   404   401      401
PATCH  /directs/<int:chat_id>                       200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/presence                200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/presence                200    200   200     200     404   404   401      401
DELETE /chats/<int:chat_id>/presence                204    204   204     204     204   204   401      401
POST   /chats/<int:chat_id>/typing                  204    204   204     204     404   404   401      401
GET    /chats/<int:chat_id>/members                 200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/members                 403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/members/<int:user_id>   403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/invitations             403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/link                    403    403   403     403     404   404   401      401

GET    /chatrooms/<hash_key>/                       200    200   200     200     404   404   404      404
POST   /chatrooms/<hash_key>/                       303    303   403     403     404   404   404      404
GET    /chatrooms/<hash_key>/answer/                302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/answer/                303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/level/                 302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/level/                 303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/settings/              403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/settings/              403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/delete/                403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/delete/                403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/               302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/members/               403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/ 403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/ 403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/invitations/           302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/invitations/           403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/link/                  403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/link/                  403    403   403     403     404   404   login    login
"""


def a_member(scene: Scene) -> Json:
    return {"username": scene.other.name}


def a_room(scene: Scene) -> Json:
    return {"name": "Another name", "kind": scene.chat["kind"]}


SENT: Bodies = {
    "POST /directs": lambda scene: {"username": scene.other.name},
    "PATCH /directs/<int:chat_id>": lambda scene: {"state": "open"},
    "PATCH /chats/<int:chat_id>/membership": lambda scene: {"level": "nothing"},
    "POST /chatrooms/<hash_key>/level/": lambda scene: {"level": "nothing"},
    "POST /direct/": lambda scene: {"username": scene.other.name},
    "POST /chatrooms/<hash_key>/answer/": lambda scene: {"answer": "open"},
    "POST /chats": lambda scene: {"name": "Another room"},
    "PATCH /chats/<int:chat_id>/": a_room,
    "POST /chats/<int:chat_id>/members": a_member,
    "POST /chatrooms/": lambda scene: {"name": "Another room"},
    "POST /chatrooms/<hash_key>/": lambda scene: a_message(),
    "POST /chatrooms/<hash_key>/settings/": a_room,
    "POST /chatrooms/<hash_key>/members/": a_member,
}
