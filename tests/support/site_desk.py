"""The host before the editor of the site, with scripts switched off."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from flask.testing import FlaskClient

from porch.access.actors import Actor, actor_for_token
from porch.actions.people.accounts import sign_up
from porch.actions.people.sessions import Browser
from porch.engines import Engines
from tests.support.origin import OWN
from tests.support.people import PASSWORD
from tests.support.visitors import Page


class EditorDesk:
    def __init__(self, app: Flask, folder: Path) -> None:
        self.folder = folder
        self.engines: Engines = app.extensions["porch_engines"]
        self.client = app.test_client()
        self.actor = self.sign_up("Ada", host=True)
        self.client.set_cookie("porch", self.token)

    def sign_up(self, name: str, *, host: bool = False) -> Actor:
        with self.client.application.app_context():
            self.token = sign_up(self.engines, name, PASSWORD, Browser(""), host=host).token
            actor = actor_for_token(self.engines.settings, self.token)
        assert actor is not None
        return actor

    def get(self, path: str) -> Page:
        return page_of(self.client, self.client.get(path))

    def submit(self, page: Page, action: str, button: tuple[str, str] | None = None, **typed: str) -> Page:
        form = next(one for one in page.forms if one.action == action)
        values = dict(form.fields) | typed
        return self.post(action, values | dict([button] if button else []))

    def post(self, path: str, values: dict[str, Any]) -> Page:
        return page_of(self.client, self.client.post(path, data=values, headers=OWN, follow_redirects=True))

    def save(self, path: str, then: str = "publish", **typed: str) -> Page:
        address = "/site/front/" if path == "site.toml" else f"/site/files/{path}/"
        return self.submit(self.get(address), address, ("then", then), **typed)

    def text(self, path: str) -> str:
        return (self.folder / path).read_text()


def page_of(client: FlaskClient, answer: Any) -> Page:
    response = requests.Response()
    response.status_code, response._content = answer.status_code, answer.data
    response.encoding, response.url = "utf-8", f"http://localhost{answer.request.path}"
    return Page(response)


def alert(page: Page) -> str:
    return " ".join(one.text for one in page.all("div", role="alert"))


def upload(desk: EditorDesk, name: str, content: bytes) -> Page:
    return desk.post("/site/images/", {"image": (io.BytesIO(content), name)})
