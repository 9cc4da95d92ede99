"""QR codes: the drawn path is the code."""

from __future__ import annotations

import re

import pytest
import segno

from porch.pages.qr import QUIET, qr_code

LINKS = [
    "http://127.0.0.1:5000/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/",
    "https://chat.example.org/chatrooms/Zm9v_-barZm9v_-barZm9v/",
    "https://" + "a.very.long.host.name." * 11 + "org/chatrooms/Zm9v_-barZm9v_-barZm9v/",
    "x",
]
LINE = re.compile(r"M(\d+) (\d+)\.5h(\d+)((?:m\d+ 0h\d+)*)")


def drawn(path: str, size: int) -> list[list[int]]:
    """The modules that the path covers with lines one wide, each painted once."""
    picture = [[0] * size for _ in range(size)]
    assert LINE.sub("", path) == ""
    for x, y, width, rest in LINE.findall(path):
        column = int(x)
        for gap, length in [("0", width), *re.findall(r"m(\d+) 0h(\d+)", rest)]:
            column += int(gap)
            for _ in range(int(length)):
                assert picture[int(y)][column] == 0
                picture[int(y)][column] = 1
                column += 1
    return picture


def bordered(matrix: list[list[int]], quiet: int) -> list[list[int]]:
    width = len(matrix) + 2 * quiet
    side = [0] * quiet
    return (
        [[0] * width for _ in side] + [[*side, *row, *side] for row in matrix] + [[0] * width for _ in side]
    )


@pytest.mark.parametrize("text", LINKS)
def test_what_is_drawn_is_the_code_of_the_text(text: str) -> None:
    code = qr_code(text)
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    assert drawn(code["path"], code["size"]) == bordered(matrix, QUIET)


@pytest.mark.parametrize("text", LINKS)
def test_the_code_is_a_full_one_with_a_quiet_border_of_four_modules(text: str) -> None:
    code = qr_code(text)
    picture = drawn(code["path"], code["size"])
    assert (code["size"] - 8 - 17) % 4 == 0, "17 + 4 * version modules, as ISO/IEC 18004 says"
    assert code["size"] >= 21 + 8, "never a Micro QR code, which many phones cannot read"
    for border in (picture[:4], picture[-4:], [row[:4] for row in picture], [row[-4:] for row in picture]):
        assert not any(map(any, border))
    assert picture[4][4:11] == [1] * 7, "a finder pattern begins where the border ends"


def test_another_room_has_another_code() -> None:
    assert qr_code(LINKS[0])["path"] != qr_code(LINKS[0].replace("AAAA", "BBBB", 1))["path"]
