"""Rooms that were written as files, in a browser that has nothing but them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.support.exported import write_export

# Of a member, who sends it as a file: a browser opens it like any page, whatever the link says.
CURIOUS = """<!doctype html><title>Minutes</title><script>
  window.porchRoom = (...told) => { document.title = JSON.stringify(told); };
  const inside = ["words.js", "messages.jsonl", "room.json", "1.html"];
  for (const name of [...inside, "../../index.html", "../../rooms.json"]) {
    const script = document.createElement("script");
    script.src = `../../rooms/1/${name}`;
    document.head.append(script);
    fetch(script.src).then(() => { document.title = name; }).catch(() => {});
  }
</script>"""


def test_it_is_read_and_searched_from_the_disk(tmp_path: Path, browser: Browser) -> None:
    write_export(tmp_path)
    context = browser.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on("console", lambda line: problems.append(line.text))
    page.goto((tmp_path / "export" / "index.html").as_uri())
    page.get_by_label("Search in all rooms").fill("cafe the end")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_have_text("1 message")
    expect(page.locator("#hits p")).to_contain_text(": Café at the very end\ntea")
    page.locator("#hits a").click()
    expect(page.locator(":target .say strong")).to_have_text("the")
    expect(page.locator(":target .say li a")).to_have_attribute("href", "https://tea.example/")
    page.get_by_role("link", name="Older messages").first.click()
    expect(page.locator("#m2 .say")).to_contain_text("</script><script>alert(1)")
    expect(page.locator("#m2 strong")).to_have_text("loud")
    expect(page.locator("#m3 .gone")).to_have_text("This message was deleted.")
    expect(page.locator("#m1 img")).to_be_visible()
    assert page.evaluate("document.querySelector('#m1 img').naturalWidth") > 0
    assert problems == []
    context.close()


def test_a_file_that_somebody_sent_reads_none_of_what_was_said(tmp_path: Path, browser: Browser) -> None:
    write_export(tmp_path)
    sent = tmp_path / "export" / "files" / "9" / "minutes.html"
    sent.parent.mkdir()
    sent.write_text(CURIOUS, "utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(sent.as_uri(), wait_until="load")
    page.wait_for_load_state("networkidle")
    assert page.title() == "Minutes"
    context.close()
