"""The room's link: shown, copied and drawn, also where the browser is not trusted with a clipboard."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import segno
from playwright.sync_api import Locator, expect

from tests.support.browser import PHONE, Person, Room
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server

Make = Callable[..., Person]

# The modules of a code in a picture, row by row; 1 is dark.
READ_PICTURE = """async ([picture, side]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  const at = (module, size) => Math.floor((module + 0.5) * size / side);
  const dark = (x, y) => {
    const start = 4 * (at(y, image.height) * image.width + at(x, image.width));
    return data[start] + data[start + 1] + data[start + 2] < 3 * 128;
  };
  const modules = [...Array(side).keys()];
  return modules.map((y) => modules.map((x) => dark(x, y) ? "1" : "0").join(""));
}"""


@pytest.fixture(params=["localhost", "plain http"])
def site(request: pytest.FixtureRequest, server: Server) -> str:
    """The server's address, as a browser trusts it and as it does not."""
    return server.url if request.param == "localhost" else f"http://porch.test:{urlsplit(server.url).port}"


def assert_leads_to(code: Locator, link: str) -> None:
    """The code, as it stands on the screen, is the one of this link, dark on light."""
    expect(code).to_be_visible()
    expect(code).to_be_in_viewport(ratio=1)
    rows = ["".join("01"[dark] for dark in row) for row in segno.make(link, error="m").matrix_iter(border=4)]
    picture = base64.b64encode(code.screenshot()).decode()
    browser = code.page.context.browser
    assert browser is not None
    reader = browser.new_page()
    assert reader.evaluate(READ_PICTURE, [picture, len(rows)]) == rows
    reader.close()


def pasted(room: Room) -> str:
    """What the clipboard holds, by pasting it as a person does."""
    room.composer.fill("")
    room.composer.press("ControlOrMeta+v")
    text = room.composer.input_value()
    room.composer.fill("")
    return text


def test_the_link_is_copied_and_drawn_and_leads_into_the_room(visitor: Make, chat: Json, site: str) -> None:
    ann = visitor(url=site)
    room = ann.come_in(chat, a_name())
    page, link = room.page, site + chat["url"]
    assert page.evaluate("isSecureContext") == ("127.0.0.1" in site)
    below = page.locator(".composer")
    panel = page.get_by_role("complementary")
    expect(below.locator("code")).to_have_text(link)
    expect(panel.locator("code")).to_have_text(link)
    below.get_by_text("QR code", exact=True).click()
    for place in (below, panel):
        assert_leads_to(place.get_by_role("img", name="QR code"), link)
    below.get_by_text("QR code", exact=True).click()

    empty = page.locator("#empty")
    for place in (below, panel, empty):
        room.composer.fill("something else")
        room.composer.press("ControlOrMeta+a")
        room.composer.press("ControlOrMeta+x")
        place.locator("button[data-copy]").click()
        expect(place.get_by_role("button", name="Copied")).to_be_visible()
        assert pasted(room) == link
    room.say("Sent from here")
    room.shows("Sent from here")
    expect(page.locator(".msg.mine[id]")).to_have_count(1)
    page.reload()
    room.ready().shows("Sent from here")


def test_what_is_sent_from_plain_http_goes_out_under_a_uuid(
    visitor: Make, host: Guest, chat: Json, server: Server
) -> None:
    """Without crypto.randomUUID, and by both ways of sending."""
    ann = visitor(url=f"http://porch.test:{urlsplit(server.url).port}")
    room = ann.come_in(chat, a_name())
    assert room.page.evaluate("typeof crypto.randomUUID") == "undefined"
    room.say("By socket")
    expect(room.stored).to_have_count(1)
    room.page.get_by_label("Ask once a second").check()
    with room.page.expect_request(lambda request: request.method == "POST") as posted:
        room.say("By request")
    expect(room.stored).to_have_count(2)
    uuid4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    sent: Any = posted.value.post_data_json
    assert re.fullmatch(uuid4, sent["client_id"])
    stored = {m["content"]: m["client_id"] for m in host.after(chat, 0)["messages"]}
    assert stored["By request"] == sent["client_id"]
    assert re.fullmatch(uuid4, stored["By socket"])


def test_on_a_phone_the_link_is_in_the_sheet(person: Make, chat: Json) -> None:
    ann = person(**PHONE)
    room = ann.enter(chat).ready()
    link = ann.url + chat["url"]
    way_in = room.page.get_by_role("link", name="The link to this room")
    way_in.tap()
    sheet = room.page.get_by_role("dialog")
    expect(sheet.locator("code")).to_have_text(link)
    assert_leads_to(sheet.get_by_role("img", name="QR code"), link)
    sheet.get_by_role("button", name="Copy").tap()
    expect(sheet.get_by_role("button", name="Copied")).to_be_visible()
    sheet.get_by_role("link", name="Close").tap()
    expect(sheet).to_be_hidden()
    expect(way_in).to_be_focused()
    assert pasted(room) == link


def test_the_link_can_be_read_in_the_dark_and_without_scripts(person: Make, chat: Json) -> None:
    ann = person(java_script_enabled=False, color_scheme="dark")
    room = ann.enter(chat)
    link = ann.url + chat["url"]
    expect(room.page.locator(".composer code")).to_have_text(link)
    expect(room.page.get_by_role("button", name="Copy")).to_have_count(0)  # it could not do anything
    room.page.locator(".composer").get_by_text("QR code", exact=True).click()
    assert_leads_to(room.page.locator(".composer").get_by_role("img", name="QR code"), link)
