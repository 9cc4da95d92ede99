"""The audit log, in words, for the host."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request
from markupsafe import Markup

from porch.actions.upkeep.audit import audit_for
from porch.models.ids import is_id
from porch.pages import blueprint
from porch.pages.entrance import person
from porch.pages.times import day_and_time
from porch.texts import duration, gettext, lazy_gettext
from porch.web.wording import bdi, bold, shown_name

HERE = "/account/audit/"
# What was done. Most of it is followed by where.
WORDS = {
    "appoint": lazy_gettext("%(actor)s made a moderator of %(user)s"),
    "dismiss": lazy_gettext("%(actor)s no longer wants as a moderator %(user)s"),
    "remove": lazy_gettext("%(actor)s removed %(user)s"),
    "let_back": lazy_gettext("%(actor)s let back %(user)s"),
    "mute": lazy_gettext("%(actor)s muted %(user)s"),
    "unmute": lazy_gettext("%(actor)s let write again %(user)s"),
    "take_back": lazy_gettext("%(actor)s took back a message of %(user)s"),
    "take_back_all": lazy_gettext("%(actor)s took back all messages of %(user)s"),
    "slow_mode": lazy_gettext("%(actor)s set slow mode"),
    "close": lazy_gettext("%(actor)s closed the room"),
    "open": lazy_gettext("%(actor)s opened the room again"),
    "renew_link": lazy_gettext("%(actor)s renewed the link"),
    "rename": lazy_gettext("%(actor)s renamed the room"),
    "kind": lazy_gettext("%(actor)s changed who can come in"),
    "delete": lazy_gettext("%(actor)s deleted the room"),
    "report": lazy_gettext("%(actor)s reported a message of %(user)s"),
    "resolve": lazy_gettext("%(actor)s dealt with a report about %(user)s"),
    "disable": lazy_gettext("%(actor)s shut out %(user)s"),
    "enable": lazy_gettext("%(actor)s let in again %(user)s"),
    "role": lazy_gettext("%(actor)s changed the role of %(user)s"),
    "password": lazy_gettext("%(actor)s gave another password to %(user)s"),
}
# The rest is names, and for how long.
DETAILS = {
    "banned": lazy_gettext("banned"),
    "may come back": lazy_gettext("may come back"),
    "dismissed": lazy_gettext("dismissed"),
    "taken_back": lazy_gettext("taken back"),
    "removed": lazy_gettext("removed"),
    "listed": lazy_gettext("listed"),
    "link": lazy_gettext("link"),
    "private": lazy_gettext("private"),
    "0 s": lazy_gettext("off"),
    "until lifted": lazy_gettext("until lifted"),
    "admin": lazy_gettext("admin"),
    "member": lazy_gettext("member"),
}


@blueprint.get(HERE)
def audit_log() -> str:
    actor = person(HERE)
    before = request.args.get("before", type=int)
    page = audit_for(actor, before=before if before and is_id(before) else None)
    return render_template(
        "accounts/audit.html",
        entries=[_in_words(entry) for entry in page["entries"]],
        more=page["more"],
        before=before,
    )


def _in_words(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"words": _sentence(entry), "when": day_and_time(entry["at"])}


def _sentence(entry: dict[str, Any]) -> Markup:
    """`Ann removed Bob in “The harbour”: banned`."""
    # L10n: what stands in the place of %(actor)s
    command = gettext("The host, by a command,")
    actor = bold(shown_name(entry["actor"]["username"])) if entry["actor"] else command
    user = bold(shown_name(entry["user"]["username"])) if entry["user"] else ""
    known = WORDS.get(entry["action"], "%(actor)s " + entry["action"].replace("%", "%%"))
    words = _put(str(known), actor=actor, user=user)
    if entry["chat"] and entry["chat"]["name"]:
        # L10n: %(what)s is a sentence such as "Ann removed Bob"
        words = _put(gettext("%(what)s in “%(room)s”"), what=words, room=bdi(entry["chat"]["name"]))
    elif entry["chat"]:
        words = _put(gettext("%(what)s in a direct chat"), what=words)
    return words + Markup(": ") + bdi(_detail(entry)) if entry["detail"] else words


def _put(text: str, **values: str) -> Markup:
    """The values in their places, escaped if they are not yet."""
    return Markup(text) % values  # noqa: S704  # a text of ours


def _detail(entry: dict[str, Any]) -> str:
    detail = str(entry["detail"])
    if entry["action"] == "rename":
        return detail
    if (seconds := re.fullmatch(r"([1-9][0-9]*) s", detail)) is not None:
        return duration(int(seconds[1]))
    return str(DETAILS.get(detail, detail.replace("_", " ")))
