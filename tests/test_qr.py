"""QR codes: the picture is the code."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
import segno

from porch.pages.qr import QUIET, qr_code

LINKS = [
    "http://127.0.0.1:5000/chatrooms/AAAAAAAAAAAAAAAAAAAAAA/",
    "https://chat.example.org/chatrooms/Zm9v_-barZm9v_-barZm9v/",
    "https://" + "a.very.long.host.name." * 11 + "org/chatrooms/Zm9v_-barZm9v_-barZm9v/",
    "x",
]


def picture(address: str) -> list[list[int]]:
    """The pixels of a black and white PNG (ISO/IEC 15948) in a `data:` address, row by row; 1 is black."""
    kind, _, data = address.partition(",")
    assert kind == "data:image/png;base64"
    file = base64.b64decode(data, validate=True)
    chunks, at = {}, 8
    while at < len(file):
        length, name = struct.unpack_from(">I4s", file, at)
        chunks[name] = file[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colours, interlaced) == (1, 0, 0), "one bit a pixel, grey, row by row"
    pixels, step = zlib.decompress(chunks[b"IDAT"]), 1 + (width + 7) // 8
    rows = [pixels[start : start + step] for start in range(0, height * step, step)]
    assert [row[0] for row in rows] == [0] * height, "without filters"
    return [[1 - int(bit) for byte in row[1:] for bit in f"{byte:08b}"][:width] for row in rows]


def bordered(matrix: list[list[int]], quiet: int) -> list[list[int]]:
    width = len(matrix) + 2 * quiet
    side = [0] * quiet
    return (
        [[0] * width for _ in side] + [[*side, *row, *side] for row in matrix] + [[0] * width for _ in side]
    )


@pytest.mark.parametrize("text", LINKS)
def test_what_is_drawn_is_the_code_of_the_text(text: str) -> None:
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    assert picture(qr_code(text)) == bordered(matrix, QUIET)


@pytest.mark.parametrize("text", LINKS)
def test_the_code_is_a_full_one_with_a_quiet_border_of_four_modules(text: str) -> None:
    drawn = picture(qr_code(text))
    assert len(drawn) == len(drawn[0])
    assert (len(drawn) - 8 - 17) % 4 == 0, "17 + 4 * version modules, as ISO/IEC 18004 says"
    assert len(drawn) >= 21 + 8, "never a Micro QR code, which many phones cannot read"
    for border in (drawn[:4], drawn[-4:], [row[:4] for row in drawn], [row[-4:] for row in drawn]):
        assert not any(map(any, border))
    assert drawn[4][4:11] == [1] * 7, "a finder pattern begins where the border ends"


def test_another_room_has_another_code() -> None:
    assert qr_code(LINKS[0]) != qr_code(LINKS[0].replace("AAAA", "BBBB", 1))


def test_the_code_of_a_room_is_small() -> None:
    assert len(qr_code(LINKS[1])) < 500, "a page that is not compressed counts it"
