"""What is said in rooms: messages, reactions, pins, files, and finding them again."""

from __future__ import annotations

from tests.authorization.scenes import Bodies, a_message

ROUTES = """
                                                       stranger guest member creator admin removed revoked gone

GET    /mentions                                       401      200   200    200     200   200     401     -
GET    /search                                         401      200   200    200     200   200     401     -
GET    /chats/<int:chat_id>/messages                   401      404   200    200     404   404     401     410
POST   /chats/<int:chat_id>/messages                   401      404   201    201     404   404     401     410
GET    /chats/<int:chat_id>/messages/<int:seq>         401      404   200    200     404   404     401     410
PATCH  /chats/<int:chat_id>/messages/<int:seq>         401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>         401      404   200    200     404   404     401     410
GET    /chats/<int:chat_id>/messages/<int:seq>/reactions 401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/messages/<int:seq>/pin     401      404   403    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/pin     401      404   403    200     404   404     401     410
GET    /chats/<int:chat_id>/pins                       401      404   200    200     404   404     401     410
DELETE /chats/<int:chat_id>/messages/<int:seq>/preview 401      404   200    200     404   404     401     410
POST   /chats/<int:chat_id>/uploads                    401      404   201    201     404   404     401     410
GET    /chats/<int:chat_id>/uploads/<int:upload_id>/<name> 401   404   200    200     404   404     401     410
GET    /chats/<int:chat_id>/thumbnails/<int:upload_id> 401      404   200    200     404   404     401     410
PUT    /chats/<int:chat_id>/read                       401      404   204    204     404   404     401     410
GET    /chats/<int:chat_id>/dates                      401      404   200    200     404   404     401     410

GET    /search/                                        login    200   200    200     200   200     login   -
GET    /mentions/                                      login    200   200    200     200   200     login   -
GET    /chatrooms/<hash_key>/dates/                    login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/       name     200   200    200     200   404     name    410
GET    /chatrooms/<hash_key>/messages/<int:seq>/edit/  login    404   200    200     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/edit/  login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/delete/ login    404   200    200     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/delete/ login    404   303    303     404   404     login   303
GET    /chatrooms/<hash_key>/messages/                 login    404   200    200     404   404     login   303
"""  # noqa: E501
OF_TWO = """
                                                       opener other blocker blocked third admin stranger revoked

GET    /chats/<int:chat_id>/messages                   200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/messages                   201    201   403     403     404   404   401      401
GET    /chats/<int:chat_id>/messages/<int:seq>         200    200   200     200     404   404   401      401
PATCH  /chats/<int:chat_id>/messages/<int:seq>         200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>         200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/messages/<int:seq>/reactions 200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/reactions/<emoji> 200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/messages/<int:seq>/pin     200    200   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/pin     200    200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/pins                       200    200   200     200     404   404   401      401
DELETE /chats/<int:chat_id>/messages/<int:seq>/preview 200    200   200     200     404   404   401      401
POST   /chats/<int:chat_id>/uploads                    201    201   403     403     404   404   401      401
GET    /chats/<int:chat_id>/uploads/<int:upload_id>/<name> 200 200   200     200     404   404   401      401
GET    /chats/<int:chat_id>/thumbnails/<int:upload_id> 200    200   200     200     404   404   401      401
PUT    /chats/<int:chat_id>/read                       204    204   204     204     404   404   401      401
GET    /chats/<int:chat_id>/dates                      200    200   200     200     404   404   401      401

GET    /chatrooms/<hash_key>/dates/                    303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/       200    200   200     200     404   404   404      404
GET    /chatrooms/<hash_key>/messages/<int:seq>/edit/  200    200   200     200     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/edit/  303    303   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/delete/ 200    200   200     200     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/delete/ 303    303   303     303     404   404   login    login
GET    /chatrooms/<hash_key>/messages/                 200    200   200     200     404   404   login    login
"""  # noqa: E501


QUERIES = {
    "GET /chats/<int:chat_id>/messages": "?after=0",
    "GET /search": "?q=hello",
    "GET /chatrooms/<hash_key>/dates/": "?at=2020-01-01",
    "GET /chats/<int:chat_id>/dates": "?at=2020-01-01",
}


SENT: Bodies = {
    "PUT /chats/<int:chat_id>/read": lambda scene: {"seq": scene.seq},
    "POST /chats/<int:chat_id>/messages": lambda scene: a_message(),
    "POST /chats/<int:chat_id>/uploads": lambda scene: b"a file",
    "PATCH /chats/<int:chat_id>/messages/<int:seq>": lambda scene: {"content": "Hello again"},
    "POST /chatrooms/<hash_key>/messages/<int:seq>/edit/": lambda scene: {"content": "Hello again"},
}
