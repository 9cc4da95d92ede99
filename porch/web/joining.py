"""Many small source files as one answer: over HTTP/1.1 thirty requests cost a phone more than their bytes do.

Nothing is written to disk and nothing is renamed. A joined file is its sources one after another, minified;
each source is served under its own name as well, as it stands in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter

from rcssmin import cssmin
from rjsmin import jsmin

Read = Callable[[str], str]
Address = Callable[[str], str]

IMPORT = re.compile(r'^import \{ (\w+(?:, \w+)*) \} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
LATE = re.compile(r'\bimport\("\./(\w+)\.js"\)')
LEFT_OVER = re.compile(r"^\s*(?:import|export)\b(?!\()[^\n]*", re.MULTILINE)


def join_styles(texts: Iterable[str]) -> str:
    """Style sheets in one; the layers they name keep their order."""
    minified: str = cssmin("".join(texts))
    return minified


def join_modules(entry: str, read: Read, address: Address = "./{}.js".format) -> str:
    """The module `entry` and all it imports, as one module, which exports what `entry` does. Modules that are
    loaded late, by `import("./name.js")`, are loaded from where `address` says.

    Each source becomes a function of its own, so that names stay apart, and runs after what it imports.
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
    minified: str = jsmin("".join(_wrapped(name, sources[name]) for name in order) + offered)
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
