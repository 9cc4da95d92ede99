"""What is said of the owner's own HTML and style, however broken: what a browser makes of them counts."""

from __future__ import annotations

import pytest

from porch.site.own_media import missing
from porch.site.policy import blocked
from porch.site.reading import LARGEST, STYLE

SCRIPT = "<script>x</script>"


def lines(html: str) -> list[int | None]:
    """Those with something that is blocked."""
    return [problem.line for problem in blocked({"own.html": html.encode()})]


@pytest.mark.parametrize(
    "before",
    [
        "<!-- <script> -->",
        "<!-->",
        "<!--->",
        "<!-- --!>",
        "<!doctype html>",
        "<? x ?>",
        "</ >",
        "</>",
        "</p x='>'>",
        "<![if x]>",
        "<![x[ >",
        "<![ >",
        "< a x='",
        "<a x='>'>",
        '<a x=">">',
        "<a x=1/y='>'>",
        "<a ==>",
        "<a/x />",
        "<title><script></title>",
        "<TEXTAREA><script></textArea >",
        "a < b && c > d",
        "<svg><title>x</title></svg>",
        "<svg><title/></svg>",
        "<svg><title><p>",
        "<math><mi><xmp></math>",
        "<svg/><title><script></title>",
        "<svg><![CDATA[ > <script> ]] > ]]></svg>",
        "<![CDATA[>",
        "<svg><svg></svg></svg></svg><title><script></title>",
    ],
)
def test_a_tag_is_found_behind_anything_that_ends(before: str) -> None:
    assert lines(f"{before}\n{SCRIPT}") == [2]


@pytest.mark.parametrize("sign", ["&#9;", "&#10;", "&#13;"])
@pytest.mark.parametrize(
    "tag",
    [
        "<a href='java{}script:x'>",
        "<a href='&#1; {}javascript:x'>",
        "<set attributeName=href to='java{}script:x'>",
        "<form action='ht{}tps://a.example'>",
        "<button formaction='/{}/a.example'>",
        "<link href='ht{}tps://a.example'>",
    ],
)
def test_an_address_is_read_without_tabs_and_line_ends(tag: str, sign: str) -> None:
    assert lines(tag.format(sign)) == [1]


@pytest.mark.parametrize("comment", ["<!-->", "<!--->", "<!-- x --!>", "<!-- media/x.png -->"])
def test_an_image_behind_a_comment_is_missed(comment: str) -> None:
    files = {"own.html": f"{comment}\n<img src='media/x.png'>".encode()}
    assert [problem.line for problem in missing(files, ())] == [2]


@pytest.mark.parametrize(
    "before",
    [
        "<a ",
        "<a x='",
        '<a x="',
        "<a x=",
        "</a ",
        "<!-- ",
        "<!x",
        "<? ",
        "</ ",
        "<title>",
        "<xmp>",
        "<svg><![CDATA[",
    ],
)
def test_nothing_is_found_in_what_does_not_end(before: str) -> None:
    assert lines(SCRIPT + "\n" + before + "<b onclick='x'" + '"') == [1]


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<a b=c ",
        "<a x='",
        "<!--",
        "<!-- ",
        "<![CDATA[",
        "<svg><![CDATA[",
        "<svg><![CDATA[]]>",
        "</",
        "</a ",
        "<?",
        "<script></",
        "<",
        "<p>\n",
    ],
)
def test_the_largest_file_of_beginnings_is_read(piece: str) -> None:
    files = {"own.html": (piece * LARGEST)[:LARGEST].encode()}
    assert len(blocked(files)) <= 1
    assert list(missing(files, ())) == []


@pytest.mark.parametrize(
    "piece",
    [
        "/* ",
        "@font-face {",
        "@font-face{} url(a) ",
        "url(",
        "@import ",
        "image-set(",
        "image-set(a) ",
        '"',
        "\n",
    ],
)
def test_the_largest_style_sheet_of_beginnings_is_read(piece: str) -> None:
    assert blocked({STYLE: (piece * LARGEST)[:LARGEST].encode()}) == []
    assert blocked({STYLE: ("@import" + " " * LARGEST)[:LARGEST].encode()}) == []


def test_each_of_many_addresses_stands_on_its_own_line() -> None:
    style = "@font-face { src: url(//a.example/x) }\np { background: url(//a.example/y) }\n" * 3
    told = [(problem.line, "font" in str(problem)) for problem in blocked({STYLE: style.encode()})]
    assert told == [(number, number % 2 == 1) for number in range(1, 7)]


def test_the_first_of_two_attributes_of_one_name_counts() -> None:
    assert lines("<img src=media/x.png src=//a.example/x.png>") == []
    assert lines("<img src=//a.example/x.png src=media/x.png>") == [1]


@pytest.mark.parametrize(
    "rule", ["@import'//a.example/x'", '@import "//a.example/x"', "@import\n url( //a.example/x )"]
)
def test_a_style_sheet_of_another_site_is_told_however_it_is_written(rule: str) -> None:
    (problem,) = blocked({STYLE: rule.encode()})
    assert "a style sheet comes from this site alone" in str(problem)
