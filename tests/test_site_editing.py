"""Editing the site in the browser, by plain forms: what is written, refused, and brought back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from porch.actions import site as actions
from porch.errors import Conflict, Forbidden
from porch.site.folder import read_folder
from porch.site.writing import write_sample
from tests.support.origin import OWN
from tests.support.pictures import photo
from tests.support.site_desk import EditorDesk, alert
from tests.support.visitors import Page


@pytest.fixture
def desk(make_app: Callable[..., Flask], tmp_path: Path) -> EditorDesk:
    return EditorDesk(make_app(), tmp_path / "site")


def test_the_first_change_makes_the_sample_ones_own(desk: EditorDesk) -> None:
    assert "This is the sample." in desk.get("/site/").text
    page = desk.save("site.toml", name="Ada Lovelace", hero_headline="Mind the step.")
    assert "It is on the page now." in page.text
    assert desk.get("/").one("h1").text == "Mind the step."
    site = read_folder(desk.folder).site
    assert (site.name, len(site.projects), len(site.interests)) == ("Ada Lovelace", 4, 6)


def test_a_form_that_is_saved_as_it_is_changes_nothing(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    before = read_folder(desk.folder).files
    for path in before:
        assert "Saved" in (page := desk.save(path)).text or "Published" in page.text
    assert read_folder(desk.folder).site.front == read_folder(Path("/no")).site.front
    assert {path: content.split() for path, content in read_folder(desk.folder).files.items()} == {
        path: content.split() for path, content in before.items()
    }


def test_comments_and_order_of_a_file_stay(desk: EditorDesk) -> None:
    desk.save("site.toml", tagline="Another")
    text = desk.text("site.toml")
    assert "# A button without an address opens a room with you." in text
    assert text.index("[hero]") < text.index("[banner]") < text.index("[contact]")
    assert 'tagline = "Another"' in text


def test_every_field_of_the_front_page_is_written_and_read_again(desk: EditorDesk) -> None:
    typed = {
        "name": "Ada", "tagline": "T", "description": "D", "accent": "#7a1f3d", "theme": "press",
        "hero_headline": "H", "hero_text": "One.\r\n\r\nTwo.", "button_1_text": "Talk", "button_1_url": "",
        "button_2_text": "Go", "button_2_url": "https://a.example", "banner_lead": "L", "banner_text": "B",
        "banner_link": "More | /chatrooms/", "projects_title": "P", "projects_nav": "",
        "interests_title": "I",
        "interests_nav": "In", "contact_title": "C", "contact_nav": "", "contact_mail": "a@b.example",
        "contact_places": "By post | 1 Street\r\nMap | There | https://m.example", "contact_social": "Code | https://c.example",
        "contact_note": 'Quotes " and \\ too.',
    }  # fmt: skip
    page = desk.get("/site/front/")
    form = next(one for one in page.forms if one.action == "/site/front/")
    values = {name: value for name, value in form.fields if name not in ("hero_parallax", "banner_open_room")}
    saved = desk.post("/site/front/", values | typed)
    assert saved.status == 200, alert(saved)
    front = read_folder(desk.folder).site.front
    assert (front.accent, front.theme, front.hero.text, front.hero.parallax) == (
        "#7a1f3d",
        "press",
        "One.\n\nTwo.",
        False,
    )
    assert [(one.text, one.url) for one in front.hero.buttons] == [
        ("Talk", None),
        ("Go", "https://a.example"),
    ]
    assert (front.banner.open_room, front.banner.link and front.banner.link.url) == (False, "/chatrooms/")
    assert [(one.label, one.url) for one in front.contact.places] == [
        ("By post", None),
        ("Map", "https://m.example"),
    ]
    assert (front.projects.nav, front.contact.nav, front.contact.note) == ("", "", 'Quotes " and \\ too.')
    again = desk.get("/site/front/")
    shown = dict(next(one for one in again.forms if one.action == "/site/front/").fields)
    assert {name: shown[name].replace("\r\n", "\n") for name in typed if name != "theme"} == {
        name: value.replace("\r\n", "\n") for name, value in typed.items() if name != "theme"
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"accent": "#ffee00"}, "the nearest that passes is #"),
        ({"name": ""}, "site.toml, line 1: name: is missing"),
        ({"button_2_url": "javascript:alert(1)"}, "is not an address"),
        ({"button_2_url": "#nowhere"}, "leads to no part of the front page"),
        ({"contact_places": "no bar"}, "“no bar” is not of the form label | text | url."),
        ({"contact_mail": "nobody"}, "is not a mail address"),
        ({"hero_image": "none.jpg", "hero_alt": "x"}, "there is no image media/none.jpg"),
    ],
)
def test_what_is_wrong_comes_back_with_words_and_nothing_is_written(
    desk: EditorDesk, typed: dict[str, str], said: str
) -> None:
    write_sample(desk.folder)
    before = desk.text("site.toml")
    page = desk.save("site.toml", **{"tagline": "Kept in the form", **typed})
    assert (page.status, said in alert(page)) == (400, True), alert(page)
    assert page.one("input", name="tagline").attributes["value"] == "Kept in the form"
    assert desk.text("site.toml") == before


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"accent": "#ffee00"}, "accent", "the nearest that passes is #"),
        ({"hero_image": "none.jpg", "hero_alt": "x"}, "hero_image", "there is no image media/none.jpg"),
        ({"button_1_text": "", "button_2_url": "javascript:alert(1)"}, "button_2_url", "is not an address"),
        ({"contact_places": "no bar"}, "contact_places", "is not of the form label | text | url."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_too(
    desk: EditorDesk, typed: dict[str, str], field: str, said: str
) -> None:
    write_sample(desk.folder)
    page = desk.save("site.toml", **typed)
    marked = [
        one.attributes
        for tag in ("input", "textarea", "select")
        for one in page.all(tag, aria_invalid="true")
    ]
    assert [one["name"] for one in marked] == [field]
    assert f"{field}-error" in marked[0]["aria-describedby"].split()
    assert said in page.one("p", id=f"{field}-error").text


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("custom.css", "h1 { background: url(https://a.example/x.png) }", "custom.css, line 1: "),
        ("own.html", "<p>One.</p>\n<script>x()</script>", "own.html, line 2: <script> is blocked"),
        ("own.html", '<img src="media/none.jpg" alt="">', "media/none.jpg"),
    ],
)
def test_what_will_not_work_on_the_page_is_saved_and_said(
    desk: EditorDesk, path: str, text: str, said: str
) -> None:
    write_sample(desk.folder)
    (desk.folder / path).write_text("")
    saved = desk.save(path, text=text)
    assert saved.status == 200, alert(saved)
    assert desk.text(path).strip() == text
    assert said in " ".join(one.text for one in saved.all("div", role="status"))
    assert said not in desk.get("/site/front/").text


def test_a_project_is_begun_as_a_draft_and_published(desk: EditorDesk) -> None:
    page = desk.post("/site/new/", {"kind": "project", "title": "Wind and Weather"})
    assert "as a draft" in page.text
    visitor = desk.client.application.test_client()
    assert visitor.get("/projects/wind-and-weather/").status_code == 404
    desk.save("projects/wind-and-weather.md", summary="A vane.", tags="Wood, Wind", links="Plan | https://p.example",
              body="## How\r\n\r\nIt *turns*.", date="2026-05-01", featured="on")  # fmt: skip
    shown = visitor.get("/projects/wind-and-weather/").text
    assert "<em>turns</em>" in shown
    assert "<h2>How</h2>" in shown
    assert "draft" not in desk.text("projects/wind-and-weather.md")
    desk.save("projects/wind-and-weather.md", "draft")
    assert visitor.get("/projects/wind-and-weather/").status_code == 404


def test_html_of_ones_own_is_a_draft_until_it_is_published(desk: EditorDesk) -> None:
    page = desk.post("/site/new/", {"kind": "html", "title": "Press"})
    address, visitor = "/site/files/press.html/", desk.client.application.test_client()
    assert "nobody else sees it" in page.text
    assert first_button(page, address) == ("draft", "Save the draft")
    draft = '+++\ntitle = "Press"  # ours\ndraft = true\n+++\n\n<p>Mine</p>\n'
    form = {"path": "press.html", "text": draft}
    assert "<p>Mine</p>" in desk.client.post("/site/preview/", data=form, headers=OWN).text
    saved = desk.submit(page, address, text=draft)
    assert "Saved as a draft. Nobody else sees it." in saved.text
    assert "<p>Mine</p>" not in visitor.get("/").text
    assert "Published." in desk.save("press.html").text
    assert "<p>Mine</p>" in visitor.get("/").text
    assert desk.text("press.html") == draft.replace("draft = true\n", "")
    assert first_button(desk.get(address), address) == ("publish", "Publish")
    assert "Saved as a draft." in desk.save("press.html", "draft").text
    assert "<p>Mine</p>" not in visitor.get("/").text
    refused = desk.save("press.html", text='+++\ntitle = "\n+++\n')
    assert (refused.status, first_button(refused, address)[0]) == (400, "draft")


@pytest.mark.parametrize(
    ("kind", "title", "file"),
    [
        ("text", "Über uns", "uber-uns.md"),
        ("html", "Straße nach Łódź", "strasse-nach-lodz.html"),
        ("project", "Ölfässer", "projects/olfasser.md"),
        ("project", "don_t – “do”", "projects/don-t-do.md"),
        ("project", "日本", "projects/project.md"),
        ("interest", "Ære & smørrebrød", "interests/aere-smorrebrod.md"),
        ("interest", "Бег", "interests/interest.md"),
        ("text", "日本", "section.md"),
        ("html", "☕", "section.html"),
        ("html", "Straße " * 8, f"{'-'.join(['strasse'] * 7)}.html"),
    ],
)
def test_a_title_in_any_letters_names_a_file(desk: EditorDesk, kind: str, title: str, file: str) -> None:
    page = desk.post("/site/new/", {"kind": kind, "title": title})
    assert (page.status, page.url) == (200, f"http://localhost/site/files/{file}/")
    assert title.strip() in desk.get("/site/").text
    assert f'title = "{title.strip()}"' in desk.text(file)


def test_titles_without_a_letter_for_an_address_get_files_by_number(desk: EditorDesk) -> None:
    for title in ("日本", "中国", "한국"):
        desk.post("/site/new/", {"kind": "project", "title": title})
    made = [desk.text(f"projects/project{number}.md") for number in ("", "-2", "-3")]
    assert [title in text for title, text in zip(("日本", "中国", "한국"), made, strict=True)] == [True] * 3


def test_a_title_that_is_there_already_overwrites_nothing_and_stays_in_its_field(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    before = desk.text("projects/isobar.md")
    page = desk.post("/site/new/", {"kind": "project", "title": "Isobar!"})
    assert (page.status, "There is a file projects/isobar.md already." in alert(page)) == (409, True)
    assert desk.text("projects/isobar.md") == before
    assert [page.one("input", id=f"new-{kind}").attributes["value"] for kind in ("project", "text")] == [
        "Isobar!",
        "",
    ]


def test_a_new_section_is_put_on_the_page(desk: EditorDesk) -> None:
    desk.post("/site/new/", {"kind": "text", "title": "Now"})
    assert read_folder(desk.folder).site.front.sections[-1] == "now.md"
    desk.save("now.md", body="At the bench.")
    assert "At the bench." in desk.get("/").text
    desk.post("/site/new/", {"kind": "html", "title": "Press"})
    page = desk.get("/site/files/press.html/")
    desk.submit(
        page, "/site/files/press.html/", text='+++\ntitle = "Press"\n+++\n<p style="color:red">Mine</p>'
    )
    assert '<p style="color:red">Mine</p>' in desk.client.get("/").text


def test_sections_are_listed_by_their_titles_in_the_language_of_the_page(desk: EditorDesk) -> None:
    desk.post("/site/new/", {"kind": "html", "title": "Press"})
    desk.submit(desk.get("/site/files/press.html/"), "/site/files/press.html/", text="<p>Mine</p>")
    page = desk.client.get("/site/", headers={"Accept-Language": "de"}).text
    assert '<a href="/site/files/press.html/">Press</a>' in page
    assert '<option value="hero">Aufmacher, noch einmal</option>' in page
    assert '<option value="press.html">Press, noch einmal</option>' in page
    seen = actions.overview(actions.files_now(desk.engines))
    put = {"list": "sections", "name": "hero", "place": "0", "move": "remove", "seen": seen}
    desk.post("/site/order/", put)
    page = desk.client.get("/site/", headers={"Accept-Language": "de"}).text
    assert '<option value="hero">Aufmacher</option>' in page


@pytest.mark.parametrize("kind", ["project", "interest", "text", "html"])
@pytest.mark.parametrize("title", ["", "日本", "../../etc/passwd", "a" * 300, "<script>", "Con\0trol"])
def test_whatever_the_title_files_stay_in_the_folder(
    desk: EditorDesk, tmp_path: Path, kind: str, title: str
) -> None:
    page = desk.post("/site/new/", {"kind": kind, "title": title})
    assert page.status in (200, 400)
    names = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.md")}
    assert names <= {"site"}


@pytest.mark.parametrize(
    "path",
    [
        "../secret.md",
        "projects/../../secret.md",
        "media/a.jpg",
        ".ssh.md",
        "projects/a/b.md",
        "chat.db",
        "a%2f..%2fb.md",
    ],
)
def test_paths_of_no_site_are_not_found(desk: EditorDesk, path: str) -> None:
    assert desk.client.get(f"/site/files/{path}/").status_code == 404
    answer = desk.client.post(f"/site/files/{path}/", data={"text": "x", "seen": ""}, headers=OWN)
    assert answer.status_code in (404, 405)
    assert (
        desk.client.post("/site/preview/", data={"path": path, "text": "x"}, headers=OWN).status_code == 404
    )


def test_what_was_changed_elsewhere_is_not_overwritten_and_both_are_shown(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    page = desk.get("/site/files/about.md/")
    (desk.folder / "about.md").write_text('+++\ntitle = "About"\n+++\n\nWritten by an editor.\n')
    refused = desk.submit(page, "/site/files/about.md/", body="Written in the browser.")
    assert refused.status == 409
    assert "Nothing was overwritten." in alert(refused)
    assert "Written by an editor." in refused.one("pre").text
    assert "Written in the browser." in refused.one("textarea", name="body").text
    assert "Written by an editor." in desk.text("about.md")
    desk.submit(refused, "/site/files/about.md/", ("then", "publish"))
    assert "Written in the browser." in desk.text("about.md")


def test_of_two_who_save_at_once_one_is_told(desk: EditorDesk) -> None:
    """Through the action, from eight threads: no change is lost in silence."""
    write_sample(desk.folder)
    actor = desk.actor
    seen = actions.digest(actions.files_now(desk.engines)["about.md"])
    ends: list[str] = []

    def save(number: int) -> None:
        content = f"Number {number}.".encode()
        try:
            actions.change_files(
                desk.engines, actor, lambda files: {"about.md": content}, seen={"about.md": seen}, change="x"
            )
            ends.append(f"Number {number}.")
        except Conflict:
            ends.append("told")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("told") == 7
    assert desk.text("about.md") in ends


def test_only_the_host_writes(desk: EditorDesk) -> None:
    bob = desk.sign_up("Bob")
    for call in (
        lambda: actions.change_files(desk.engines, bob, lambda files: {}, seen={}, change=""),
        lambda: actions.add_image(desk.engines, bob, "a.jpg", photo()),
        lambda: actions.delete_image(desk.engines, bob, "a.jpg"),
        lambda: actions.bring_back(desk.engines, bob, "x", seen=""),
    ):
        with pytest.raises(Forbidden):
            call()
    assert not desk.folder.exists()


def test_the_version_before_can_be_brought_back_and_back_again(desk: EditorDesk) -> None:
    desk.save("site.toml", tagline="First")
    desk.save("site.toml", tagline="Second")
    desk.post("/site/new/", {"kind": "interest", "title": "Extra"})

    def undo() -> Page:
        return desk.submit(desk.get("/site/"), "/site/undo/")

    assert "Brought back." in undo().text
    assert not (desk.folder / "interests" / "extra.md").exists()
    undo()
    assert (desk.folder / "interests" / "extra.md").exists()
    versions = actions.versions(desk.engines)
    assert [version.change for version in versions][-2:] == ["The front page", "The front page"]
    oldest = desk.post(
        "/site/undo/",
        {"version": versions[-2].name, "seen": actions.overview(actions.files_now(desk.engines))},
    )
    assert "Brought back." in oldest.text
    assert read_folder(desk.folder).site.tagline == "First"


def test_an_old_list_brings_nothing_back(desk: EditorDesk) -> None:
    desk.save("site.toml", tagline="First")
    page = desk.get("/site/")
    (desk.folder / "about.md").write_text("Written by an editor.")
    refused = desk.submit(page, "/site/undo/")
    assert (refused.status, desk.text("about.md")) == (409, "Written by an editor.")


def given(made: dict[str, bytes | None], _: object) -> dict[str, bytes | None]:
    return made


def test_not_more_than_thirty_versions_are_kept(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    actor = desk.actor
    for number in range(33):
        made: dict[str, bytes | None] = {"about.md": f"{number}".encode()}
        actions.change_files(desk.engines, actor, partial(given, made), seen={}, change="x")
    assert len(actions.versions(desk.engines)) == 30


def test_sections_are_moved_by_buttons_and_taken_off(desk: EditorDesk) -> None:
    def press(name: str, place: int, move: str) -> Page:
        seen = actions.overview(actions.files_now(desk.engines))
        return desk.post(
            "/site/order/",
            {"list": "sections", "name": name, "place": str(place), "move": move, "seen": seen},
        )

    def sections() -> list[str]:
        return list(read_folder(desk.folder).site.front.sections)

    assert "Moved." in press("hero", 0, "down").text
    assert sections() == ["banner", "hero", "about", "projects", "interests"]
    press("interests", 4, "up")
    press("about", 2, "remove")
    assert sections() == ["banner", "hero", "interests", "projects"]
    press("banner", 0, "add")
    assert sections() == ["banner", "hero", "interests", "projects", "banner"]
    assert press("hero", 3, "up").status == 409
    assert press("nothing.md", 0, "add").status == 404
    assert "# The page from top to bottom" in desk.text("site.toml")


def test_projects_and_interests_are_moved_by_buttons(desk: EditorDesk) -> None:
    for name, folder in (("projects", "projects"), ("interests", "interests")):
        site = read_folder(desk.folder).site
        before = [item.slug for item in getattr(site, name)]
        seen = actions.overview(actions.files_now(desk.engines))
        path = f"{folder}/{before[2]}.md"
        desk.post("/site/order/", {"list": name, "name": path, "move": "up", "seen": seen})
        after = [item.slug for item in getattr(read_folder(desk.folder).site, name)]
        assert after == [before[0], before[2], before[1], *before[3:]]


def test_a_file_is_deleted_and_brought_back(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    page = desk.submit(desk.get("/site/files/projects/isobar.md/"), "/site/delete/")
    assert "Deleted." in page.text
    assert not (desk.folder / "projects" / "isobar.md").exists()
    desk.submit(page, "/site/undo/")
    assert (desk.folder / "projects" / "isobar.md").exists()
    refused = desk.post(
        "/site/delete/", {"path": "site.toml", "seen": actions.overview(actions.files_now(desk.engines))}
    )
    assert refused.status == 404


def test_a_mistake_made_elsewhere_is_shown_and_can_be_mended_here(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    desk.get("/")
    (desk.folder / "site.toml").write_text(desk.text("site.toml").replace("headline =", "headlin ="))
    page = desk.get("/site/")
    assert "hero.headlin: there is no such key" in alert(page)
    raw = desk.get("/site/files/site.toml/")
    text = raw.one("textarea", name="text").text.removeprefix("\n")
    assert desk.submit(raw, "/site/files/site.toml/", text=text).status == 400
    desk.submit(raw, "/site/files/site.toml/", text=text.replace("headlin =", "headline ="))
    assert read_folder(desk.folder).site.hero.headline


def test_a_mistake_in_one_file_does_not_keep_others_from_being_saved(desk: EditorDesk) -> None:
    write_sample(desk.folder)
    (desk.folder / "projects" / "isobar.md").write_text("+++\nbroken")
    page = desk.get("/site/files/about.md/")
    saved = desk.submit(page, "/site/files/about.md/", ("then", "publish"), body="Said.")
    assert saved.status == 200, alert(saved)
    assert "Said." in desk.text("about.md")


def test_a_link_in_the_folder_is_not_written_through(desk: EditorDesk, tmp_path: Path) -> None:
    write_sample(desk.folder)
    outside = tmp_path / "outside.md"
    outside.write_text("mine")
    (desk.folder / "about.md").unlink()
    (desk.folder / "about.md").symlink_to(outside)
    actions.change_files(desk.engines, desk.actor, lambda files: {"about.md": b"new"}, seen={}, change="x")
    assert outside.read_text() == "mine"
    assert desk.text("about.md") == "new"


def first_button(page: Page, action: str) -> tuple[str, str]:
    """What Enter presses, and Ctrl+S: both are the same button."""
    form = page.response.text.partition(f'action="{action}" autocomplete="off" data-editor')[2].partition(
        "</form>"
    )[0]
    buttons = re.findall(r"<button([^>]*)>([^<]*)", form)
    assert [number for number, (attributes, _) in enumerate(buttons) if "data-save" in attributes] == [0]
    value = re.search(r'value="(\w+)"', buttons[0][0])
    return (value[1] if value else "", buttons[0][1])


@pytest.mark.parametrize("kind", ["project", "interest", "text"])
def test_enter_and_ctrl_s_publish_no_draft(desk: EditorDesk, kind: str) -> None:
    page = desk.post("/site/new/", {"kind": kind, "title": "Wind"})
    path = {"project": "projects/wind.md", "interest": "interests/wind.md", "text": "wind.md"}[kind]
    address = f"/site/files/{path}/"
    assert first_button(page, address) == ("draft", "Save the draft")
    refused = desk.submit(page, address, ("then", "publish"), title="x" * 90)
    assert refused.status == 400
    assert first_button(refused, address) == ("draft", "Save the draft"), "what was refused is a draft still"
    published = desk.save(path, summary="A vane.", body="It turns.", icon="ridge")
    assert published.status == 200, alert(published)
    assert first_button(published, address) == ("publish", "Publish")
    assert first_button(desk.get("/site/front/"), "/site/front/") == ("", "Save")


def test_a_draft_that_is_gone_meanwhile_is_not_published_by_enter(desk: EditorDesk) -> None:
    page = desk.post("/site/new/", {"kind": "project", "title": "Wind"})
    (desk.folder / "projects" / "wind.md").unlink()
    refused = desk.submit(page, "/site/files/projects/wind.md/", ("then", "draft"))
    assert refused.status == 409
    assert first_button(refused, "/site/files/projects/wind.md/")[0] == "draft"


def test_the_last_section_can_be_taken_off(desk: EditorDesk) -> None:
    desk.folder.mkdir()
    (desk.folder / "site.toml").write_text('name = "Ada"\nsections = ["about"]\n')
    (desk.folder / "about.md").write_text("Somebody.\n")
    form = {"list": "sections", "name": "about", "place": "0", "move": "off"}
    overview = actions.overview(actions.files_now(desk.engines))
    page = desk.post("/site/order/", form | {"seen": overview})
    assert page.status == 200, alert(page)
    assert read_folder(desk.folder).site.front.sections == ()
    desk.save("site.toml", tagline="Bare")
    assert read_folder(desk.folder).site.front.sections == (), "saving the front page leaves them alone"


def test_a_folder_with_nothing_of_a_site_in_it_counts_as_none(desk: EditorDesk) -> None:
    (desk.folder / "media").mkdir(parents=True)
    (desk.folder / "media" / "ridge.jpg").write_bytes(photo(40, 30))
    (desk.folder / ".gitignore").write_text("x")
    assert desk.get("/").one("h1").text == "Come up and sit a while."
    assert "This is the sample." in desk.get("/site/").text
    assert desk.get("/site/front/").status == 200
    assert desk.save("site.toml", hero_headline="Mind the step.").status == 200
    assert desk.get("/").one("h1").text == "Mind the step."
    assert (desk.folder / "media" / "ridge.jpg").exists()


def test_a_folder_without_site_toml_can_be_mended_in_the_browser(desk: EditorDesk) -> None:
    desk.folder.mkdir()
    (desk.folder / "about.md").write_text("Somebody.\n")
    assert desk.post("/site/order/", {"list": "sections", "name": "about", "move": "add"}).status in (
        400,
        409,
    )
    assert desk.get("/site/front/").status == 302
    page = desk.get("/site/files/site.toml/")
    saved = desk.submit(page, "/site/files/site.toml/", text='name = "Ada"\n')
    assert saved.status == 200, alert(saved)
    assert "Somebody." in desk.get("/").text
    (desk.folder / "site.toml").unlink()
    values = {"seen": "", "name": "Ada", "accent": "#185c68", "theme": "porch"}
    assert desk.post("/site/front/", values).status == 200
    assert 'name = "Ada"' in desk.text("site.toml")
