"""A room with everybody in it who can stand to it in a way of their own."""

from __future__ import annotations

from tests.support.people import Guest, Json
from tests.support.server import Server


class House:
    """A room and all who can stand to it; each has said something at the place `said` tells."""

    def __init__(self, server: Server, accounts: dict[str, Guest]) -> None:
        self.server = server
        guests = ("moderator", "other_moderator", "member", "other", "banned", "stranger")
        self.people = accounts | {name: Guest.sign_in(server.url) for name in guests}
        self.chat = self["creator"].open_chat("The house")
        self.here = f"/chats/{self.chat['id']}"
        self.said: dict[str, int] = {}
        for name, person in self.people.items():
            if name not in ("creator", "stranger"):
                person.join(self.chat)
            if name != "stranger":
                self.said[name] = person.send(self.chat, f"I am {name}")["seq"]
        for name in ("moderator", "other_moderator"):
            self["creator"].put(f"{self.here}/moderators/{self[name].user_id}")
        self["creator"].delete(f"{self.here}/members/{self['banned'].user_id}")

    def __getitem__(self, name: str) -> Guest:
        return self.people[name]

    def audit(self) -> list[tuple[str, str | None, str | None]]:
        """What was noted of this room: action, who, to whom; the oldest first."""
        names = {person.user_id: name for name, person in self.people.items()}
        found = self["host"].get("/audit", limit=200)["entries"]
        return [
            (
                entry["action"],
                names.get(entry["actor"]["user_id"]),
                names.get(entry["user"]["user_id"] if entry["user"] else 0),
            )
            for entry in reversed(found)
            if entry["chat"] == {"id": self.chat["id"], "name": "The house"}
        ]


def reports_of(host: Guest, chat: Json) -> list[Json]:
    return [one for one in host.get("/reports", limit=200)["reports"] if one["chat"]["id"] == chat["id"]]
