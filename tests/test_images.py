"""The worker that makes images anew: what comes out, and what it refuses before it costs anything."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from porch.engines.files import images as module
from porch.engines.files.images import MOST_PIXELS, Images
from porch.errors import Invalid, NotFound, PorchError, RetryLater, TooLarge
from tests.support.pictures import chunk, encoded, photo, png

SECRET = b"my garden, 48.2 north"


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path / "images")


def opened(images: Images, key: str, name: str) -> Image.Image:
    return Image.open(io.BytesIO(images.file(key, name).read_bytes()))


def test_a_picture_has_webp_and_a_fallback_in_each_width_and_never_grows(images: Images) -> None:
    picture = images.prepare(photo(800, 600), (320, 640, 1920))
    assert (picture.width, picture.height) == (800, 600)
    assert [(file.name, file.height) for file in picture.webp] == [
        ("320.webp", 240), ("640.webp", 480), ("800.webp", 600),
    ]  # fmt: skip
    assert [file.name for file in picture.plain] == ["320.jpg", "640.jpg", "800.jpg"]
    for file in picture.files:
        made = opened(images, picture.key, file.name)
        assert made.size == (file.width, file.height)
        assert images.file(picture.key, file.name).stat().st_size == file.bytes


def test_nothing_but_pixels_comes_out_and_they_stand_upright(images: Images) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = SECRET.decode()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = photo(600, 400, exif=exif, icc_profile=srgb, comment=SECRET)
    assert SECRET in source
    picture = images.prepare(source)
    assert (picture.width, picture.height) == (400, 600)
    for file in picture.files:
        content = images.file(picture.key, file.name).read_bytes()
        assert SECRET not in content
        made = Image.open(io.BytesIO(content))
        assert not made.getexif()
        assert "icc_profile" not in made.info


@pytest.mark.parametrize(
    ("mode", "kind", "fallback"),
    [
        ("RGB", "PNG", "jpg"), ("RGBA", "PNG", "png"), ("LA", "PNG", "png"), ("P", "GIF", "jpg"),
        ("L", "JPEG", "jpg"), ("CMYK", "JPEG", "jpg"), ("I;16", "PNG", "jpg"), ("1", "PNG", "jpg"),
        ("RGBA", "WEBP", "png"), ("RGB", "AVIF", "jpg"),
    ],
)  # fmt: skip
def test_every_kind_of_image_is_taken(images: Images, mode: str, kind: str, fallback: str) -> None:
    image = Image.new("RGBA", (400, 300), (200, 30, 30, 90))
    source = image.convert("L").convert("I;16") if mode == "I;16" else image.convert(mode)
    picture = images.prepare(encoded(source, kind))
    assert {file.name.rpartition(".")[2] for file in picture.plain} == {fallback}
    assert opened(images, picture.key, picture.webp[0].name).mode == ("RGBA" if fallback == "png" else "RGB")


def test_of_an_animation_there_is_the_first_frame(images: Images) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    picture = images.prepare(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    made = opened(images, picture.key, picture.webp[0].name).convert("RGB").getpixel((9, 9))
    assert isinstance(made, tuple)
    assert made[0] > 200 > 60 > made[2]


@pytest.mark.parametrize("source", ["bytes", "file"])
def test_the_same_image_is_made_once(
    images: Images, tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = photo()
    (tmp_path / "a.jpg").write_bytes(content)
    picture = images.prepare(content)
    monkeypatch.setattr(module, "WORKER", tmp_path / "not there")
    again = Images(tmp_path / "images")  # as after a restart
    assert again.prepare(content if source == "bytes" else tmp_path / "a.jpg") == picture
    assert again.known(picture.key) == picture


REFUSED: dict[str, tuple[bytes, type[PorchError]]] = {
    "text": (b"hello", Invalid),
    "nothing": (b"", Invalid),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', Invalid),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Invalid),
    "bitmap": (encoded(Image.new("RGB", (9, 9)), "BMP"), Invalid),
    "half": (photo()[:3000], Invalid),
    "bomb": (png(60_000, 60_000, bytes(100_000)), TooLarge),
    "just too large": (png(7_072, 7_072, b""), TooLarge),
    "wide": (png(2_000_000_000, 1, b""), TooLarge),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_shown_is_refused_and_leaves_nothing(
    images: Images, tmp_path: Path, what: str
) -> None:
    content, error = REFUSED[what]
    with pytest.raises(error):
        images.prepare(content)
    folder = tmp_path / "images"
    assert not folder.exists() or not any(folder.iterdir())


def test_a_bomb_is_never_decoded(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """In so little memory the pixels would not fit: the size alone decides."""
    monkeypatch.setattr(module, "MEMORY", 300 * 1024 * 1024)
    zeros = zlib.compress(bytes(30_000_000), 9)
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zeros) + chunk(b"IEND", b"")
    with pytest.raises(TooLarge):
        images.prepare(bomb)


def test_more_bytes_than_allowed_are_not_even_looked_at(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORKER", tmp_path / "not there")
    (tmp_path / "a.jpg").touch()
    os.truncate(tmp_path / "a.jpg", module.LARGEST + 1)
    for source in (bytes(module.LARGEST + 1), tmp_path / "a.jpg"):
        with pytest.raises(TooLarge):
            images.prepare(source)


@pytest.fixture(scope="module")
def large() -> bytes:
    """As many bytes as a file may have, which are many pixels."""
    noise = Image.effect_noise((5000, 4000), 90).convert("RGB")
    return encoded(noise, "PNG", compress_level=0)[: module.LARGEST]


@pytest.mark.parametrize(
    ("limit", "value"), [("MEMORY", 60 * 1024 * 1024), ("SECONDS", 0), ("PATIENCE", 0.05)]
)
def test_a_worker_that_takes_too_much_is_ended(
    images: Images, large: bytes, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(module, limit, value)
    with pytest.raises(Invalid, match=r"more than is allowed|damaged"):
        images.prepare(large)


def test_the_largest_that_is_allowed_fits(images: Images) -> None:
    side = int(MOST_PIXELS**0.5)
    picture = images.prepare(encoded(Image.new("RGBA", (side, side), (9, 9, 9, 9)), "PNG"), (640,))
    assert [file.width for file in picture.files] == [640, 640]


def test_behind_too_long_a_line_one_is_asked_to_come_again(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_under_way", module.AT_ONCE + module.MOST_WAITING)
    with pytest.raises(RetryLater):
        images.prepare(photo())


def test_a_folder_that_cannot_be_written_is_an_error_to_try_again(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file")
    with pytest.raises(RetryLater):
        Images(tmp_path / "images").prepare(photo())


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("../" * 16, "320.webp"),
        ("0" * 32, "picture.json"),
        ("0" * 32, "../../chat.db"),
        ("0" * 32, "320.webp"),
        ("", ""),
        ("0" * 31 + "\n", "320.webp"),
        ("0" * 32, "320.webp\n"),
    ],
)
def test_only_files_of_pictures_are_found(images: Images, tmp_path: Path, key: str, name: str) -> None:
    folder = tmp_path / "images" / ("0" * 32)
    folder.mkdir(parents=True)
    (folder / "picture.json").touch()
    with pytest.raises(NotFound):
        images.file(key, name)


def test_the_workers_environment_says_nothing(
    images: Images, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert images.prepare(photo()).width == 800


def test_a_very_tall_picture_is_as_wide_as_webp_can_write_it(images: Images) -> None:
    picture = images.prepare(photo(400, 20_000), (320, 400))
    assert [(file.width, file.height <= 16_383) for file in picture.webp] == [(320, True), (327, True)]


def test_what_is_not_wanted_any_more_is_removed_and_what_was_left_half_made(
    images: Images, tmp_path: Path
) -> None:
    kept, dropped = images.prepare(photo(300, 200)), images.prepare(photo(200, 300))
    half, fresh = tmp_path / "images" / ".work-old", tmp_path / "images" / ".work-new"
    for folder in (half, fresh):
        folder.mkdir()
    os.utime(half, (0, 0))
    images.keep_only({kept.key})
    assert images.known(kept.key) == kept
    assert images.known(dropped.key) is None
    with pytest.raises(NotFound):
        images.file(dropped.key, dropped.files[0].name)
    assert (half.exists(), fresh.exists()) == (False, True)


def test_a_folder_without_its_record_is_made_anew(images: Images, tmp_path: Path) -> None:
    picture = images.prepare(photo(300, 200))
    (tmp_path / "images" / picture.key / "picture.json").unlink()
    again = Images(tmp_path / "images")
    assert again.prepare(photo(300, 200)) == picture
    assert [path.name for path in (tmp_path / "images").iterdir()] == [picture.key]


def test_an_upload_for_which_there_is_no_room_can_be_tried_again(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(RetryLater):
        images.prepare(photo())
