"""`porch backup` and `porch restore`: the site that comes back is the site that was kept."""

from __future__ import annotations

import errno
import gzip
import io
import json
import tarfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import UNLIMITED
from tests.support.database import rows
from tests.support.people import Guest, Json
from tests.support.pictures import photo
from tests.support.programs import porch, said
from tests.support.server import Server

pytestmark = pytest.mark.sqlite("a backup has the file of SQLite")

Content = dict[str, bytes]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site that people have used, and its backup in `kept.tar.gz`."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "site" / "media").mkdir(parents=True)
    (folder / "site" / "site.toml").write_text('name = "Ada"\n')
    (folder / "site" / "media" / "garden.jpg").write_bytes(photo())
    with Server(folder / "data", site=folder / "site", **UNLIMITED) as server:
        ann = Guest(server.url).sign_up()
        chat = ann.open_chat("The garden")
        upload = ann.upload(chat, photo(), "tea.jpg")
        ann.send(chat, "Look", files=[upload["id"]])
        # While it runs.
        assert porch("backup", str(folder / "kept.tar.gz"), folder=folder).returncode == 0
        ann.send(chat, "Said afterwards")
        (folder / "told.json").write_text(json.dumps({"token": ann.token, "chat": chat}))
    return folder


def content_of(file: Path) -> Content:
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def pack(file: Path, content: Content, *more: tarfile.TarInfo) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for name, found in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(found)
            tar.addfile(member, io.BytesIO(found))
        for member in more:
            tar.addfile(member)
    return file


def test_what_was_kept_while_it_ran_is_there_again_elsewhere(kept: Path, tmp_path: Path) -> None:
    done = porch("restore", str(kept / "kept.tar.gz"), folder=tmp_path)
    assert done.returncode == 0, said(done)
    told = json.loads((kept / "told.json").read_text())
    with Server(tmp_path / "data", site=tmp_path / "site", **UNLIMITED) as server:
        ann, chat = Guest(server.url, told["token"]), told["chat"]
        (message,) = ann.after(chat, 0)["messages"]
        assert message["content"] == "Look"
        (file,) = message["files"]
        assert ann.raw("GET", file["url"]).status_code == 200
    assert (tmp_path / "site" / "site.toml").read_text() == 'name = "Ada"\n'
    assert (tmp_path / "site" / "media" / "garden.jpg").read_bytes() == photo()
    secret = "secret_key"
    assert (tmp_path / "data" / secret).read_bytes() == (kept / "data" / secret).read_bytes()
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith(".restore")]


def test_nobody_else_can_read_it_and_it_says_nothing_of_who_made_it(kept: Path) -> None:
    assert (kept / "kept.tar.gz").stat().st_mode & 0o077 == 0
    with tarfile.open(kept / "kept.tar.gz") as tar:
        assert {(member.uname, member.uid) for member in tar} == {("", 0)}


def test_what_is_under_way_and_the_claim_are_not_in_it(kept: Path) -> None:
    names = set(content_of(kept / "kept.tar.gz"))
    assert "data/claim" not in names
    assert {name for name in names if "chat.db" in name} == {"chat.db"}
    assert not [name for name in names if "/work/" in name]


def test_it_is_whole_however_much_is_written_meanwhile(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **UNLIMITED) as server, ExitStack() as stack:
        ann = Guest.sign_in(server.url)
        chat = ann.open_chat()
        begun, over = threading.Event(), threading.Event()

        def talk() -> None:
            while not over.is_set():
                ann.send(chat, "More")
                begun.set()

        talker = threading.Thread(target=talk)
        talker.start()
        stack.callback(talker.join)
        stack.callback(over.set)
        assert begun.wait(30)
        done = porch("backup", str(tmp_path), folder=tmp_path)
        assert done.returncode == 0, said(done)
    (file,) = tmp_path.glob("porch-*.tar.gz")
    assert porch("restore", str(file), folder=tmp_path / "new").returncode == 0
    (count, last), (rev,) = (
        rows(tmp_path / "new" / "data", query)[0]
        for query in ("SELECT count(*), max(seq) FROM message", "SELECT rev FROM chat")
    )
    assert count == last == rev > 0


def test_nothing_is_written_over(kept: Path, tmp_path: Path) -> None:
    before = (kept / "kept.tar.gz").read_bytes()
    assert "is there already" in said(porch("backup", str(kept / "kept.tar.gz"), folder=kept))
    assert (kept / "kept.tar.gz").read_bytes() == before
    database = (kept / "data" / "chat.db").read_bytes()
    assert "There is a database" in said(porch("restore", str(kept / "kept.tar.gz"), folder=kept))
    assert (kept / "data" / "chat.db").read_bytes() == database


def test_a_folder_that_is_not_there_is_made(kept: Path) -> None:
    folder = kept / "backups" / "nightly"
    done = porch("backup", str(folder), folder=kept)
    assert done.returncode == 0, said(done)
    assert [file.name.startswith("porch-") for file in folder.iterdir()] == [True]


def test_an_owners_site_that_is_there_stays(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.toml").write_text('name = "Bob"\n')
    assert "--without-site" in said(porch("restore", str(kept / "kept.tar.gz"), folder=tmp_path))
    assert not (tmp_path / "data" / "chat.db").exists()
    done = porch("restore", "--without-site", str(kept / "kept.tar.gz"), folder=tmp_path)
    assert done.returncode == 0, said(done)
    assert (tmp_path / "site" / "site.toml").read_text() == 'name = "Bob"\n'
    assert (tmp_path / "data" / "chat.db").exists()


def test_without_a_database_there_is_nothing_to_keep(tmp_path: Path) -> None:
    done = porch("backup", str(tmp_path / "kept.tar.gz"), folder=tmp_path)
    assert done.returncode == 1
    assert "There is no database" in said(done)
    assert not (tmp_path / "kept.tar.gz").exists()


def changed_database(content: Content) -> Content:
    return content | {"chat.db": content["chat.db"][:-1] + b"!"}


def changed_upload(content: Content) -> Content:
    name = next(name for name in content if name.startswith("data/uploads/"))
    return content | {name: content[name] + b"!"}


def no_database(content: Content) -> Content:
    return {name: found for name, found in content.items() if name != "chat.db"}


def no_manifest(content: Content) -> Content:
    return {name: found for name, found in content.items() if name != "manifest.json"}


def another_format(content: Content) -> Content:
    manifest: Json = json.loads(content["manifest.json"])
    return content | {"manifest.json": json.dumps(manifest | {"format": "porch-backup-9"}).encode()}


def a_way_out(content: Content) -> Content:
    return content | {"data/../../outside": b"!"}


def from_the_root(content: Content) -> Content:
    return content | {"/data/outside": b"!"}


def something_else(content: Content) -> Content:
    return content | {"porch.py": b"!"}


@pytest.mark.parametrize(
    "change",
    [
        changed_database,
        changed_upload,
        no_database,
        no_manifest,
        another_format,
        a_way_out,
        from_the_root,
        something_else,
    ],
)
def test_what_is_not_as_it_was_kept_changes_nothing(
    kept: Path, tmp_path: Path, change: Callable[[Content], Content]
) -> None:
    file = pack(tmp_path / "changed.tar.gz", change(content_of(kept / "kept.tar.gz")))
    refused(file, tmp_path / "new")


def test_no_link_is_followed(kept: Path, tmp_path: Path) -> None:
    link = tarfile.TarInfo("data/uploads")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
    refused(pack(tmp_path / "link.tar.gz", content_of(kept / "kept.tar.gz"), link), tmp_path / "new")


@pytest.mark.parametrize("left", [0, 10, 2_000, -8])
def test_a_file_that_ends_too_early_changes_nothing(kept: Path, tmp_path: Path, left: int) -> None:
    (tmp_path / "short.tar.gz").write_bytes((kept / "kept.tar.gz").read_bytes()[:left])
    refused(tmp_path / "short.tar.gz", tmp_path / "new")


def test_what_is_no_archive_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "words.tar.gz").write_bytes(gzip.compress(b"Hello"))
    refused(tmp_path / "words.tar.gz", tmp_path / "new")


def test_a_backup_of_a_newer_version_is_refused_as_such(kept: Path, tmp_path: Path) -> None:
    content = content_of(kept / "kept.tar.gz")
    manifest = json.loads(content["manifest.json"]) | {"revision": "9999"}
    file = pack(tmp_path / "newer.tar.gz", content | {"manifest.json": json.dumps(manifest).encode()})
    assert "newer version" in said(porch("restore", str(file), folder=tmp_path / "new"))


@pytest.mark.parametrize("is_there", ["nothing", "empty folders", "a key and an upload"])
def test_what_cannot_be_put_into_its_place_whole_leaves_all_as_it_was(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: str
) -> None:
    if is_there != "nothing":
        (tmp_path / "data" / "uploads").mkdir(parents=True)
        (tmp_path / "site").mkdir()
    if is_there == "a key and an upload":
        (tmp_path / "data" / "secret_key").write_bytes(b"k" * 32)
        (tmp_path / "data" / "uploads" / "spare").write_bytes(b"!")
    before = tree(tmp_path) | {tmp_path / "data": None}  # which every command makes
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target == tmp_path / "data" / "chat.db":
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as disk:
        disk.setattr(Path, "replace", full)
        done = porch("restore", str(kept / "kept.tar.gz"), folder=tmp_path)
    assert done.returncode == 1
    assert "No space left on device. Nothing was changed" in said(done)
    assert tree(tmp_path) == before
    assert porch("restore", str(kept / "kept.tar.gz"), folder=tmp_path).returncode == 0


def test_where_the_sites_folder_cannot_be_made_the_reason_is_said(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "site").symlink_to("nowhere")
    done = porch("restore", str(kept / "kept.tar.gz"), folder=tmp_path)
    assert (done.returncode, "File exists" in said(done)) == (1, True)
    assert not list((tmp_path / "data").iterdir())


def tree(folder: Path) -> dict[Path, bytes | None]:
    """All that is in a folder, files with their content."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refused(file: Path, folder: Path) -> None:
    done = porch("restore", str(file), folder=folder)
    assert done.returncode == 1
    assert "Nothing was changed" in said(done)
    assert not list((folder / "data").iterdir())
    assert not (folder / "site").exists()
    assert not (folder.parent / "outside").exists()
