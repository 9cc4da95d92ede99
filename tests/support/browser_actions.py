"""What a person does with a message that stands in the log."""

from __future__ import annotations

from playwright.sync_api import Error, Locator, expect

from tests.support.browser import Room

MOST_TRIES = 10
A_WHILE = 3000  # milliseconds


class Act:
    """The actions of a room's messages, by pointer; with `touch` by finger."""

    def __init__(self, room: Room, *, touch: bool = False) -> None:
        self.room = room
        self.page = room.page
        self.touch = touch
        self.menu = self.page.get_by_role("menu")
        self.items = self.page.locator("[role=menu] > [role=menuitem]")  # without the row of emoji
        self.editing = self.page.locator(".editing")
        self.save = self.page.locator("#composer").get_by_role("button", name="Save", exact=True)
        self.cancel = self.page.get_by_role("button", name="Cancel")
        self.dialog = self.page.get_by_role("dialog", name="Delete your message?")

    def line(self, text: str) -> Locator:
        """The stored message with exactly this text."""
        return self.room.stored.filter(has=self.page.locator(".say > p").get_by_text(text, exact=True))

    def press(self, what: Locator) -> None:
        if self.touch:
            what.tap()
        else:
            what.click()

    def open(self, text: str) -> None:
        """Open a message's menu."""
        line = self.line(text)
        more = line.get_by_role("button", name="More")
        if self.touch:
            line.locator(".say").tap()
            more.tap()
        else:
            self._click_under_pointer(line, more)
        expect(self.menu).to_be_visible()

    def _click_under_pointer(self, line: Locator, what: Locator) -> None:
        """What comes in meanwhile may move the line from under the pointer: then it is pointed at again."""
        for _ in range(MOST_TRIES):
            line.hover()
            try:
                what.click(timeout=A_WHILE)
            except Error:
                continue
            return
        what.click()

    def choose(self, text: str, item: str) -> None:
        self.open(text)
        self.press(self.items.filter(has_text=item))

    def edit(self, text: str, into: str) -> None:
        self.choose(text, "Edit")
        expect(self.room.composer).to_have_value(text)
        self.room.composer.fill(into)
        self.press(self.save)
        expect(self.editing).to_have_count(0)

    def delete(self, text: str) -> None:
        self.choose(text, "Delete")
        self.press(self.dialog.get_by_role("button", name="Delete", exact=True))
        expect(self.dialog).to_have_count(0)


def open_picker(room: Room) -> Locator:
    """The picker of emoji for the first message, by the keyboard; its field to search by has the focus."""
    keys = room.page.keyboard
    room.page.locator("#m1").focus()
    keys.press("Tab")
    keys.press("Enter")
    expect(room.page.get_by_role("menuitemcheckbox").first).to_be_focused()
    keys.press("ArrowLeft")
    expect(room.page.get_by_role("menuitem", name="More emoji")).to_be_focused()
    keys.press("Enter")
    picker = room.page.get_by_role("dialog", name="React with an emoji")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    return picker
