"""From the owner's one colour to a palette that can be read, by day and by night."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch.site.colour import AA, DAY, NIGHT, ON_PAINT, Faint, Palette, contrast, hex_of, lch, palette, washed
from porch.site.content import THEMES

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(COLOURS)
def test_a_colour_comes_back_as_it_was(colour: str) -> None:
    there = hex_of(lch(colour))
    assert all(abs(int(colour[at : at + 2], 16) - int(there[at : at + 2], 16)) <= 1 for at in (1, 3, 5))


def accepted(colour: str, theme: str) -> Palette:
    """Its palette, or that of the nearest colour that passes."""
    try:
        return palette(colour, theme)
    except Faint as error:
        return palette(error.nearest, theme)


@settings(deadline=None)
@given(COLOURS, st.sampled_from(THEMES))
def test_whatever_is_accepted_can_be_read_and_whatever_is_not_comes_with_one_that_can(
    colour: str, theme: str
) -> None:
    found = accepted(colour, theme)
    for ground in [*map(hex_of, DAY[theme]), found.ceiling]:
        assert contrast(found.day, ground) >= AA
        assert contrast(found.day, washed(ground, found.day)) >= AA, "pointed at"
    for ground in [*map(hex_of, NIGHT[theme]), found.ceiling_night]:
        assert contrast(found.night, ground) >= AA
        assert contrast(found.night, washed(ground, found.night)) >= AA, "pointed at"
    for paint in (found.day, *re.findall(r"--paint:light-dark\(#\w+,(#\w+)\)", found.style)):
        assert contrast(hex_of(ON_PAINT), paint) >= AA


def test_the_nearest_is_just_dark_enough() -> None:
    with pytest.raises(Faint) as refused:
        palette("#ff8800")
    nearest = refused.value.nearest
    assert nearest in str(refused.value)
    assert abs(lch(nearest)[2] - lch("#ff8800")[2]) < 20
    worst = min(contrast(nearest, hex_of(ground)) for ground in DAY["porch"])
    assert AA <= worst < 5.8


def test_porchs_own_colour_needs_no_style_sheet() -> None:
    assert palette().style == ""
    assert re.search(r"--accent:light-dark\(#7a1f3d,#[0-9a-f]{6}\)", palette("#7a1f3d").style)


@pytest.mark.parametrize("colour", ["teal", "#12", "#12345g", "#185c68;}", ""])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        palette(colour)
