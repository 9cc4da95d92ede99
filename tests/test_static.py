"""Static files over HTTP: compressed, kept by browsers as long as they may be, and never mixed up."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
import subprocess

import brotli
import pytest
from flask.testing import FlaskClient
from rjsmin import jsmin

from porch.web.assets import ENTRIES, FOLDER, asset, styles
from porch.web.joining import join_modules, join_styles
from tests.conftest import skip_or_fail
from tests.support.server import ROOT

GZIP = {"Accept-Encoding": "gzip, deflate"}
BROTLI = {"Accept-Encoding": "gzip, deflate, br, zstd"}  # what browsers say over HTTPS and to localhost
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
IMMUTABLE = "public, max-age=31536000, immutable"
FONT = "fonts/libre-franklin-english-normal.woff2"
TEXTS = [
    "js/log/feed.js",
    "css/tokens.css",
    "vendor/socket.io.esm.min.js",
    "joined/room.js",
    "css/base+shell.css",
]


@pytest.mark.parametrize(("headers", "encoding"), [(GZIP, "gzip"), (BROTLI, "br")], ids=["gzip", "br"])
@pytest.mark.parametrize("path", TEXTS)
def test_text_is_compressed_for_who_reads_it(
    client: FlaskClient, path: str, headers: dict[str, str], encoding: str
) -> None:
    plain, zipped = client.get(asset(path)), client.get(asset(path), headers=headers)
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](zipped.data) == plain.data
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(plain.data) * 0.6
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert plain.content_type == zipped.content_type


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("br, gzip", "br"),
        ("gzip, br", "br"),
        ("gzip;q=0.5, br;q=0.9", "br"),
        ("gzip, br;q=0.5", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0, br", "br"),
        ("deflate, zstd", None),
    ],
)
def test_the_encoding_is_the_one_that_the_reader_likes_best(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    answer = client.get(asset("js/log/feed.js"), headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br;q=0", "identity", "", "*;q=0"])
def test_who_reads_no_compression_gets_none(client: FlaskClient, accepted: str) -> None:
    answer = client.get(asset("js/log/feed.js"), headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / "js/log/feed.js").read_bytes()


def test_a_font_is_compressed_already(client: FlaskClient) -> None:
    answer = client.get(asset(FONT), headers=GZIP)
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers
    assert answer.mimetype == "font/woff2"
    assert answer.data == (FOLDER / FONT).read_bytes()


@pytest.mark.parametrize("headers", [{}, GZIP, BROTLI], ids=["plain", "gzip", "br"])
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
    ways: tuple[dict[str, str], ...] = ({}, GZIP, BROTLI)
    tags = [client.get(asset("js/log/feed.js"), headers=way).headers["ETag"] for way in ways]
    assert len(set(tags)) == 3
    for way, tag in itertools.permutations(zip(ways, tags, strict=True), 2):
        answer = client.get(asset("js/log/feed.js"), headers=way[0] | {"If-None-Match": tag[1]})
        assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{}, GZIP, BROTLI], ids=["plain", "gzip", "br"])
def test_head_tells_what_get_would(client: FlaskClient, headers: dict[str, str]) -> None:
    got, told = (call(asset("js/log/feed.js"), headers=headers) for call in (client.get, client.head))
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
        ("a {\n  b: c; /* d */\n}\n", "a{b:c}"),
        ('/* so "that" */ a { content: "a: { b; /* c */ }"; }', 'a{content:"a: { b; /* c */ }"}'),
        (".a :hover, .b > c { d: calc(1px + 2px) }", ".a *:hover,.b>c{d:calc(1px + 2px)}"),
        (
            "@layer a { .b :is(c, d) e:f { g: h } [i] :j { k: l } }",
            "@layer a{.b *:is(c,d) e:f{g:h}[i] *:j{k:l}}",
        ),
        ("@media (min-width: 3rem) and (x) { a { b: c } }", "@media (min-width:3rem) and (x){a{b:c}}"),
        ("a { transition: b .1s, c .2s; --d: 1 }", "a{transition:b .1s,c .2s;--d:1}"),
    ],
)
def test_a_joined_style_means_what_its_source_does(style: str, joined: str) -> None:
    assert join_styles([style]).strip() == joined


def test_every_source_is_served_as_it_stands_in_the_repository(client: FlaskClient) -> None:
    for file in FOLDER.glob("js/**/*.js"):
        assert client.get(f"/static/{file.relative_to(FOLDER).as_posix()}").data == file.read_bytes()


def test_no_two_scripts_have_one_name() -> None:
    """Joined, a module is known by its name, whatever folder it is in."""
    names = [file.stem for file in FOLDER.glob("js/**/*.js")]
    assert len(names) > 200
    assert len(set(names)) == len(names)


def joined(entry: str, **sources: str) -> str:
    return join_modules(entry, lambda name: sources[name])


def test_a_module_runs_after_what_it_imports_and_once() -> None:
    text = joined(
        "top",
        top='import { left } from "./one/left.js";\nimport { right } from "./right.js";\nleft(right);\n',
        left='import { base } from "../base.js";\nexport const left = (one) => base(one);\n',
        right='import { base } from "./base.js";\nexport async function right() {}\nbase();\n',
        base="export function base() {}\n",
    )
    assert re.findall(r"const \$(\w+)=", text)[0] == "base"
    assert text.count("function base()") == 1
    assert text.endswith("left(right);return{};})();")
    assert "const{base}=$base;" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)


def test_a_joined_module_offers_what_its_entry_does() -> None:
    """So that another can load it late."""
    text = joined(
        "top",
        top='import { base } from "./base.js";\nexport class Top {}\nexport const other = base;\n',
        base="export const base = 1;\n",
    )
    assert text.endswith("export const{Top,other}=$top;")


def test_a_module_that_is_loaded_late_is_loaded_by_its_hashed_address(client: FlaskClient) -> None:
    """Under any other name it would be fetched again each time, and run twice."""
    late = set()
    for entry in ENTRIES:
        text = client.get(asset(f"joined/{entry}.js")).text
        late |= set(re.findall(r'import\("\./([^"]+)"\)', text))
    assert {name.partition("?")[0] for name in late} > {"actions.js", "leaving.js", "panel.js", "site.js"}
    for name in late:
        assert client.get(f"/static/joined/{name}").headers["Cache-Control"] == IMMUTABLE, name


def test_minifying_leaves_every_token_of_every_module() -> None:
    """A template within a template is the one thing that the library does not read: this would find one."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "typescript").exists():
        skip_or_fail("Node.js with typescript is needed: npm ci")
    sources = [file.read_text() for file in sorted(FOLDER.glob("js/**/*.js"))] + [
        "const one = `a  =  { ${b  +  c} }  /* d */`;  // e\n",
        "const one = /a  =  [/*]  b/u.test(c)  /  d /  e;\nreturn\nf",
        "one = two - -three + +four\n++five",
    ]
    pairs = json.dumps([[text, jsmin(text)] for text in sources])
    command = [str(node), str(ROOT / "tests" / "js" / "tokens_driver.js")]
    found = subprocess.run(command, input=pairs, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(found.stdout) == []


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
