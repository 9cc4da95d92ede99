"""The commands that a host types, word for word, in a fresh copy of the repository.

What the server says or does in the same way wherever it is started, it says and does as a fork.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from porch.config import settings_from
from tests.support.database import rows
from tests.support.people import Guest
from tests.support.programs import Serving, ServingApp, app, copy_checkout, porch, run, said
from tests.support.sockets import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.sqlite("a fresh copy begins with SQLite")

TABLES = {
    "alembic_version",
    "audit",
    "block",
    "chat",
    "device",
    "device_entry",
    "device_request",
    "direct",
    "epoch",
    "epoch_share",
    "identity",
    "invitation",
    "membership",
    "mention",
    "message",
    "name_key",
    "push_subscription",
    "reaction",
    "report",
    "search_change",
    "search_progress",
    "search_span",
    "session",
    "upload",
    "user",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "porch")


@pytest.fixture(scope="module")
def shared_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For commands that change nothing, or say that they cannot."""
    return copy_checkout(tmp_path_factory.mktemp("checkout") / "porch")


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    with ExitStack() as stack:

        def start(*command: str, folder: Path, **environ: str) -> Serving:
            return stack.enter_context(Serving(*command, folder=folder, **environ))

        yield start


@pytest.fixture
def serve_app() -> Iterator[Callable[..., Serving]]:
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(ServingApp(*arguments))


# The index makes its own when there is something to find.
OURS = "name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_text%'"


def tables(checkout: Path) -> set[str]:
    found = rows(checkout / "data", f"SELECT name FROM sqlite_schema WHERE type = 'table' AND {OURS}")
    return {name for (name,) in found}


def migrations(checkout: Path) -> set[str]:
    return {
        path.relative_to(checkout).as_posix()
        for path in (checkout / "migrations").rglob("*")
        if "__pycache__" not in path.parts
    }


def succeed(folder: Path, *command: str, **environ: str) -> str:
    """Run a command that must end well; returns what it said."""
    done = run(*command, folder=folder, environ=environ)
    assert done.returncode == 0, said(done)
    assert "Traceback" not in said(done)
    return said(done)


def talk(url: str) -> None:
    """Sign in, open a room, and say something that is heard by socket."""
    assert Guest(url).raw("GET", "/").status_code == 200
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    chat = ann.open_chat()
    bob.join(chat)
    with bob.socket() as listener:
        listener.enter(chat)
        ann.send(chat, "Can you hear me?")
        eventually(lambda: listener.contents() == ["Can you hear me?"])
        listener.send(chat, "Yes.")
    assert [m["content"] for m in ann.after(chat, 0)["messages"]] == ["Can you hear me?", "Yes."]


@pytest.mark.long
def test_the_database_can_be_made_and_changed_by_the_migration_commands(checkout: Path) -> None:
    shipped = migrations(checkout)
    flask = ("python3", "-m", "flask")
    assert "already" in succeed(checkout, *flask, "db", "init")
    said_of_migrate = succeed(checkout, *flask, "db", "migrate", "-m", "my first migration")
    assert "nothing to migrate" in said_of_migrate
    succeed(checkout, *flask, "db", "upgrade")
    assert tables(checkout) == TABLES
    succeed(checkout, *flask, "db", "stamp", "head")
    succeed(checkout, *flask, "db", "migrate")
    succeed(checkout, *flask, "db", "upgrade")
    assert tables(checkout) == TABLES
    assert migrations(checkout) == shipped


def test_stamping_an_empty_database_makes_its_tables(tmp_path: Path) -> None:
    assert "upgraded" in said(porch("db", "stamp", "head", folder=tmp_path))
    assert tables(tmp_path) == TABLES


def test_a_change_of_the_models_becomes_a_migration(checkout: Path) -> None:
    shipped = migrations(checkout)
    model = checkout / "porch" / "models" / "membership.py"
    field = "    joined_at: Mapped[datetime]"
    added = "    nickname: Mapped[str | None]\n"
    model.write_text(model.read_text().replace(field, added + field))
    succeed(checkout, "python3", "-m", "flask", "db", "migrate", "-m", "nicknames")
    (new,) = migrations(checkout) - shipped
    assert "nicknames" in new
    succeed(checkout, "python3", "-m", "flask", "db", "upgrade")
    columns = {
        name for (name,) in rows(checkout / "data", "SELECT name FROM pragma_table_info('membership')")
    }
    assert "nickname" in columns


def test_initdb_makes_the_database_and_the_second_time_changes_nothing(checkout: Path) -> None:
    database = checkout / "data" / "chat.db"
    assert f"Made the database {database}" in succeed(checkout, "flask", "initdb", FLASK_APP="chat.py")
    assert tables(checkout) == TABLES
    before = database.read_bytes()
    assert "nothing was changed" in said(porch("initdb", folder=checkout))
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "environ"),
    [
        (("python3", "-m", "flask", "run"), {}),
        pytest.param(("flask", "run"), {"FLASK_APP": "chat.py"}, marks=pytest.mark.long),
        (("python3", "app.py"), {}),
    ],
    ids=["python3 -m flask run", "FLASK_APP=chat.py flask run", "python3 app.py"],
)
def test_each_way_of_serving_serves(
    checkout: Path, serve: Callable[..., Serving], command: tuple[str, ...], environ: dict[str, str]
) -> None:
    talk(serve(*command, "--port", str(free_port()), folder=checkout, **environ).url)
    assert tables(checkout) == TABLES


def test_left_alone_it_serves_on_port_5000_of_this_machine_only(
    tmp_path: Path, serve_app: Callable[..., Serving]
) -> None:
    arguments, where = ["--data", str(tmp_path)], "http://127.0.0.1:5000"
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 5000))
        except OSError:  # somebody else's; what is written down must do
            settings = settings_from({})
            assert (settings.host, settings.port) == ("127.0.0.1", 5000)
            port = free_port()
            arguments += ["--port", str(port)]
            where = f"http://127.0.0.1:{port}"
    running = serve_app(*arguments)
    assert f"Running on {where}" in running.printed
    assert Guest(running.url).raw("GET", "/").status_code == 200


def test_deleting_the_data_folder_is_a_clean_wipe(
    checkout: Path, serve: Callable[..., Serving], serve_app: Callable[..., Serving]
) -> None:
    untouched = {path for path in checkout.iterdir() if path.name != "__pycache__"}
    first = serve("python3", "app.py", "--port", "0", folder=checkout)
    ann = Guest.sign_in(first.url, "Ann")
    ann.open_chat()
    assert first.stop() == 0
    assert {path for path in checkout.iterdir() if path.name != "__pycache__"} - untouched == {
        checkout / "data"
    }
    for file in (checkout / "data").iterdir():
        file.unlink()
    (checkout / "data").rmdir()

    second = serve_app("--port", 0, "--data", checkout / "data")
    assert Guest(second.url, ann.token).raw("GET", "/sessions/current").status_code == 401
    newcomer = Guest.sign_in(second.url, "Ann")
    assert newcomer.open_chat()["id"] == 1


def test_a_server_that_is_asked_to_stop_ends_well(tmp_path: Path, serve_app: Callable[..., Serving]) -> None:
    running = serve_app("--port", 0, "--data", tmp_path)
    ann = Guest.sign_in(running.url)
    with ann.socket() as listener:
        listener.enter(ann.open_chat())
        assert running.stop() == 0
    assert "Traceback" not in running.printed


@pytest.mark.parametrize(
    ("command", "name", "value", "told"),
    [
        pytest.param(
            ("python3", "-m", "flask", "run"), "PORCH_COLOUR", "red", "PORCH_LIVE", marks=pytest.mark.long
        ),
        (("flask", "initdb"), "PORCH_LIVE", "carrier pigeon", "socket or poll"),
        (("python3", "scripts/util.py", "insert"), "PORCH_COLOUR", "red", "PORCH_LIVE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_setting_is_refused_in_one_line(
    shared_checkout: Path, tmp_path: Path, command: tuple[str, ...], name: str, value: str, told: str
) -> None:
    done = run(*command, folder=shared_checkout, environ={name: value, "PORCH_DATA": str(tmp_path / "data")})
    refused_in_one_line(done, name, told)
    assert not (tmp_path / "data").exists()


def test_the_server_refuses_a_wrong_setting_in_one_line(tmp_path: Path) -> None:
    done = app(PORCH_LIVE="carrier pigeon", PORCH_DATA=str(tmp_path / "data"))
    refused_in_one_line(done, "PORCH_LIVE", "socket or poll")
    assert not (tmp_path / "data").exists()


def refused_in_one_line(done: CompletedProcess[str], name: str, told: str) -> None:
    assert done.returncode != 0
    last = said(done).strip().splitlines()[-1]
    assert name in last
    assert told in last
    assert "Traceback" not in said(done)


@pytest.mark.parametrize("port", ["65536", "http"])
def test_a_wrong_port_is_refused_and_named(tmp_path: Path, port: str) -> None:
    done = app(f"--port={port}", "--data", tmp_path)
    assert done.returncode != 0
    assert "PORCH_PORT" in said(done)
    assert "65535" in said(done)
    assert "Traceback" not in said(done)


HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
"""


@pytest.mark.parametrize(
    ("command", "package"),
    [
        (("python3", "app.py"), "gevent"),
        (("python3", "app.py"), "flask"),
        (("python3", "app.py"), "sqlalchemy"),
        (("python3", "-m", "flask", "run"), "flask_socketio"),
        (("flask", "initdb"), "sqlalchemy"),
        (("python3", "scripts/util.py", "insert"), "click"),
        (("python3", "scripts/util.py", "insert"), "precis_i18n"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_package_that_is_missing_is_named_in_one_sentence(
    shared_checkout: Path, tmp_path: Path, command: tuple[str, ...], package: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(package=package))
    environ = {"PYTHONPATH": str(tmp_path), "PORCH_DATA": str(tmp_path / "data")}
    done = run(*command, folder=shared_checkout, environ=environ)
    assert done.returncode != 0
    assert said(done).strip() == (
        f"Error: Porch needs the package {package}. Install it with: pip3 install -r requirements.txt"
    )


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        done = app("--port", port, "--data", tmp_path)
    assert done.returncode != 0
    (line,) = said(done).strip().splitlines()
    assert f"Cannot listen on 127.0.0.1 port {port}" in line
    assert "--port" in line


def test_help_lists_the_commands(shared_checkout: Path) -> None:
    told = succeed(shared_checkout, sys.executable, "-m", "porch.launch", "--help")
    lines = [line for line in told.partition("Commands:")[2].splitlines() if line.strip()]
    assert not [line for line in lines if line.endswith("...")]
    commands = {line.split()[0] for line in lines}
    assert {"run", "initdb", "db"} <= commands
    assert "Serve Porch." in told


def test_help_of_run_lists_its_options() -> None:
    done = app("--help")
    assert done.returncode == 0
    for option in ("--host", "--port", "--data"):
        assert option in said(done)


def test_an_option_before_the_command_is_no_trap(
    shared_checkout: Path, tmp_path: Path, serve: Callable[..., Serving]
) -> None:
    command = ("python3", "-m", "porch.launch", "--debug", "run", "--port", "0", "--data", str(tmp_path))
    talk(serve(*command, folder=shared_checkout).url)


def test_settings_come_from_the_file_beside_the_program_wherever_one_stands(
    checkout: Path, tmp_path: Path
) -> None:
    data = tmp_path / "elsewhere"
    (checkout / ".env").write_text(f"PORCH_DATA={data}\n")
    done = run(
        sys.executable, str(checkout / "scripts" / "util.py"), "insert", "--messages", "1", folder=tmp_path
    )
    assert done.returncode == 0, said(done)
    assert (data / "chat.db").exists()
    assert not (checkout / "data").exists()


def test_a_data_folder_that_cannot_be_is_one_sentence() -> None:
    done = app("--data", "README.md")
    assert done.returncode != 0
    assert "README.md cannot be the data folder" in said(done)
    assert "Traceback" not in said(done)


def test_a_data_folder_that_must_not_be_written_in_is_one_sentence(
    shared_checkout: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    # What lets root write anywhere.
    plainly = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = run(*plainly, sys.executable, "app.py", "--data", str(data), folder=shared_checkout)
    assert done.returncode == 1
    assert f"{data} cannot be the data folder: user {os.geteuid()}, who runs Porch, may not" in said(done)
    assert "Traceback" not in said(done)


def test_a_database_that_is_away_is_one_sentence_of_the_server(tmp_path: Path) -> None:
    address, environ = nowhere(tmp_path)
    unreachable_in_one_sentence(app(**environ), address)


@pytest.mark.long
def test_a_database_that_is_away_is_one_sentence_of_a_command(shared_checkout: Path, tmp_path: Path) -> None:
    address, environ = nowhere(tmp_path)
    done = run(sys.executable, "-m", "porch.launch", "initdb", folder=shared_checkout, environ=environ)
    unreachable_in_one_sentence(done, address)


def nowhere(data: Path) -> tuple[str, dict[str, str]]:
    """The address of a database that is not there, and the environment that asks for it."""
    address = f"127.0.0.1:{free_port()}/porch"
    return address, {
        "PORCH_DATA": str(data),
        "PORCH_DATABASE_URL": f"postgresql+psycopg://porch:hushed@{address}",
    }


def unreachable_in_one_sentence(done: CompletedProcess[str], address: str) -> None:
    assert done.returncode == 1
    assert f"Error: The database postgresql+psycopg://porch:***@{address} cannot be reached: " in said(done)
    assert "Traceback" not in said(done)
    assert "hushed" not in said(done)
