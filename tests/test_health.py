"""What watches over the process is told whether it is alive and can serve."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from porch.engines import readiness
from porch.engines.postgres.committer import PostgresCommitter
from porch.engines.readiness import Readiness
from porch.engines.writing.committer import SqliteCommitter
from porch.engines.writing.writer import Writer
from tests.support.database import locked
from tests.support.openapi import confirm_described
from tests.support.people import Json
from tests.support.waiting import eventually


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question looks anew."""
    monkeypatch.setattr(readiness, "GOOD_FOR", 0.0)


def ready(client: FlaskClient) -> tuple[int, Json]:
    answer = client.get("/readyz")
    assert isinstance(answer.json, dict)
    confirm_described("/readyz", "get", answer.status_code, answer.json)
    return answer.status_code, answer.json


WELL = (200, {"ok": True, "missing": []})


def without(*what: str) -> tuple[int, Json]:
    return 503, {"ok": False, "missing": list(what)}


def test_all_is_well(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"ok": True}
    assert ready(client) == WELL


def test_nothing_is_told_or_kept_of_who_asks(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path, headers={"Cookie": "porch=nonsense", "Host": "10.0.0.7:8000"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("hasty")
def test_a_database_that_somebody_else_holds_is_not_ready_until_it_is_let_go(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = app.extensions["porch_engines"].settings.data
    assert ready(client) == WELL
    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    with locked(data):
        assert ready(client) == without("writer")
        assert client.get("/healthz").status_code == 200
    eventually(lambda: ready(client) == WELL)


@pytest.mark.usefixtures("hasty")
def test_a_database_that_cannot_be_written_is_missing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer: Writer = app.extensions["porch_engines"].writer

    def refuse(*_: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("readonly database"))

    for committer in (SqliteCommitter, PostgresCommitter):
        monkeypatch.setattr(committer, "commit", refuse)
    assert ready(client) == without("database")
    monkeypatch.undo()
    assert not writer.has_failed


@pytest.mark.usefixtures("hasty")
def test_a_writer_that_has_ended_is_missing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        raise RuntimeError("something that nobody thought of")

    monkeypatch.setattr("porch.engines.writing.writer.Writer._work", end)
    assert ready(client) == without("writer")
    assert app.extensions["porch_engines"].writer.has_failed


def test_a_process_that_stops_is_not_ready(app: Flask, client: FlaskClient) -> None:
    app.extensions["porch_engines"].readiness.stop()
    assert ready(client) == without("stopping")
    assert client.get("/healthz").status_code == 200


def test_asking_often_costs_one_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    writer: Writer = app.extensions["porch_engines"].writer
    looks = []
    submit = writer.submit

    def count(*what: Any, **how: Any) -> Any:
        looks.append(what)
        return submit(*what, **how)

    monkeypatch.setattr(writer, "submit", count)
    asked = Readiness(writer)
    assert [asked.missing() for _ in range(100)] == [[]] * 100
    assert len(looks) < 5
