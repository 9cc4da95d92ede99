"""Keys of accounts, and the epochs of chats that are encrypted with them."""

from __future__ import annotations

from tests.authorization.scenes import Bodies, Scene, keys_for
from tests.support.keys import Device, Keys, an_epoch
from tests.support.people import PASSWORD, Json
from tests.support.sealed import text_of

ROUTES = """
                                     stranger guest member creator admin removed revoked gone

GET    /keys                         401      403   403    200     200   403     401     -
POST   /keys                         401      403   403    201     201   403     401     -
DELETE /keys                         401      403   403    204     204   403     401     -
POST   /keys/entries                 401      403   403    201     201   403     401     -
POST   /keys/requests                401      403   403    201     201   403     401     -
DELETE /keys/requests/<dev>          401      403   403    204     204   403     401     -
GET    /keys/epochs                  401      403   403    200     200   403     401     -
GET    /chats/<int:chat_id>/keys     401      404   400    400     404   404     401     410
GET    /chats/<int:chat_id>/epochs   401      404   400    400     404   404     401     410
POST   /chats/<int:chat_id>/epochs   401      404   400    400     404   404     401     410
POST   /chats/<int:chat_id>/shares   401      404   400    400     404   404     401     410

GET    /chatrooms/<hash_key>/verify/ login    302   302    302     302   404     login   303
"""
OF_TWO = """
                                     opener other blocker blocked third admin stranger revoked

GET    /chats/<int:chat_id>/keys     200    403   200     403     404   404   401      401
GET    /chats/<int:chat_id>/epochs   200    403   200     403     404   404   401      401
POST   /chats/<int:chat_id>/epochs   400    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/shares   403    403   403     403     404   404   401      401

GET    /chatrooms/<hash_key>/verify/ 200    200   200     200     404   404   login    login
"""


def signing(scene: Scene) -> Keys:
    """Keys of the one person, which the server does not have yet."""
    return keys_for(scene.person)


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


SENT: Bodies = {
    "POST /keys": lambda scene: signing(scene).first(),
    "DELETE /keys": lambda scene: {"password": PASSWORD},
    "POST /keys/entries": an_entry,
    "POST /keys/requests": a_new_browser,
    "POST /chats/<int:chat_id>/epochs": a_first_epoch,
    "POST /chats/<int:chat_id>/shares": lambda scene: {
        "dev": text_of(32),
        "shares": [{"epoch": 0, "enc": text_of(32), "ct": text_of(48)}],
    },
}
