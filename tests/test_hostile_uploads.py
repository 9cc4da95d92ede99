"""Hostile files: nothing that somebody else wrote is ever a page, a script or a picture of this site's."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress

import pytest
from PIL import Image

from porch.filenames import LONGEST_NAME, content_disposition, file_name
from tests.support.people import Guest, Json, Refused, refused
from tests.support.pictures import chunk, encoded, photo, png

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
JPEG = photo(64, 48)


def a_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", SCRIPT)
    return written.getvalue()


def with_html_in_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    return photo(64, 48, exif=exif, comment=SCRIPT)


def gif_that_is_a_script() -> bytes:
    """Begins as a GIF whose size spells a comment in JavaScript."""
    return b"GIF89a/*" + bytes(6) + b"*/=1;alert(1);//"


def bomb(width: int, height: int) -> bytes:
    return png(width, height, b"\0" * 1_000_000)


def compressed_bomb() -> bytes:
    text = chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(60_000_000)))
    return png(8, 8, bytes(8 * 9)).replace(b"\x00\x00\x00\x00IEND", text + b"\x00\x00\x00\x00IEND")


# The bytes, what they are called, what they claim to be.
HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "html": (SCRIPT, "page.html", "text/html"),
    "html as a picture": (SCRIPT, "photo.jpg", "image/jpeg"),
    "svg": (SVG, "drawing.svg", "image/svg+xml"),
    "svg as png": (SVG, "drawing.png", "image/png"),
    "script": (b"alert(1)", "code.js", "text/javascript"),
    "xml with a style": (b'<?xml-stylesheet href="data:,x"?><a/>', "a.xml", "application/xml"),
    "gif and script": (gif_that_is_a_script(), "a.js", "text/javascript"),
    "whole gif and script": (encoded(Image.new("P", (8, 8)), "GIF") + b"/*" + SCRIPT, "a.gif", "image/gif"),
    "pdf and html": (b"%PDF-1.7\n" + SCRIPT, "a.pdf", "application/pdf"),
    "jpeg with html inside": (with_html_in_exif(), "a.html", "text/html"),
    "jpeg with html behind": (JPEG + SCRIPT, "a.html", "text/html"),
    "jpeg and zip": (JPEG + a_zip(), "a.jar", "application/java-archive"),
    "bmp": (encoded(Image.new("RGB", (8, 8)), "BMP"), "a.bmp", "image/bmp"),
    "ico": (encoded(Image.new("RGB", (16, 16)), "ICO"), "favicon.ico", "image/x-icon"),
    "tiff": (encoded(Image.new("RGB", (8, 8)), "TIFF"), "a.tiff", "image/tiff"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + SCRIPT, "a.heic", "image/heic"),
    "truncated jpeg": (JPEG[: len(JPEG) // 2], "a.jpg", "image/jpeg"),
    "truncated png": (photo(64, 48, "PNG")[:60], "a.png", "image/png"),
    "png of 4 gigapixels": (bomb(65_000, 65_000), "a.png", "image/png"),
    "png of 49 megapixels": (bomb(7000, 7000), "a.png", "image/png"),
    "png with a compressed bomb": (compressed_bomb(), "a.png", "image/png"),
    "a png's first bytes": (b"\x89PNG\r\n\x1a\n", "a.png", "image/png"),
    "one byte": (b"<", "a", "text/html"),
    "a type with a line": (SCRIPT, "a.html", "text/html; charset=utf-7"),
}


@pytest.mark.parametrize("content,name,media_type", HOSTILE.values(), ids=HOSTILE)  # noqa: PT006  # they are one
def test_what_is_served_is_a_download_or_pixels_written_here(
    ann: Guest, bob: Guest, chat: Json, content: bytes, name: str, media_type: str
) -> None:
    upload: Json = {}
    with suppress(Refused):
        upload = ann.upload(chat, content, name, media_type)
    if not upload:
        assert refused(ann.upload, chat, content, name, media_type).code in ("invalid", "too_large")
        return
    ann.send(chat, "", files=[upload["id"]])
    parts = [upload["url"], *([upload["thumbnail"]["url"]] if "thumbnail" in upload else [])]
    for path in parts:
        answer = bob.raw("GET", path, headers={"Accept": "text/html,image/*"})
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        if "width" in upload:
            assert headers["Content-Type"] == "image/webp"
            assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
            for foreign in (b"script", b"alert", b"PK"):
                assert foreign not in answer.content
        else:
            assert headers["Content-Type"] == "application/octet-stream"
            assert headers["Content-Disposition"].startswith("attachment;")
            assert {"sandbox", "default-src 'none'"} <= set(headers["Content-Security-Policy"].split("; "))
            assert not upload["media_type"].startswith("image/")
            assert answer.content == content


NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/": "file",
    "..": "file",
    ".htaccess": "htaccess",
    "": "file",
    "\u202e\u2066": "file",
    "invoice\u202egpj.exe": "invoicegpj.exe",
    "nul\0l.txt": "null.txt",
    'a"b\r\nSet-Cookie: x=1.txt': 'a"bSet-Cookie: x=1.txt',
    "  spaced  .txt. ": "spaced  .txt",
    "re\u0301sume\u0301.pdf": "résumé.pdf",
    "👩\u200d🌾.png": "👩\u200d🌾.png",
    "日本語.txt": "日本語.txt",
    "\ud800.txt": "txt",
    "a" * 300 + ".tar.gz": "a" * 197 + ".gz",
    "é" * 300: "é" * 100,
    "a." + "b" * 300: "a." + "b" * 198,
}


@pytest.mark.parametrize(("typed", "cleaned"), NAMES.items(), ids=[repr(name)[:20] for name in NAMES])
def test_a_name_is_one_visible_part_of_a_path(typed: str, cleaned: str) -> None:
    assert file_name(typed) == cleaned
    assert len(cleaned.encode()) <= LONGEST_NAME
    header = content_disposition("attachment", cleaned)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_name_cannot_add_to_the_answer(ann: Guest, chat: Json) -> None:
    upload = ann.upload(chat, b"x", 'a"; filename="evil.html\r\nX-Evil: 1')
    answer = ann.raw("GET", upload["url"])
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="a_; filename=_evil.htmlX-Evil: 1"; '
        "filename*=UTF-8''a%22%3B%20filename%3D%22evil.htmlX-Evil%3A%201"
    )
