"""The floors of the house: who may import whom, read from the imports themselves."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.server import ROOT

SCRIPTS = ROOT / "porch" / "static" / "js"

# From the ground up. A module may import what stands on earlier lines, and its own neighbours below it
# in the same folder or file; never what stands beside it on its line.
GROUND_UP = (
    ("languages", "networks", "slices", "values"),
    ("texts",),
    ("config", "errors"),
    ("extensions",),
    ("models",),
    ("unicode", "emoji"),
    ("text",),
    ("names", "filenames", "passwords", "secret_key", "addresses", "events", "keys", "markdown", "site"),
    ("engines", "claim", "transfer"),
    ("lookup", "peers", "ranks"),
    ("access",),
    ("realtime",),
    ("metrics",),
    ("actions",),
    ("web",),
    ("serving",),
    ("api", "pages", "sockets", "cli"),
)
DOORS = GROUND_UP[-1]
# They know all the others, and each other.
ROOF = ("app", "background", "server", "supervisor", "launch")
assert len({part for parts in GROUND_UP for part in parts}) == sum(map(len, GROUND_UP)), "a part stands twice"
HEIGHT = {part: height for height, parts in enumerate(GROUND_UP) for part in parts}
# The same within a part: folders, and modules that stand in none. Each may import those before it.
WITHIN = {
    "engines": (
        "native",
        "watching",
        "meters",
        "rounds",
        "reading",
        "writing",
        "live",
        "limits",
        "files",
        "outside",
        "search",
        "postgres",
        "alone",
        "readiness",
        "cluster",
        "__init__",
    ),
    "actions": (
        "bounds",
        "site",
        "uploads",
        "upkeep",
        "notifications",
        "rooms",
        "encryption",
        "reading",
        "messages",
        "people",
        "order",
    ),
}
# The same for the folders of scripts. What pages begin with stands above them, in none.
SCRIPTS_GROUND_UP = (
    "base",
    "messages",
    "crypto",
    "log",
    "composer",
    "notifications",
    "chats",
    "site",
    "keys",
    "encrypted_chats",
    "",
)
TEST_IMPORT = re.compile(r"^(?:from|import) (tests\.(?:\w+\.)*test_\w+)", re.MULTILINE)
SCRIPT_IMPORT = re.compile(r'^import .* from "(\.[^"]+)";$', re.MULTILINE)


@dataclass(frozen=True)
class Import:
    """One imported name: `porch.models.Chat` in line 7 of porch/lookup.py, which is `part` lookup."""

    file: Path
    line: int
    part: str
    name: str
    inside_function: bool = False
    for_types_only: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"


def imports(root: Path) -> list[Import]:
    """All imports of all modules of the package `porch` in this folder."""
    found = []
    for path in sorted(root.glob("porch/**/*.py")):
        file = path.relative_to(root)
        parts = file.with_suffix("").parts
        if file.name == "__init__.py":
            parts = parts[:-1]
        if len(parts) == 1:
            assert not path.read_text().strip(), (
                f"{file} is empty, so that launch.py decides what comes first"
            )
            continue
        package = parts if file.name == "__init__.py" else parts[:-1]
        for node, inside, for_types in _walk(ast.parse(path.read_text(), str(file))):
            names = _names(node, package)
            found += [Import(file, node.lineno, parts[1], name, inside, for_types) for name in names]
    return found


def _walk(
    node: ast.AST, inside: bool = False, for_types: bool = False
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside, for_types
        else:
            yield from _walk(
                child,
                inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda),
                for_types or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"),
            )


def _names(node: ast.Import | ast.ImportFrom, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    origin = ".".join(part for part in (base, node.module) if part)
    return [f"{origin}.{alias.name}" for alias in node.names]


def wrong_floors(found: list[Import]) -> list[str]:
    """What is imported from above, or from beside; and parts of the house that have no floor yet."""
    wrong = []
    for one in found:
        if one.part not in HEIGHT and one.part not in ROOF:
            wrong.append(
                f"{one.file} has no floor: say in tests/test_floors.py where porch.{one.part} stands"
            )
            continue
        package, _, rest = one.name.partition(".")
        target = rest.partition(".")[0]
        if package != "porch" or target == one.part or one.part in ROOF:
            continue
        if target in ROOF:
            wrong.append(f"{one}, which is the roof: only {', '.join(ROOF)} may")
        elif target not in HEIGHT:
            wrong.append(f"{one}, which has no floor: say in tests/test_floors.py where it stands")
        elif one.part in DOORS and target in DOORS:
            wrong.append(f"{one}: a door never imports another door")
        elif HEIGHT[target] >= HEIGHT[one.part]:
            below = [part for parts in GROUND_UP[: HEIGHT[one.part]] for part in parts]
            wrong.append(f"{one}: porch.{one.part} may import only {', '.join(below) or 'libraries'}")
    return list(dict.fromkeys(wrong))


def wrong_folders(found: list[Import]) -> list[str]:
    """What a module of `WITHIN` imports from a folder above its own, and folders that have no place there."""
    wrong = []
    for one in found:
        own = WITHIN.get(one.part)
        package, _, rest = one.name.partition(f"porch.{one.part}.")
        if own is None or package or not rest:
            continue
        here, target = one.file.with_suffix("").parts[2], rest.partition(".")[0]
        if here not in own or target not in own:
            wrong.append(f"{one}: say in tests/test_floors.py where both stand in porch.{one.part}")
        elif own.index(target) > own.index(here):
            wrong.append(f"{one}: porch.{one.part}.{here} stands below it")
    return list(dict.fromkeys(wrong))


def writes_by_doors(found: list[Import]) -> list[str]:
    """Where a door reaches for the writer or for a statement that writes: that is for actions."""
    return [
        f"{one}: a door never writes, it calls an action"
        for one in found
        if one.part in DOORS and (_is_writer(one.name) or _is_statement(one.name))
    ]


def _is_writer(name: str) -> bool:
    return f"{name}.".startswith("porch.engines.writing.")


def _is_statement(name: str) -> bool:
    return name.startswith("sqlalchemy.") and name.rpartition(".")[2].lower() in (
        "insert",
        "update",
        "delete",
    )


def circle(found: list[Import]) -> list[str]:
    """Modules of which each imports the one before it, and the first the last; packages themselves aside,
    which gather what is in them.
    """
    modules = {one.file.with_suffix("").as_posix().replace("/", "."): one.file for one in found}
    graph: dict[str, set[str]] = {}
    for one in found:
        targets = {one.name, one.name.rpartition(".")[0]} & modules.keys()
        graph.setdefault(one.file.with_suffix("").as_posix().replace("/", "."), set()).update(targets)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def script_imports(root: Path) -> list[tuple[Path, Path]]:
    """Each module of scripts below this folder, and one that it imports. What it loads late is not among
    them: that runs when the page is whole.
    """
    return [
        (path.relative_to(root), (path.parent / found).resolve().relative_to(root.resolve()))
        for path in sorted(root.rglob("*.js"))
        for found in SCRIPT_IMPORT.findall(path.read_text())
    ]


def wrong_script_floors(root: Path) -> list[str]:
    """Modules of scripts that import from above, from a folder without a floor, or what is not there."""
    heights = {Path(folder): height for height, folder in enumerate(SCRIPTS_GROUND_UP)}
    return [
        f"{path} imports {target}"
        for path, target in script_imports(root)
        if not (root / target).is_file()
        or heights.get(target.parent, len(heights)) > heights.get(path.parent, -1)
    ]


def test_every_script_imports_from_its_folder_downwards_only() -> None:
    assert len(script_imports(SCRIPTS)) > 500
    assert not wrong_script_floors(SCRIPTS), "\n".join(["", *wrong_script_floors(SCRIPTS)])


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("base/dom.js", 'import { gist } from "../messages/gist.js";'),
        ("messages/text.js", 'import { startRoom } from "../room.js";'),
        ("cellar/wine.js", 'import { gist } from "../messages/gist.js";'),
        ("log/feed.js", 'import { gist } from "./gist.js";'),
    ],
)
def test_a_wrong_import_of_a_script_is_seen(tmp_path: Path, file: str, line: str) -> None:
    for name in ("messages/gist.js", "room.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(f"{line}\n")
    (seen,) = wrong_script_floors(tmp_path)
    assert seen.startswith(f"{file} imports ")


def test_every_module_imports_from_its_floor_downwards_only() -> None:
    found = imports(ROOT)
    assert len(found) > 200
    assert not wrong_floors(found), "\n".join(["", *wrong_floors(found)])


def test_every_folder_of_a_large_part_imports_from_itself_downwards_only() -> None:
    found = imports(ROOT)
    for part in WITHIN:
        assert sum(one.part == part for one in found) > 200
    assert not wrong_folders(found), "\n".join(["", *wrong_folders(found)])


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("reading/memory.py", "from porch.engines.writing.writer import Writer", "reading stands below it"),
        ("reading/memory.py", "from porch.engines import readiness", "reading stands below it"),
        ("cellar/wine.py", "from porch.engines.meters import Meters", "say in tests/test_floors.py"),
        ("__init__.py", "from porch.engines.cellar.wine import Wine", "say in tests/test_floors.py"),
    ],
)
def test_a_wrong_import_within_a_part_is_seen(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    module = tmp_path / "porch" / "engines" / file
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(f"{line}\n")
    (seen,) = wrong_folders(imports(tmp_path))
    assert complaint in seen


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circle(imports(ROOT))


def test_a_circle_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "porch" / "realtime"
    folder.mkdir(parents=True)
    (folder / "client.py").write_text(
        "if TYPE_CHECKING:\n    from porch.realtime.engine import EngineServer\n"
    )
    (folder / "engine.py").write_text("from porch.realtime import client\n")
    assert set(circle(imports(tmp_path))) == {"porch.realtime.client", "porch.realtime.engine"}


def test_no_door_writes() -> None:
    found = imports(ROOT)
    assert not writes_by_doors(found), "\n".join(["", *writes_by_doors(found)])


@pytest.mark.parametrize("attribute", ["writer", "commit"])
def test_no_door_reaches_the_writer_through_another_object(attribute: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for door in DOORS
        for path in [ROOT / f"porch/{door}.py", *ROOT.glob(f"porch/{door}/**/*.py")]
        if path.exists()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == attribute
    ]
    assert not wrong, "\n".join(["a door never writes, it calls an action:", *wrong])


def test_no_test_imports_from_another() -> None:
    found = {path: TEST_IMPORT.findall(path.read_text()) for path in (ROOT / "tests").rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {}


def test_imports_stand_at_the_top_of_a_module() -> None:
    wrong = [str(one) for one in imports(ROOT) if one.inside_function and one.part != "launch"]
    assert not wrong, "\n".join(["inside a function, which is for launch.py alone:", *wrong])


def test_the_launcher_needs_nothing_but_the_standard_library_until_it_runs() -> None:
    wrong = [
        str(one)
        for one in imports(ROOT)
        if one.part == "launch" and not one.inside_function and not one.for_types_only
        if one.name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong, "\n".join(["gevent must patch first, and say what is missing:", *wrong])


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        (
            "models/chat.py",
            "from porch.access.chats import chat_for",
            "may import only languages, networks, slices, values, texts, config, errors, extensions",
        ),
        (
            "errors.py",
            "from porch.config import Settings",
            "may import only languages, networks, slices, values, texts",
        ),
        ("engines/writing/writer.py", "from porch import access", "may import only"),
        ("actions/rooms/chats.py", "import porch.web.json", "may import only"),
        ("api/chats.py", "from porch.pages import blueprint", "never imports another door"),
        ("api/chats.py", "from ..pages import blueprint", "never imports another door"),
        ("cli.py", "from porch.app import create_app", "the roof"),
        ("cellar.py", "import os", "has no floor"),
        ("api/chats.py", "from porch.cellar import wine", "has no floor"),
        ("pages/home.py", "def late():\n    from porch.sockets import Rooms", "never imports another door"),
    ],
)
def test_a_wrong_import_is_seen_and_named(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    module = tmp_path / "porch" / file
    module.parent.mkdir(parents=True)
    module.write_text(f"{line}\n")
    (seen,) = wrong_floors(imports(tmp_path))
    assert seen.startswith(f"porch/{file}")
    assert complaint in seen


def test_nothing_opens_the_session_that_nothing_would_close() -> None:
    """Flask-SQLAlchemy's own, for which `create_app` lets contexts end without a look."""
    sources = {path: path.read_text() for path in (ROOT / "porch").rglob("*.py")}
    assert [path for path, source in sources.items() if "db.session" in source] == []


@pytest.mark.parametrize(
    "line",
    [
        "from porch.engines.writing.writer import Transaction",
        "from porch.engines.writing import writer",
        "from porch.engines.writing.appending import Appending",
        "from sqlalchemy import insert",
        "from sqlalchemy.dialects.sqlite import insert as upsert",
    ],
)
def test_a_door_that_writes_is_seen(tmp_path: Path, line: str) -> None:
    module = tmp_path / "porch" / "api" / "chats.py"
    module.parent.mkdir(parents=True)
    module.write_text(f"{line}\n")
    assert len(writes_by_doors(imports(tmp_path))) == 1


def test_an_import_inside_a_function_is_seen(tmp_path: Path) -> None:
    (tmp_path / "porch").mkdir()
    (tmp_path / "porch" / "lookup.py").write_text("import os\n\n\ndef late() -> None:\n    import json\n")
    assert [one.name for one in imports(tmp_path) if one.inside_function] == ["json"]
