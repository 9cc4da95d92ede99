"""People: names, sessions, accounts, whom they block, and where they are told of news."""

from __future__ import annotations

import uuid

from tests.authorization.scenes import Bodies, Scene, another_name
from tests.support.people import PASSWORD, Json
from tests.support.push_service import KEYS

ROUTES = """
                                           stranger guest member creator admin removed revoked gone

POST   /users                              201      201   201    409     409   201     201     -
PATCH  /users/current                      401      200   200    200     200   200     401     -
PUT    /users/current/password             401      409   409    204     204   409     401     -
DELETE /users/current                      401      204   204    204     204   204     401     -
POST   /sessions                           201      409   409    409     409   409     201     -
GET    /users                              401      200   200    200     200   200     401     -
GET    /sessions                           401      200   200    200     200   200     401     -
GET    /sessions/current                   401      200   200    200     200   200     401     -
DELETE /sessions/current                   401      204   204    204     204   204     401     -
DELETE /sessions/others                    401      204   204    204     204   204     401     -
DELETE /sessions/<int:session_id>          401      404   404    204     404   404     401     -
PUT    /sessions/current/active            401      204   204    204     204   204     401     -
GET    /push                               401      200   200    200     200   200     401     -
PUT    /push/subscription                  401      204   204    204     204   204     401     -
DELETE /push/subscription                  401      204   204    204     204   204     401     -
GET    /blocks                             401      200   200    200     200   200     401     -
PUT    /blocks/<int:user_id>               401      404   204    204     404   404     401     -
DELETE /blocks/<int:user_id>               401      204   204    204     204   204     401     -

GET    /sessions/new/                      200      302   302    302     302   302     200     -
POST   /sessions/new/                      303      303   303    303     303   303     303     -
GET    /login/                             200      200   200    302     302   200     200     -
POST   /login/                             303      303   303    303     303   303     303     -
GET    /signup/                            200      200   200    302     302   200     200     -
POST   /signup/                            303      303   303    303     303   303     303     -
GET    /logout/                            302      200   200    200     200   200     302     -
POST   /logout/                            303      303   303    303     303   303     303     -
GET    /claim/<token>/                     200      200   200    200     200   200     200     -
POST   /claim/<token>/                     303      303   303    303     303   303     303     -
GET    /account/                           login    200   200    200     200   200     login   -
GET    /account/name/                      302      302   302    302     302   302     302     -
POST   /account/name/                      login    303   303    303     303   303     login   -
GET    /account/password/                  302      302   302    302     302   302     302     -
POST   /account/password/                  login    303   303    303     303   303     login   -
GET    /account/sessions/others/           302      302   302    302     302   302     302     -
POST   /account/sessions/others/           login    303   303    303     303   303     login   -
GET    /account/sessions/<int:session_id>/ 302      302   302    302     302   302     302     -
POST   /account/sessions/<int:session_id>/ login    303   303    303     303   303     login   -
GET    /account/direct/                    302      302   302    302     302   302     302     -
POST   /account/direct/                    login    303   303    303     303   303     login   -
GET    /account/blocks/<int:user_id>/      302      302   302    302     302   302     302     -
POST   /account/blocks/<int:user_id>/      login    303   303    303     303   303     login   -
GET    /account/delete/                    login    302   302    200     200   302     login   -
POST   /account/delete/                    login    303   303    303     303   303     login   -
"""


def a_name(scene: Scene) -> Json:
    return {"username": another_name()}


def an_account(scene: Scene) -> Json:
    return {"username": another_name(), "password": PASSWORD}


def passwords(scene: Scene) -> Json:
    return {"current_password": PASSWORD, "password": f"{PASSWORD}!"}


QUERIES = {
    "GET /users": "?q=s",
}


SENT: Bodies = {
    "POST /users": an_account,
    "PATCH /users/current": a_name,
    "PUT /users/current/password": passwords,
    "PUT /sessions/current/active": lambda scene: {"active": True},
    "PUT /push/subscription": lambda scene: {
        "endpoint": f"https://fcm.googleapis.com/{uuid.uuid4()}",
        **KEYS,
    },
    "POST /account/direct/": lambda scene: {"direct_from": "shared"},
    "DELETE /users/current": lambda scene: {"password": PASSWORD},
    "POST /sessions": a_name,
    "POST /sessions/new/": a_name,
    "POST /login/": lambda scene: {"username": scene.owner.name, "password": PASSWORD},
    "POST /signup/": an_account,
    "POST /logout/": lambda scene: {"confirm": "yes"},
    "POST /claim/<token>/": an_account,
    "POST /account/name/": a_name,
    "POST /account/password/": passwords,
    "POST /account/delete/": lambda scene: {"password": PASSWORD},
}
