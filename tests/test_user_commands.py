"""Commands about people: what they refuse before they ask for anything."""

from __future__ import annotations

from flask import Flask

from tests.support.people import PASSWORD


def test_a_name_that_is_taken_is_refused_before_a_password_is_asked_for(app: Flask) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["user", "add", "Mallory", "--password-stdin"], input=f"{PASSWORD}\n")
    again = run.invoke(args=["user", "add", "mallory"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert again.exit_code == 1
    assert again.output.startswith("Error: mallory is somebody else here. Free: ")


def test_an_account_that_is_not_there_is_told_before_a_password_is_asked_for(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["user", "passwd", "Nobody"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (told.exit_code, told.output) == (1, "Error: There is no account Nobody.\n")


def test_a_site_without_a_host_is_told_of(app: Flask) -> None:
    run = app.test_cli_runner()
    warning = "Nobody is the host now. To make somebody that: porch user role NAME admin\n"
    for name in ("Oda", "Ravi"):
        run.invoke(args=["user", "add", name, "--role", "admin", "--password-stdin"], input=f"{PASSWORD}\n")
    first = run.invoke(args=["user", "disable", "Oda"])
    assert (first.exit_code, warning in first.output) == (0, False)
    for last in (["user", "disable", "Ravi"], ["user", "role", "Ravi", "member"]):
        assert run.invoke(args=last).output.endswith(warning)
    assert run.invoke(args=["user", "role", "Oda", "admin"]).output == f"Oda is a host now.\n{warning}"
    assert run.invoke(args=["user", "enable", "Oda"]).exit_code == 0
    assert run.invoke(args=["user", "role", "Ravi", "admin"]).output == "Ravi is a host now.\n"
