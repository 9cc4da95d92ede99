"""Keeping order in rooms, reports, and what the host sees of it."""

from __future__ import annotations

from tests.authorization.scenes import A_REPORT, Bodies

ROUTES = """
                                                       stranger guest member creator admin removed revoked gone

PUT    /chats/<int:chat_id>/moderators/<int:user_id>   401      404   403    204     204   404     401     410
DELETE /chats/<int:chat_id>/moderators/<int:user_id>   401      404   403    204     204   404     401     410
PUT    /chats/<int:chat_id>/mutes/<int:user_id>        401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/mutes/<int:user_id>        401      404   403    204     204   404     401     410
GET    /chats/<int:chat_id>/bans                       401      404   403    200     200   404     401     410
DELETE /chats/<int:chat_id>/bans/<int:user_id>         401      404   403    204     204   404     401     410
POST   /chats/<int:chat_id>/messages/<int:seq>/reports 401      404   403    403     404   404     401     410
GET    /chats/<int:chat_id>/reports                    401      404   403    200     200   404     401     410
GET    /reports                                        401      403   403    403     200   403     401     -
PATCH  /reports/<int:report_id>                        401      404   404    404     204   404     401     -
GET    /audit                                          401      403   403    403     200   403     401     -

GET    /account/audit/                                 login    403   403    403     200   403     login   -
GET    /account/reports/                               login    403   403    403     200   403     login   -
GET    /account/reports/<int:report_id>/               302      302   302    302     302   302     302     -
POST   /account/reports/<int:report_id>/               login    403   403    403     303   403     login   -
GET    /chatrooms/<hash_key>/order/                    login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/order/                    login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/moderator/ login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/moderator/ login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/members/<int:user_id>/mute/ login    404   403    200     200   404     login   303
POST   /chatrooms/<hash_key>/members/<int:user_id>/mute/ login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/bans/<int:user_id>/       login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/bans/<int:user_id>/       login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/reports/<int:report_id>/  login    404   302    302     302   404     login   303
POST   /chatrooms/<hash_key>/reports/<int:report_id>/  login    404   403    303     303   404     login   303
GET    /chatrooms/<hash_key>/messages/<int:seq>/report/ login    404   403    403     404   404     login   303
POST   /chatrooms/<hash_key>/messages/<int:seq>/report/ login    404   403    403     404   404     login   303
"""  # noqa: E501
OF_TWO = """
                                                       opener other blocker blocked third admin stranger revoked

PUT    /chats/<int:chat_id>/moderators/<int:user_id>   403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/moderators/<int:user_id>   403    403   403     403     404   404   401      401
PUT    /chats/<int:chat_id>/mutes/<int:user_id>        403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/mutes/<int:user_id>        403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/bans                       403    403   403     403     404   404   401      401
DELETE /chats/<int:chat_id>/bans/<int:user_id>         403    403   403     403     404   404   401      401
POST   /chats/<int:chat_id>/messages/<int:seq>/reports 403    403   403     403     404   404   401      401
GET    /chats/<int:chat_id>/reports                    403    403   403     403     404   404   401      401

GET    /chatrooms/<hash_key>/order/                    403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/order/                    403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/moderator/ 302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/moderator/ 403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/members/<int:user_id>/mute/ 403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/members/<int:user_id>/mute/ 403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/bans/<int:user_id>/       302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/bans/<int:user_id>/       403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/reports/<int:report_id>/  302    302   302     302     404   404   login    login
POST   /chatrooms/<hash_key>/reports/<int:report_id>/  403    403   403     403     404   404   login    login
GET    /chatrooms/<hash_key>/messages/<int:seq>/report/ 403    403   403     403     404   404   login    login
POST   /chatrooms/<hash_key>/messages/<int:seq>/report/ 403    403   403     403     404   404   login    login
"""  # noqa: E501


SENT: Bodies = {
    "PUT /chats/<int:chat_id>/mutes/<int:user_id>": lambda scene: {"seconds": 600},
    "POST /chats/<int:chat_id>/messages/<int:seq>/reports": lambda scene: A_REPORT,
    "PATCH /reports/<int:report_id>": lambda scene: {"state": "dismissed"},
    "POST /account/reports/<int:report_id>/": lambda scene: {"state": "dismissed"},
    "POST /chatrooms/<hash_key>/order/": lambda scene: {"closed": "yes", "slow_mode": "10"},
    "POST /chatrooms/<hash_key>/members/<int:user_id>/moderator/": lambda scene: {"moderator": "yes"},
    "POST /chatrooms/<hash_key>/members/<int:user_id>/mute/": lambda scene: {"seconds": "600"},
    "POST /chatrooms/<hash_key>/reports/<int:report_id>/": lambda scene: {"state": "dismissed"},
    "POST /chatrooms/<hash_key>/messages/<int:seq>/report/": lambda scene: A_REPORT,
}
