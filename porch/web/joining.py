"""Many small source files as one answer: over HTTP/1.1 thirty requests cost a phone more than their bytes do.

Nothing is written to disk and nothing is renamed. A joined file is its sources one after another, without
their comments, modules without their indentation and most spaces too; each source is served under its own
name as well, as it stands in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter

Read = Callable[[str], str]

# Lines that are nothing but comment. What stands behind code on a line stays.
COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.DOTALL | re.MULTILINE)
# Types behind code, which browsers have no use for either.
TYPE = re.compile(r"/\*\* @(?:type|param) (?:(?!\*/).)*\*/ ?")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
STRING = re.compile(r'("(?:\\.|[^"\\\n])*")')
SPACED = re.compile(r" ?([=,{}();:<>?&|*]+) ?")
# Strings and marks stay; comments and the spaces around marks go. A space before a colon can stand between
# selectors.
STYLE_PART = re.compile(r'("(?:\\.|[^"\\\n])*")|\s*([{};])\s*|(?<=[:,])\s+|/\*.*?\*/', re.DOTALL)
EMPTY_LINES = re.compile(r"\n\s*\n")
IMPORT = re.compile(r'^import \{ (\w+(?:, \w+)*) \} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
LEFT_OVER = re.compile(r"^\s*(?:import|export)\b(?!\()[^\n]*", re.MULTILINE)


def join_styles(texts: Iterable[str]) -> str:
    """Style sheets in one, without comments and most spaces; the layers they name keep their order."""
    return STYLE_PART.sub(lambda found: found[1] or found[2] or "", "".join(texts))


def join_modules(entry: str, read: Read) -> str:
    """The module `entry` and all it imports, as one module, which exports what `entry` does.

    Each source becomes a function of its own, so that names stay apart, and runs after what it imports.
    Only the two forms of the repository are understood: `import { a, b } from "./name.js";` on a line,
    and `export` before a function, class or const. Raises ValueError for any other, for a circle, and for
    a text over several lines, which would lose its indentation.
    """
    sources = _graph(entry, read)
    try:
        order = [*TopologicalSorter({name: _imported(text) for name, text in sources.items()}).static_order()]
    except CycleError as error:
        raise ValueError(f"modules import each other in a circle: {error.args[1]}") from None
    exported = ", ".join(EXPORT.findall(sources[entry]))
    offered = f"export const {{ {exported} }} = ${entry};\n" if exported else ""
    return "".join(_wrapped(name, sources[name]) for name in order) + offered


def _tight(line: str) -> str:
    """The line without the spaces around marks, as far as it is plain: names, numbers, marks and strings.

    What else a line can hold (templates, expressions after a slash) keeps every space.
    """
    parts = STRING.split(line)
    if any(mark in plain for plain in parts[::2] for mark in "`/'\""):
        return line
    parts[::2] = [SPACED.sub(r"\1", plain) for plain in parts[::2]]
    return "".join(parts)


def without_comments(text: str) -> str:
    return EMPTY_LINES.sub("\n", COMMENT.sub("", text)).lstrip()


def _graph(entry: str, read: Read) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = without_comments(read(name))
            wanted += _imported(found[name])
    return found


def _imported(text: str) -> list[str]:
    return [name for _, name in IMPORT.findall(text)]


def _wrapped(name: str, text: str) -> str:
    exported = EXPORT.findall(text)
    body = INDENT.sub("", TYPE.sub("", EXPORT.sub("", IMPORT.sub(r"const { \1 } = $\2;\n", text))))
    if unknown := LEFT_OVER.search(body):
        raise ValueError(f"{name}.js has a form that cannot be joined: {unknown[0]}")
    if any(line.count("`") % 2 for line in body.splitlines()):
        raise ValueError(f"{name}.js has a text that goes over several lines")
    body = "\n".join(map(_tight, body.split("\n")))
    body = body.replace(";\n}", ";}")
    return f"const ${name}=(()=>{{\n{body}return{{{','.join(exported)}}};\n}})();\n"
