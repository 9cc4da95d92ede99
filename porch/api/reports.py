"""Reporting a message, and dealing with reports."""

from __future__ import annotations

from flask import Response

from porch.actions.order import reports
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole


class ReportMessage(Body):
    reason: str


class Resolve(Body):
    state: str


@blueprint.post("/chats/<int:chat_id>/messages/<int:seq>/reports")
def create_report(chat_id: int, seq: int) -> Response:
    actor = required_actor()
    new = reports.report_message(engines(), actor, chat_id, seq, json_body(ReportMessage).reason)
    return json_answer({"reported": True}, 201 if new else 200)


@blueprint.get("/chats/<int:chat_id>/reports")
def list_reports(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("after", "limit")
    limit = whole("limit", reports.DEFAULT_REPORTS)
    return json_answer(reports.reports_in(actor, chat_id, after=whole("after", 0), limit=limit))


@blueprint.get("/reports")
def list_all_reports() -> Response:
    actor = required_actor()
    known_parameters("after", "limit")
    limit = whole("limit", reports.DEFAULT_REPORTS)
    return json_answer(reports.all_reports(actor, after=whole("after", 0), limit=limit))


@blueprint.patch("/reports/<int:report_id>")
def update_report(report_id: int) -> Response:
    actor = required_actor()
    reports.resolve(engines(), actor, report_id, json_body(Resolve).state)
    return Response(status=204)
