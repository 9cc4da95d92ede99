"""One image, in a process of its own that may use little: reads it from standard input, writes it anew in
several widths into the folder it was started in, and says on standard output what it made.

Started by `images.py` as a file, so nothing of Porch is imported here. An image comes from outside: the
limits are set before anything of it is read, and its size is known before its pixels are.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

try:
    import resource
except ImportError:  # Windows has no limits of this kind; the others hold there, too
    resource = None  # type: ignore[assignment]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
WEBP_QUALITY, JPEG_QUALITY = 80, 82
HIGHEST = 16_383  # pixels; more does not go into WebP
LARGEST_OUTPUT = 32 * 1024 * 1024  # bytes of one file
FILES_OPEN = 64


class Refused(Exception):
    """Why there is no picture: a word that `images.py` knows."""


def main() -> None:
    job = json.loads(sys.argv[1])
    limit(memory=job["memory"], seconds=job["seconds"])
    try:
        made = draw_card(job["card"]) if "card" in job else remake(job)
    except Refused as error:
        made = {"refused": str(error)}
    except MemoryError:
        made = {"refused": "too_much"}
    except Exception as error:  # noqa: BLE001  # whatever a decoder says of a broken file
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        made = {"refused": "unreadable"}
    sys.stdout.write(json.dumps(made))


def limit(*, memory: int, seconds: int) -> None:
    """From here on the kernel ends what uses more."""
    if resource is None:
        return
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT),
        (resource.RLIMIT_NOFILE, FILES_OPEN),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS takes no limit of addresses
            continue


def remake(job: dict[str, Any]) -> dict[str, Any]:
    """The picture in each of the widths, and in its own if that is smaller; never larger than it is."""
    image = _opened(job["pixels"])
    _decode(image, max(job["widths"]))
    image = _upright(image)
    tallest = max(1, image.width * HIGHEST // image.height)  # whose height WebP can write
    widths = sorted({min(width, image.width, tallest) for width in job["widths"]})
    image = _plain(_narrowed(image, widths[-1]))
    fallback = "png" if image.mode == "RGBA" else "jpg"
    files = []
    for width in widths:
        small = _narrowed(image, width)
        files.append(_saved(small, "webp", quality=WEBP_QUALITY, method=4))
        if not job.get("fallback", True):
            continue
        if fallback == "png":
            files.append(_saved(small, "png", optimize=True))
        else:
            files.append(_saved(small, "jpg", quality=JPEG_QUALITY, optimize=True, progressive=True))
    return {"width": image.width, "height": image.height, "files": files}


def _opened(most_pixels: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error")  # more pixels than that are a warning only
    try:
        # Opening reads the header alone: what is too large is never decoded.
        image = Image.open(sys.stdin.buffer, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_large") from None
    except UnidentifiedImageError:
        raise Refused("no_image") from None
    if image.width * image.height > most_pixels:
        raise Refused("too_large")
    return image


def _decode(image: Image.Image, width: int) -> None:
    if image.format == "JPEG":
        side = max(width, 1)
        image.draft("RGB", (side, side))  # a decoder can leave out what nobody will see
    image.load()


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image)


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    if width >= image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    if image.mode not in ("RGB", "RGBA", "L", "LA"):
        image = _plain(image)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _plain(image: Image.Image) -> Image.Image:
    """In sRGB, with transparency only where there is some, and without anything that is not a pixel."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, own, srgb, outputMode=mode) or image
    if image.mode.startswith("I") or image.mode == "F":
        image = image.point(lambda value: value / 256).convert("L")
    bare = Image.new(mode, image.size)
    bare.paste(image.convert(mode))
    if mode == "RGBA" and bare.getchannel("A").getextrema() == (255, 255):
        return bare.convert("RGB")
    return bare


def _saved(image: Image.Image, kind: str, **options: Any) -> dict[str, Any]:
    name = f"{image.width}.{kind}"
    image.save(name, **options)
    return {"name": name, "width": image.width, "height": image.height, "bytes": Path(name).stat().st_size}


def draw_card(card: dict[str, Any]) -> dict[str, Any]:
    """A card to be shown where the site is shared: its name, what it is about, its door's colour."""
    image = Image.new("RGB", (1200, 630), card["ground"])
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1200, 34), fill=card["ceiling"])
    for x in range(0, 1200, 24):
        pen.line((x, 0, x, 34), fill=card["line"])
    pen.rectangle((930, 150, 1120, 630), fill=card["paint"])
    for top, bottom in ((185, 350), (385, 590)):
        pen.rectangle((965, top, 1085, bottom), outline=card["ground"], width=3)
    pen.ellipse((1096, 395, 1110, 409), fill=card["lamp"])
    room = 760
    y = 190
    for text, font_file, size, least, fill in (
        (card["name"], card["serif"], 104, 40, card["ink"]),
        (card["text"], card["sans"], 42, 30, card["soft"]),
    ):
        font, lines = _fitted(
            pen, text, lambda size, file=font_file: ImageFont.truetype(file, size), size, least, room
        )
        for line in lines:
            pen.text((90, y), line, font=font, fill=fill)
            y += round(font.size * 1.16)
        y += 28
    image.save("1200.png", optimize=True)
    return {
        "width": 1200,
        "height": 630,
        "files": [
            {"name": "1200.png", "width": 1200, "height": 630, "bytes": Path("1200.png").stat().st_size}
        ],
    }


def _fitted(pen: Any, text: str, font_of: Any, size: int, least: int, room: int) -> tuple[Any, list[str]]:
    """The words in three lines at most, as large as they fit; what is still too long ends in dots."""
    while True:
        font = font_of(size)
        lines: list[str] = []
        for word in text.split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and pen.textlength(joined, font=font) <= room:
                lines[-1] = joined
            else:
                lines.append(word)
        if size <= least or (
            len(lines) <= 3 and all(pen.textlength(one, font=font) <= room for one in lines)
        ):
            break
        size -= 4
    shown = lines[:3]
    for number, line in enumerate(shown):
        cut = line
        while cut and pen.textlength(cut, font=font) > room:
            cut = cut[:-2].rstrip() + "…" if len(cut) > 2 else ""
        shown[number] = cut
    return font, shown


if __name__ == "__main__":
    os.umask(0o077)
    main()
