"""Static files over HTTP: compressed, kept by browsers as long as they may be, and never mixed up."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

from porch.web.assets import FOLDER, asset, styles
from porch.web.joining import join_modules, join_styles, without_comments

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
IMMUTABLE = "public, max-age=31536000, immutable"
FONT = "fonts/libre-franklin-english-normal.woff2"
TEXTS = [
    "js/feed.js",
    "css/tokens.css",
    "vendor/socket.io.esm.min.js",
    "joined/room.js",
    "css/base+shell.css",
]


@pytest.mark.parametrize("path", TEXTS)
def test_text_is_compressed_for_who_reads_gzip(client: FlaskClient, path: str) -> None:
    plain, zipped = client.get(asset(path)), client.get(asset(path), headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(plain.data) * 0.6
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert plain.content_type == zipped.content_type


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity", "br", "", "*;q=0"])
def test_who_does_not_read_gzip_gets_none(client: FlaskClient, accepted: str) -> None:
    answer = client.get(asset("js/feed.js"), headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / "js/feed.js").read_bytes()


def test_a_font_is_compressed_already(client: FlaskClient) -> None:
    answer = client.get(asset(FONT), headers=GZIP)
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers
    assert answer.mimetype == "font/woff2"
    assert answer.data == (FOLDER / FONT).read_bytes()


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
@pytest.mark.parametrize("path", [*TEXTS, FONT])
def test_a_file_that_has_not_changed_is_not_sent_again(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    for address in (asset(path), f"/static/{path}"):
        kept = client.get(address, headers=headers)
        again = client.get(address, headers=headers | {"If-None-Match": kept.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers.get(name) == kept.headers.get(name)


def test_the_tag_of_one_encoding_does_not_stand_for_another(client: FlaskClient) -> None:
    zipped = client.get(asset("js/feed.js"), headers=GZIP)
    plain = client.get(asset("js/feed.js"), headers={"If-None-Match": zipped.headers["ETag"]})
    assert plain.status_code == 200


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_head_tells_what_get_would(client: FlaskClient, headers: dict[str, str]) -> None:
    got, told = (call(asset("js/feed.js"), headers=headers) for call in (client.get, client.head))
    assert told.data == b""
    told.headers["Date"] = got.headers["Date"]
    assert dict(told.headers) == dict(got.headers)


@pytest.mark.parametrize("path", [*TEXTS, FONT, "icon.svg"])
def test_only_the_address_with_the_files_own_hash_is_kept(client: FlaskClient, path: str) -> None:
    assert client.get(asset(path)).headers["Cache-Control"] == IMMUTABLE
    for query in ("", "?v=", "?v=000000000000", "?w=1"):
        assert client.get(f"/static/{path}{query}").headers["Cache-Control"] == "no-cache"


def test_style_sheets_name_fonts_by_their_hash(client: FlaskClient) -> None:
    for address in (asset("css/fonts.css"), styles("tokens", "fonts")):
        urls = re.findall(r"url\(\.\./([^)]+)\)", client.get(address).text)
        assert len(urls) == 8
        for url in urls:
            assert client.get(f"/static/{url}").headers["Cache-Control"] == IMMUTABLE


def test_the_page_preloads_the_font_under_the_address_that_its_styles_use(client: FlaskClient) -> None:
    (preloaded,) = re.findall(r'href="/static/(fonts/[^"]+)"', client.get("/sessions/new/").text)
    assert f"url(../{preloaded})" in client.get(asset("css/fonts.css")).text


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "../app.py",
        "%2e%2e/app.py",
        "css/",
        "css/tokens+nothing.css",
        "css/tokens+tokens.css",
        "css/../js/feed+tokens.css",
        "joined/nothing.js",
        "joined/types.js",
        "joined/../room.js",
        "css/" + "+".join(f"a{number}" for number in range(100)) + ".css",
    ],
)
def test_nothing_else_is_there(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_joined_styles_are_the_sources_in_their_order(client: FlaskClient) -> None:
    joined = client.get(styles("tokens", "base")).text
    order = [joined.index(start) for start in ("@layer tokens,base", "@layer tokens{", "@layer base{")]
    assert order == sorted(order)
    assert "/*" not in joined


@pytest.mark.parametrize(
    ("style", "joined"),
    [
        ("a {\n  b: c; /* d */\n}\n", "a{b:c;}"),
        ('/* so "that" */ a { content: "a: { b; /* c */ }"; }', 'a{content:"a: { b; /* c */ }";}'),
        (".a :hover, .b > c { d: calc(1px + 2px) }", ".a :hover,.b > c{d:calc(1px + 2px)}"),
        ("@media (min-width: 3rem) and (x) { a { b: c } }", "@media (min-width:3rem) and (x){a{b:c}}"),
        ("a { transition: b .1s, c .2s; --d: 1 }", "a{transition:b .1s,c .2s;--d:1}"),
    ],
)
def test_a_joined_style_means_what_its_source_does(style: str, joined: str) -> None:
    assert join_styles([style]).strip() == joined


def test_every_source_is_served_as_it_stands_in_the_repository(client: FlaskClient) -> None:
    for file in FOLDER.glob("js/*.js"):
        assert client.get(f"/static/js/{file.name}").data == file.read_bytes()


def joined(entry: str, **sources: str) -> str:
    return join_modules(entry, lambda name: sources[name])


def test_a_module_runs_after_what_it_imports_and_once() -> None:
    text = joined(
        "top",
        top='import { left } from "./left.js";\nimport { right } from "./right.js";\nleft(right);\n',
        left='import { base } from "./base.js";\nexport const left = (one) => base(one);\n',
        right='import { base } from "./base.js";\nexport async function right() {}\nbase();\n',
        base="export function base() {}\n",
    )
    assert re.findall(r"^const \$(\w+)=", text, re.MULTILINE)[0] == "base"
    assert text.count("function base()") == 1
    assert text.rstrip().endswith("left(right);\nreturn{};\n})();")
    assert "const{base}=$base;" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)


def test_a_joined_module_offers_what_its_entry_does() -> None:
    """So that another can load it late."""
    text = joined(
        "top",
        top='import { base } from "./base.js";\nexport class Top {}\nexport const other = base;\n',
        base="export const base = 1;\n",
    )
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export const { Top, other } = $top;"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("const one = { two: [3, 4], ...five };", "const one={two:[3,4],...five};"),
        (
            "if (one && two) return three ? four : (five) => six;",
            "if(one&&two)return three?four:(five)=>six;",
        ),
        ('const one = "a = { b }, \\" = " + \'c = d\';', 'const one = "a = { b }, \\" = " + \'c = d\';'),
        ('const one = { two: "a = { b }" };', 'const one={two:"a = { b }"};'),
        ("const one = `a = { ${b} }`;", "const one = `a = { ${b} }`;"),
        ("const one = /a = b, c/.test(d);", "const one = /a = b, c/.test(d);"),
        ("one = two / three;", "one = two / three;"),
        ("one = two - -three + +four;", "one=two - -three + +four;"),
    ],
)
def test_spaces_go_where_they_mean_nothing(line: str, left: str) -> None:
    assert left in joined("top", top=f"{line}\n").split("\n")


@pytest.mark.parametrize(
    "line",
    [
        'import thing from "./base.js";',
        'import * as thing from "./base.js";',
        'import "./base.js";',
        "export default 1;",
        "export { thing };",
        'export * from "./base.js";',
        'import { thing as other } from "./base.js";',
    ],
)
def test_a_form_that_cannot_be_joined_is_an_error_and_not_a_wrong_file(line: str) -> None:
    with pytest.raises(ValueError, match="cannot be joined"):
        joined("top", top=f"const thing = 1;\n{line}\n", base="")


def test_modules_that_import_each_other_in_a_circle_are_an_error() -> None:
    with pytest.raises(ValueError, match="circle"):
        joined("a", a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/* one */\nx\n", "x\n"),
        ("/** many\n * lines */\nx\n", "x\n"),
        ("/* a */ x /* b */\n", "/* a */ x /* b */\n"),
        ("  // one\nx // two\n", "x // two\n"),
        ('"http://x"\n', '"http://x"\n'),
        ("x\n\n\n  y\n", "x\n  y\n"),
    ],
)
def test_only_lines_that_are_nothing_but_comment_go(text: str, left: str) -> None:
    assert without_comments(text) == left


def test_the_front_page_is_compressed_for_a_stranger(client: FlaskClient) -> None:
    plain, zipped = client.get("/"), client.get("/", headers=GZIP)
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in zipped.headers["Vary"]
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(plain.data)
    assert gzip.decompress(zipped.data).strip().endswith(b"</html>")


def test_a_page_with_secrets_is_not_compressed(client: FlaskClient) -> None:
    """Its length would tell whoever can make it repeat a guess (BREACH)."""
    origin = {"Origin": "http://localhost"}
    client.post("/sessions/new/", data={"username": "Ann"}, headers=origin)
    room = client.post("/chatrooms/", data={"name": "A room"}, headers=origin).headers["Location"]
    for path in (room, "/chatrooms/", "/", f"/sessions/new/?next={room}", "/chats/1/"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers, path
