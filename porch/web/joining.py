"""Many small source files as one answer: over HTTP/1.1 thirty requests cost a phone more than their bytes do.

Nothing is written to disk and nothing is renamed. A joined file is its sources one after another, minified;
each source is served under its own name as well, as it stands in the repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter

from babel import Locale
from babel.support import NullTranslations
from rcssmin import cssmin
from rjsmin import jsmin

Read = Callable[[str], str]
Address = Callable[[str], str]

INSIDE = re.compile(r"(?<=[\w)\]]) +(?=:[a-z])")  # `.prose :is(ul, ol)`
MODULE = r'"\.{1,2}/(?:\w+/)?(\w+)\.js"'
IMPORT = re.compile(rf"^import \{{ (\w+(?:, \w+)*) \}} from {MODULE};$", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
LATE = re.compile(rf"\bimport\({MODULE}\)")
LANGUAGE = re.compile(r'\bconst LANGUAGE = "\w+";')  # of gettext.js
TEXT = r"""\s*("(?:[^"\\]|\\.)*")\s*"""
GETTEXT = re.compile(rf"\bgettext\({TEXT}(?=[,)])")
NGETTEXT = re.compile(rf"\bngettext\({TEXT},{TEXT},")
EXAMPLES = (*range(200), 1_000_000)  # among which are numbers for all forms of a plural
LEFT_OVER = re.compile(r"^\s*(?:import|export)\b(?!\()[^\n]*", re.MULTILINE)


def join_styles(texts: Iterable[str]) -> str:
    """Style sheets in one; the layers they name keep their order."""
    # The minifier takes a space before a colon away, also where it says: somewhere inside.
    minified: str = cssmin(INSIDE.sub(" *", "".join(texts)))
    return minified


def join_modules(
    entry: str, read: Read, address: Address = "./{}.js".format, texts: NullTranslations | None = None
) -> str:
    """The module `entry` and all it imports, as one module, which exports what `entry` does. Modules that are
    loaded late, by `import("./name.js")`, are loaded from where `address` says. With `texts` what stands in
    `gettext("...")` and `ngettext("...", "...", n)` is told in another language.

    Each source becomes a function of its own, so that names stay apart, and runs after what it imports. A
    module is known by the name of its file alone, whatever folder that is in, so no two may have the same.
    Only the two forms of the repository are understood: `import { a, b } from "./name.js";` on a line,
    and `export` before a function, class or const. Raises ValueError for any other, and for a circle.
    """
    sources = _graph(entry, read)
    try:
        order = [*TopologicalSorter({name: _imported(text) for name, text in sources.items()}).static_order()]
    except CycleError as error:
        raise ValueError(f"modules import each other in a circle: {error.args[1]}") from None
    exported = ", ".join(EXPORT.findall(sources[entry]))
    offered = f"export const {{ {exported} }} = ${entry};\n" if exported else ""
    joined = "".join(_wrapped(name, sources[name]) for name in order) + offered
    minified: str = jsmin(translated(joined, texts) if texts else joined)
    return LATE.sub(lambda late: f'import("{address(late[1])}")', minified)


def _graph(entry: str, read: Read) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = read(name)
            wanted += _imported(found[name])
    return found


def _imported(text: str) -> list[str]:
    return [name for _, name in IMPORT.findall(text)]


def _wrapped(name: str, text: str) -> str:
    body = EXPORT.sub("", IMPORT.sub(r"const { \1 } = $\2;", text))
    if unknown := LEFT_OVER.search(body):
        raise ValueError(f"{name}.js has a form that cannot be joined: {unknown[0]}")
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {', '.join(EXPORT.findall(text))} }};\n}})();\n"


def translated(source: str, texts: NullTranslations) -> str:
    """A module with its texts in another language. A plural becomes an object of all its forms, by the names
    that `Intl.PluralRules` gives them. Raises ValueError for an escape that JSON does not know.
    """
    language = _language(texts)

    def one(found: re.Match[str]) -> str:
        return f"gettext({_literal(texts.gettext(json.loads(found[1])))}"

    def plural(found: re.Match[str]) -> str:
        source = json.loads(found[1]), json.loads(found[2])
        forms = {name: texts.ngettext(*source, example) for name, example in _examples(texts).items()}
        if set(forms.values()) <= set(source):
            return found[0]  # not translated: English has its own rule
        return f'ngettext({_literal(forms)},"",'

    told = LANGUAGE.sub(f'const LANGUAGE = "{str(language).replace("_", "-")}";', source)
    return NGETTEXT.sub(plural, GETTEXT.sub(one, told))


def _language(texts: NullTranslations) -> Locale:
    return Locale.parse(texts.info()["language"])


def _examples(texts: NullTranslations) -> dict[str, int]:
    """A number for each form of the plural."""
    rule = _language(texts).plural_form
    found: dict[str, int] = {}
    for number in EXAMPLES:
        found.setdefault(rule(number), number)
    return {"other": max(found.values())} | found


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
