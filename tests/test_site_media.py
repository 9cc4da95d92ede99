"""Images of the site by the editor: uploaded, used, refused, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.support.origin import OWN
from tests.support.pictures import photo, png
from tests.support.site_desk import EditorDesk, upload


@pytest.fixture
def desk(make_app: Callable[..., Flask], tmp_path: Path) -> EditorDesk:
    return EditorDesk(make_app(), tmp_path / "site")


def test_an_image_is_uploaded_chosen_and_shown(desk: EditorDesk) -> None:
    assert "Added." in upload(desk, "My Garden (1).JPG", photo(900, 600)).text
    assert (desk.folder / "media" / "my-garden-1.jpg").exists()
    assert "Added." in upload(desk, "My Garden (1).JPG", photo(500, 500)).text
    assert (desk.folder / "media" / "my-garden-1-2.jpg").exists()
    desk.save("site.toml", hero_image="my-garden-1.jpg", hero_alt="The garden")
    shown = desk.client.application.test_client().get("/").text
    assert re.search(
        r'<img src="/media/[0-9a-f]{32}/\d+\.jpg"[^>]* alt="The garden" width="900" height="600"', shown
    )
    refused = desk.post("/site/images/my-garden-1.jpg/", {})
    assert (refused.status, "It is used in site.toml." in refused.text) == (409, True)
    assert "Deleted." in desk.post("/site/images/my-garden-1-2.jpg/", {}).text


def test_an_image_with_other_letters_in_its_name_is_called_as_it_sounds(desk: EditorDesk) -> None:
    for name in ("Übersicht Łódź.jpg", "日本.jpg"):
        assert "Added." in upload(desk, name, photo(90, 60)).text
    assert (desk.folder / "media" / "ubersicht-lodz.jpg").exists()
    assert (desk.folder / "media" / "image.jpg").exists()


def test_an_image_is_not_in_use_because_its_name_ends_anothers(desk: EditorDesk) -> None:
    for name in ("my-loom.jpg", "loom.jpg", "loom.jpg.webp"):
        upload(desk, name, photo(90, 60))
    desk.save("site.toml", hero_image="my-loom.jpg", hero_alt="The loom")
    page = desk.get("/site/images/")
    assert page.text.count("in use") == 1
    assert "Deleted." in desk.post("/site/images/loom.jpg/", {}).text
    (desk.folder / "press.html").write_text("<img src='media/my-loom.jpg' alt=''>")
    refused = desk.post("/site/images/my-loom.jpg/", {})
    assert "It is used in press.html, site.toml." in refused.text


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.svg", b"<svg/>", 400),
        ("a.jpg", b"<svg onload=alert(1)>", 400),
        ("a.jpg", b"", 400),
        ("", b"x", 400),
        ("a.png", png(60_000, 60_000, bytes(1000)), 413),
        ("../../a.html", photo(), 400),
        ("a.jpg\0.html", photo(), 400),
    ],
)
def test_what_is_no_image_is_refused_and_not_written(
    desk: EditorDesk, name: str, content: bytes, status: int
) -> None:
    page = upload(desk, name, content)
    assert page.status == status
    assert page.errors
    assert not desk.folder.exists() or not any((desk.folder / "media").iterdir())


@pytest.mark.parametrize(
    "name", ["../../../evil.jpg", "/etc/evil.jpg", "..\\evil.jpg", ".evil.jpg", "CON.jpg "]
)
def test_whatever_an_upload_is_called_it_lands_in_media(desk: EditorDesk, tmp_path: Path, name: str) -> None:
    upload(desk, name, photo())
    found = [path for path in tmp_path.rglob("*.jpg") if "images" not in path.parts]
    assert all(path.parent == desk.folder / "media" for path in found)


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(desk: EditorDesk) -> None:
    answer = desk.client.post(
        "/site/images/",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(27 * 1024 * 1024)},
        headers=OWN,
    )
    assert answer.status_code == 413
