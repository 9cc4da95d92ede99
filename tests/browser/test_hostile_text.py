"""Names, room names and messages made to run as code, on every page that shows them: nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.support.browser import Person, give_name
from tests.support.browser_harmless import assert_harmless
from tests.support.people import Guest, Json, Refused, a_name
from tests.support.server import Server
from tests.support.ways import with_scripts_and_at_length_without

Make = Callable[..., Person]

# Each would set window.hit in a page that takes it for markup, script, a style or an address.
PAYLOADS = [
    "<script>hit=1</script>",
    "</script><script>hit=1</script>",
    "<!--<script>hit=1</script>-->",
    "<img src=x onerror=hit=1>",
    "<svg onload=hit=1>",
    "<svg><script>hit=1</script></svg>",
    '"><img src=x onerror=hit=1>',
    "' autofocus onfocus=hit=1 x='",
    '" onmouseover=hit=1 x="',
    "</textarea><img src=x onerror=hit=1>",
    "</title><svg/onload=hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<math><mtext></p><img src=x onerror=hit=1>",
    "<style>*{background:url(javascript:hit=1)}</style>",
    "<link rel=stylesheet href=data:,*{color:red}>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:hit=1'>",
    "<form action=javascript:hit=1><button>x</button></form>",
    "javascript:hit=1",
    "[x](javascript:hit=1)",
    'https://example.org/"onmouseover=hit=1//',
    "https://example.org/<img src=x onerror=hit=1>",
    "{{7*7}}${hit=1}<%= hit=1 %>",
    "{{constructor.constructor('hit=1')()}}",
    "&lt;script&gt;hit=1&lt;/script&gt;&#60;b&#62;",
    "<noscript><p title='</noscript><img src=x onerror=hit=1>'>",
    "\u2028hit=1//\u2029</script>",
    # Harmless when it is parsed once, and no more when what came out is parsed again.
    "<svg></p><style><g title='</style><img src=x onerror=hit=1>'>",
    "<form><math><mtext></form><form><mglyph><style><img src=x onerror=hit=1>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=hit=1&gt;'>",
    "<select><template><img src=x onerror=hit=1></template></select>",
]


@pytest.fixture(scope="module")
def hostile_chat(server: Server) -> Json:
    """A room where every payload was said, by people whose names are payloads where the rules let them."""
    opener = Guest.sign_in(server.url)
    opened = opener.open_chat("</script><img src=x onerror=hit=1>")
    named = 0
    for payload in PAYLOADS:
        try:
            author = Guest.sign_in(server.url, payload[:32])
            named += 1
        except Refused:
            author = opener
        author.join(opened)
        author.send(opened, payload)
    assert named > 10, "these names are not tried at all"
    return opened


@with_scripts_and_at_length_without
def test_what_is_said_in_a_room_is_shown_and_never_run(
    person: Make, hostile_chat: Json, scripts: bool
) -> None:
    ann = person(java_script_enabled=scripts)
    room = ann.enter(hostile_chat)
    page = room.page
    expect(page.locator("h1")).to_have_text(hostile_chat["name"])
    expect(room.lines).to_have_count(len(PAYLOADS))
    assert room.contents() == PAYLOADS
    if scripts:
        for text in room.texts.all()[:12]:
            text.hover()
    assert_harmless(page)
    assert page.title().startswith(hostile_chat["name"])
    ann.open("/chatrooms/")
    expect(page.get_by_role("listitem").filter(has_text=hostile_chat["name"])).to_be_visible()
    assert_harmless(page)


def test_what_comes_live_is_shown_and_never_run(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    for payload in PAYLOADS:
        host.send(chat, payload)
    expect(room.texts.last).to_have_text(PAYLOADS[-1].strip())
    assert room.contents() == PAYLOADS
    expect(room.page.locator("#announcer")).not_to_be_empty()
    room.say(PAYLOADS[0])
    expect(room.page.locator(".msg.mine[id] .say p")).to_have_text(PAYLOADS[0])
    assert_harmless(room.page)


@with_scripts_and_at_length_without
def test_what_a_form_shows_again_is_never_run(visitor: Make, hostile_chat: Json, scripts: bool) -> None:
    ann = visitor(java_script_enabled=scripts)
    ann.expects("status of 40[049]")
    page = ann.open(hostile_chat["url"])
    expect(page.get_by_role("heading", level=1)).to_have_text(hostile_chat["name"])
    for payload in ('"><img src=x onerror=hit=1>' + "x" * 30, "</script><script>hit=1</script>\x07"):
        ann.open("/sessions/new/?next=" + quote(f"/chatrooms/{payload}/"))
        page.get_by_label("What should we call you?").fill(payload)
        page.get_by_role("button", name="Come in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_harmless(page)
        ann.open("/chatrooms/")
        page.get_by_label("What is the room about?").fill(payload * 3)
        page.get_by_role("button", name="Open the room").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_harmless(page)
        ann.open(f"/chatrooms/{quote(payload)}/")
        assert_harmless(page)


def test_a_name_of_markup_is_a_name_on_every_page(visitor: Make, hostile_chat: Json) -> None:
    ann = visitor()
    ann.expects("status of 40[49]")
    page = ann.come_in(hostile_chat, "<img src=x onerror=hit=2>").page
    for path in (hostile_chat["url"], "/", "/chatrooms/", "/no/such/page"):
        ann.open(path)
        expect(page.locator(".top")).to_contain_text(f"You are {ann.name}")
        assert_harmless(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("main")).to_contain_text(ann.name)
    assert_harmless(page)
    other = visitor()
    other.expects("status of 409")
    page = other.open("/sessions/new/")
    page.get_by_label("What should we call you?").fill(ann.name)
    page.get_by_role("button", name="Come in").click()
    expect(page.locator("button[name=username]").first).to_contain_text("<img")
    assert_harmless(page)


@with_scripts_and_at_length_without
def test_signing_in_leads_nowhere_else(visitor: Make, scripts: bool) -> None:
    ann = visitor(java_script_enabled=scripts)
    for target in (
        "javascript:hit=1",
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example/",
        "\t//evil.example/",
    ):
        ann.open("/robots.txt")  # the page before would still ask who writes to her
        ann.context.clear_cookies()
        page = ann.open("/sessions/new/?next=" + quote(target, safe=""))
        give_name(page, name := a_name())
        expect(page.locator(".top")).to_contain_text(f"You are {name}")
        assert page.url.startswith(ann.url + "/")
        assert_harmless(page)


def test_the_guard_of_these_tests_sees_a_violation(person: Make, chat: Json) -> None:
    """A page that breaks the policy, or runs what it should not, would be seen."""
    ann = person()
    room = ann.enter(chat).ready()
    blocked = room.page.evaluate(
        """() => { try { document.querySelector("#feed").innerHTML = "<b>x</b>"; return false; }
                 catch (error) { return error instanceof TypeError; } }"""
    )
    assert blocked
    room.page.evaluate("""() => {
      const image = document.createElement("img");
      image.src = "https://evil.example/pixel.gif";
      document.body.append(image);
    }""")
    ann.until(lambda: any("img-src" in problem for problem in ann.problems))
    assert any("require-trusted-types-for" in problem for problem in ann.problems)
    assert len(ann.unexpected()) >= 2
    ann.expects("require-trusted-types-for|TrustedHTML", "img-src|evil.example")
