#!/usr/bin/env python3
"""Make porch/unicode.txt from Unicode's own files: what looks alike, what shows, which script is whose.

Give the folder that holds the files of one version of Unicode, and say where they were taken from:

    scripts/unicode_tables.py ~/unicode https://www.unicode.org/Public/17.0.0/

The files, from `ucd` and `security` there: PropertyValueAliases.txt, Scripts.txt, ScriptExtensions.txt,
DerivedCoreProperties.txt, confusables.txt; and Unicode's licence as license.txt.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "porch" / "unicode.txt"
ALIASES, SCRIPTS, EXTENSIONS, PROPERTIES, CONFUSABLES = FILES = (
    "PropertyValueAliases.txt",
    "Scripts.txt",
    "ScriptExtensions.txt",
    "DerivedCoreProperties.txt",
    "confusables.txt",
)
LICENCE = "license.txt"
VERSION = re.compile(r"^# (?:Version: |\w+-)(\d+\.\d+\.\d+)", re.MULTILINE)

Table = dict[str, list[str]]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, source = Path(sys.argv[1]), sys.argv[2]
    table = {
        "script": scripts(folder),
        "written": written(folder),
        "ignorable": ignorable(folder),
        "alike": alike(folder),
    }
    TABLE.write_text(head(folder, source) + body(table), encoding="utf-8")
    print(f"{TABLE}: {TABLE.stat().st_size:,} bytes")


def head(folder: Path, source: str) -> str:
    version = version_of(folder)
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in FILES]
    licence = (folder / LICENCE).read_text(encoding="utf-8").strip().splitlines()
    lines = [
        "Made by scripts/unicode_tables.py; not to be edited. Read by porch/unicode.py.",
        "",
        f"Unicode {version}, from {source}",
        "SHA-256 of what it was made from:",
        *sums,
        "",
        *licence,
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def body(table: Table) -> str:
    return "".join(f"\n[{part}]\n" + "".join(f"{line}\n" for line in lines) for part, lines in table.items())


def version_of(folder: Path) -> str:
    """The version that all files say they are of."""
    versions = set()
    for name in FILES:
        found = VERSION.search((folder / name).read_text(encoding="utf-8")[:1000])
        versions.add(found[1] if found else f"no version in {name}")
    if len(versions) != 1:
        sys.exit(f"The files are not of one version: {', '.join(sorted(versions))}")
    return versions.pop()


def fields(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        content = line.partition("#")[0].strip()
        if content:
            yield [field.strip() for field in content.split(";")]


def span(text: str) -> range:
    """The code points of `41` or `41..5A`."""
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def runs(codes: list[int]) -> str:
    """`41-5A 61`: sorted code points, neighbours joined."""
    joined: list[list[int]] = []
    for code in sorted(codes):
        if joined and joined[-1][1] == code - 1:
            joined[-1][1] = code
        else:
            joined.append([code, code])
    return " ".join(f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in joined)


def scripts(folder: Path) -> list[str]:
    """`Cyrl Cyrillic`: the short name of each script and the one to show."""
    named = [(parts[1], parts[2]) for parts in fields(folder / ALIASES) if parts[0] == "sc"]
    return [f"{short} {long.replace('_', ' ')}" for short, long in sorted(named)]


def written(folder: Path) -> list[str]:
    """`Beng Deva: 964-965`: the characters that are written in just these scripts (Script_Extensions)."""
    short_of = {parts[2]: parts[1] for parts in fields(folder / ALIASES) if parts[0] == "sc"}
    scripts_of = {}
    for codes, script in fields(folder / SCRIPTS):
        scripts_of.update(dict.fromkeys(span(codes), short_of[script]))
    for codes, together in fields(folder / EXTENSIONS):
        scripts_of.update(dict.fromkeys(span(codes), " ".join(sorted(together.split()))))
    by_scripts: dict[str, list[int]] = {}
    for code, together in scripts_of.items():
        by_scripts.setdefault(together, []).append(code)
    return [f"{together}: {runs(codes)}" for together, codes in sorted(by_scripts.items())]


def ignorable(folder: Path) -> list[str]:
    """The characters that are not shown at all (Default_Ignorable_Code_Point)."""
    codes: list[int] = []
    for parts in fields(folder / PROPERTIES):
        if parts[1] == "Default_Ignorable_Code_Point":
            codes.extend(span(parts[0]))
    return [runs(codes)]


def alike(folder: Path) -> list[str]:
    """`72 6E: 6D 217F`: the characters that look like these, and stand for them in a skeleton."""
    by_prototype: dict[str, list[int]] = {}
    for source, prototype, _ in fields(folder / CONFUSABLES):
        key = " ".join(f"{int(code, 16):X}" for code in prototype.split())
        by_prototype.setdefault(key, []).append(int(source, 16))
    return [f"{prototype}: {runs(codes)}" for prototype, codes in sorted(by_prototype.items())]


if __name__ == "__main__":
    main()
