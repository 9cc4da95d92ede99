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
