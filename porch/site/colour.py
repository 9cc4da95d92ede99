"""The palette: from the one colour that the owner chooses to all that hangs on it, and whether words in it
can be read.

Colours are OKLCH (lightness 0 to 1, chroma, hue in degrees; https://bottosson.github.io/posts/oklab/) until
they are written down; contrast is that of WCAG 2.2.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from porch.texts import lazy_gettext, lazy_number

AA = 4.5
WASH = 0.07  # how much of the accent is on what is pointed at: --wash in tokens.css
DOOR = "#185c68"  # the colour that tokens.css has
LAYERED = "@layer tokens{%s@supports not (color:light-dark(#000,#fff)){%s}}"

Lch = tuple[float, float, float]

# What text in the accent stands on, by theme, as tokens.css and the themes' style sheets have it: ground,
# surface, sunken. The ceiling comes from the accent.
DAY: dict[str, list[Lch]] = {
    "porch": [(0.976, 0.006, 92), (0.995, 0.002, 92), (0.952, 0.008, 92)],
    "gallery": [(0.985, 0, 0), (1, 0, 0), (0.96, 0, 0)],
    "press": [(0.968, 0.014, 88), (0.985, 0.01, 88), (0.942, 0.016, 88)],
}
NIGHT: dict[str, list[Lch]] = {
    "porch": [(0.218, 0.02, 240), (0.256, 0.022, 240), (0.187, 0.018, 240)],
    "gallery": [(0.19, 0, 0), (0.235, 0, 0), (0.165, 0, 0)],
    "press": [(0.225, 0.012, 65), (0.262, 0.013, 65), (0.195, 0.012, 65)],
}
ON_PAINT: Lch = (0.975, 0.01, 92)
NIGHT_ACCENT = 0.82
NIGHT_CHROMA = 0.066
MOST_CHROMA = 0.13  # of what is derived; the accent itself is the owner's


class Faint(ValueError):
    """Words in this colour could not be read. `nearest` is the nearest colour that passes."""

    def __init__(self, colour: str, ratio: float, nearest: str) -> None:
        super().__init__(
            lazy_gettext(
                "%(colour)s has a contrast of %(ratio)s with the page, and %(needed)s is needed; "
                "the nearest that passes is %(nearest)s",
                colour=colour,
                ratio=lazy_number(round(ratio, 1), "0.0"),
                needed=lazy_number(AA),
                nearest=nearest,
            )
        )
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb. `style` is a style sheet that sets the tokens, empty when they are as they come."""

    day: str
    night: str
    ceiling: str
    ceiling_night: str
    style: str


@lru_cache(64)
def palette(accent: str = DOOR, theme: str = "porch") -> Palette:
    """The palette of an accent (#rgb or #rrggbb) in a theme. Raises Faint, and ValueError for no colour."""
    accent = normal(accent)
    lightness, chroma, hue = lch(accent)
    tame = min(chroma, MOST_CHROMA)
    sky = _sky(chroma, hue)
    ceiling, ceiling_night = hex_of((0.925, 0.024, sky)), hex_of((0.298, 0.036, sky))
    ratio = _worst(accent, theme)
    if ratio < AA:
        raise Faint(accent, ratio, _nearest((lightness, chroma, hue), theme))
    night = [*map(hex_of, NIGHT[theme]), ceiling_night]
    night_accent = hex_of(
        _readable((NIGHT_ACCENT, min(tame, NIGHT_CHROMA), hue), night, step=0.01, wash=WASH)
    )
    paint_night = hex_of(_readable((0.39, tame * 0.82, hue), [hex_of(ON_PAINT)], step=-0.01))
    style = ""
    if accent != DOOR:
        hues = f"--door-h:{hue:.1f};--door-c:{tame:.3f};--ceiling-h:{sky:.1f};"
        both = f"--accent:light-dark({accent},{night_accent});--paint:light-dark({accent},{paint_night})"
        style = LAYERED % (f":root{{{hues}{both}}}", f":root{{--accent:{accent};--paint:{accent}}}")
    return Palette(accent, night_accent, ceiling, ceiling_night, style)


def normal(colour: str) -> str:
    """#rrggbb in small letters. Raises ValueError."""
    if not re.fullmatch(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour):
        raise ValueError(f"{colour!r} is not a colour such as {DOOR}")
    digits = colour[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def least_contrast(colour: str, grounds: list[str], *, wash: float = WASH) -> float:
    """With the ground on which it is least, as it is and pointed at: then some of the colour lies over it."""
    return min(contrast(colour, one) for ground in grounds for one in (ground, washed(ground, colour, wash)))


def washed(ground: str, colour: str, wash: float = WASH) -> str:
    pairs = [(int(ground[at : at + 2], 16), int(colour[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(under + (over - under) * wash):02x}" for under, over in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _unbent(red), _unbent(green), _unbent(blue)


def _unbent(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _bent(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def lch(colour: str) -> Lch:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def hex_of(colour: Lch) -> str:
    """As #rrggbb; where a screen has no such colour, the one of less chroma that it has."""
    lightness, chroma, hue = colour
    least, values = 0.0, _shown(lightness, chroma, hue)
    if not _fits(values):
        for _ in range(12):  # halves the distance each time
            middle = (least + chroma) / 2
            if _fits(_shown(lightness, middle, hue)):
                least = middle
            else:
                chroma = middle
        values = _shown(lightness, least, hue)
    return "#" + "".join(f"{round(min(max(value, 0), 1) * 255):02x}" for value in values)


def _shown(lightness: float, chroma: float, hue: float) -> list[float]:
    return [_bent(value) for value in _screen(lightness, chroma, hue)]


def _fits(values: list[float]) -> bool:
    return all(-0.002 <= value <= 1.002 for value in values)


def _screen(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _sky(chroma: float, hue: float) -> float:
    """The hue of the ceiling: a red or yellow door looks best under a blue one."""
    return hue if 120 <= hue <= 330 and chroma > 0.02 else 212.0


def _worst(colour: str, theme: str) -> float:
    """The contrast with that ground of the day on which it is least."""
    _, chroma, hue = lch(colour)
    grounds = [*DAY[theme], (0.925, 0.024, _sky(chroma, hue))]
    return least_contrast(colour, [hex_of(ground) for ground in grounds])


def _nearest(colour: Lch, theme: str) -> str:
    """The lightest below it that passes, of its hue."""
    lightness, chroma, hue = colour
    while _worst(found := hex_of((lightness, chroma, hue)), theme) < AA:
        lightness -= 0.002
    return found


def _readable(colour: Lch, grounds: list[str], *, step: float, wash: float = 0) -> Lch:
    """The first that can be read on all the grounds, going from this colour towards white or black."""
    lightness, chroma, hue = colour
    while 0 < lightness < 1 and least_contrast(hex_of((lightness, chroma, hue)), grounds, wash=wash) < AA:
        lightness += step
    return lightness, chroma, hue
