"""The audit log: what is noted of what is done, who shows it, and when it is forgotten."""

from __future__ import annotations

import re

import pytest
import requests
from flask import Flask

from porch.actions.upkeep.audit import forget_old
from porch.engines import Engines
from tests.support.database import ago, change, rows
from tests.support.house import House
from tests.support.people import PASSWORD, refused


def test_all_that_is_done_is_noted_with_it(house: House) -> None:
    creator, moderator, member, other = (house[n] for n in ("creator", "moderator", "member", "other"))
    begun = len(house.audit())
    moderator.put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    moderator.delete(f"{house.here}/mutes/{member.user_id}")
    moderator.patch(f"{house.here}/", {"closed": True, "slow_mode": 60})
    moderator.patch(f"{house.here}/", {"closed": False})
    member.post(f"{house.here}/messages/{house.said['other']}/reports", {"reason": "Rude"})
    moderator.delete(f"{house.here}/messages/{house.said['other']}")
    moderator.delete(f"{house.here}/members/{other.user_id}?take_back=true")
    moderator.delete(f"{house.here}/bans/{other.user_id}")
    creator.delete(f"{house.here}/moderators/{moderator.user_id}")
    creator.post(f"{house.here}/link")
    assert refused(moderator.put, f"{house.here}/mutes/{member.user_id}", {"seconds": 600}).status == 403
    assert house.audit()[begun:] == [
        ("mute", "moderator", "member"),
        ("unmute", "moderator", "member"),
        ("close", "moderator", None),
        ("slow_mode", "moderator", None),
        ("open", "moderator", None),
        ("report", "member", "other"),
        ("take_back", "moderator", "other"),
        ("remove", "moderator", "other"),
        ("take_back_all", "moderator", "other"),
        ("let_back", "moderator", "other"),
        ("dismiss", "creator", "moderator"),
        ("renew_link", "creator", None),
    ]
    page = house["host"].get("/audit", limit=2)
    older = house["host"].get("/audit", limit=2, before=page["entries"][-1]["id"])
    assert page["more"] is True
    assert [entry["id"] for entry in older["entries"]] < [entry["id"] for entry in page["entries"]]
    assert "I am" not in str(house["host"].get("/audit", limit=200))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", [": 10 minutes", ": 1 minute", ": off", ": 600 s"]),
        ("de", [": 10 Minuten", ": 1 Minute", ": aus", ": 600 s"]),
    ],
)
def test_the_page_says_in_words_for_how_long(house: House, language: str, words: list[str]) -> None:
    house["moderator"].put(f"{house.here}/mutes/{house['member'].user_id}", {"seconds": 600})
    house["moderator"].delete(f"{house.here}/mutes/{house['member'].user_id}")
    for seconds in (60, 0):
        house["moderator"].patch(f"{house.here}/", {"slow_mode": seconds})
    house["creator"].patch(f"{house.here}/", {"name": "600 s"})
    house["creator"].patch(f"{house.here}/", {"name": "The house"})
    page = requests.get(
        f"{house.server.url}/account/audit/",
        headers={"Authorization": f"Bearer {house['host'].token}", "Accept-Language": language},
        timeout=10,
    ).text
    shown = re.findall(r"<bdi>([^<]*)</bdi></p>", page)
    assert [f": {detail}" for detail in shown[:5]] == [": The house", *reversed(words)]


def test_a_deleted_account_has_no_name_in_the_log(house: House) -> None:
    member = house["member"]
    name = member.username
    house["moderator"].put(f"{house.here}/mutes/{member.user_id}", {"seconds": 600})
    member.delete("/users/current", {})
    (entry,) = (
        entry
        for entry in house["host"].get("/audit", limit=200)["entries"]
        if entry["user"] and entry["user"]["user_id"] == member.user_id
    )
    assert entry["user"]["username"] == "Deleted account" != name


def test_the_command_line_shows_what_was_noted_by_commands_too(app: Flask) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    for command in ("disable", "enable"):
        assert run.invoke(args=["user", command, "Mallory"]).exit_code == 0
    shown = run.invoke(args=["audit"])
    newest, older = (line.split("\t") for line in shown.output.splitlines())
    assert newest[2:5] == ["enable", "the host, by a command", "Mallory"]
    assert older[2:5] == ["disable", "the host, by a command", "Mallory"]
    assert (
        run.invoke(args=["audit", "--limit", "1", "--before", newest[0]]).output.split("\t")[2] == "disable"
    )


def test_who_is_made_with_the_role_of_the_host_is_noted(app: Flask) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["user", "add", "Oda", "--role", "admin", "--password-stdin"], input=f"{PASSWORD}\n")
    (line,) = run.invoke(args=["audit"]).output.splitlines()
    assert line.split("\t")[2:5] == ["role", "the host, by a command", "Oda"]


def test_what_is_too_old_is_forgotten(app: Flask, engines: Engines) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    for command in ("disable", "enable"):
        run.invoke(args=["user", command, "Mallory"])
    change(engines.settings.data, "UPDATE audit SET at = ? WHERE action = 'disable'", ago(days=366))
    forget_old(engines)
    assert [row[0] for row in rows(engines.settings.data, "SELECT action FROM audit")] == ["enable"]
