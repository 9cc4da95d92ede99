"""What the host does to the site in the browser. The files stay the truth: a change is made to what is in
them now, is checked as a whole, and the version before it is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from porch.access.actors import Actor
from porch.engines import Engines
from porch.errors import Conflict, Forbidden, Invalid, NotFound, RetryLater
from porch.site.folder import LITTER, MEDIA, SAMPLE, Look, begun, load
from porch.site.history import History, Version
from porch.site.naming import file_stem
from porch.site.own_media import users
from porch.site.problems import ContentError, Problem
from porch.site.reading import NAMED, Files, read_site
from porch.site.writing import remove_image, write_files, write_image, write_sample
from porch.texts import lazy_gettext

CHANGED = lazy_gettext("This was changed elsewhere since you opened it. Nothing was overwritten.")
NOT_HOST = lazy_gettext("Only the host may change the front page.")
Change = Callable[[Files], Mapping[str, bytes | None]]


class WrongContent(Invalid):
    """What is to be saved is not as it must be; `problems` say where."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self.problems[0]))


def enforce_host(actor: Actor) -> None:
    """Raises Forbidden for anybody else."""
    if actor.role != "admin":
        raise Forbidden(NOT_HOST)


def files_now(engines: Engines) -> dict[str, bytes]:
    """The files as they are on the disk now, also those with mistakes; the sample where there are none."""
    return _now(engines)[0]


def digest(content: bytes | None) -> str:
    """What a form carries, to be told whether the file was changed meanwhile."""
    return "" if content is None else hashlib.sha256(content).hexdigest()[:20]


def overview(files: Files) -> str:
    """The same of all files together."""
    return digest(
        b"".join(f"{path}\0{digest(content)}\n".encode() for path, content in sorted(files.items()))
    )


def change_files(
    engines: Engines, actor: Actor, make: Change, *, seen: Mapping[str, str], change: str
) -> None:
    """Write what `make` makes of the files, if those it is about are still as they were seen.

    `seen` are digests by path; "*" stands for all files together. `change` is a word for it, for the list of
    versions. Raises Forbidden, Conflict, WrongContent, RetryLater.
    """
    enforce_host(actor)
    with engines.site.writing:
        files, look = _now(engines)
        is_seen = all(
            known == (overview(files) if path == "*" else digest(files.get(path)))
            for path, known in seen.items()
        )
        # A form may be sent again because its answer was lost.
        if not is_seen and not _is_made(make, files):
            raise Conflict(CHANGED)
        made = _made(make, files)
        changes = {path: content for path, content in made.items() if files.get(path) != content}
        after = {path: content for path, content in (files | changes).items() if content is not None}
        _check(files, after, made, look)
        if changes:
            _write(engines, files, changes, change)


def _made(make: Change, files: Files) -> Mapping[str, bytes | None]:
    """Raises WrongContent where what is there cannot be read, and so cannot be changed."""
    try:
        return make(files)
    except ContentError as error:
        raise WrongContent(error.problems) from None


def _is_made(make: Change, files: Files) -> bool:
    try:
        return all(files.get(path) == content for path, content in make(files).items())
    except (Invalid, ContentError):
        return False


def versions(engines: Engines) -> list[Version]:
    """What can be brought back, the newest first."""
    return _history(engines).versions()


def bring_back(engines: Engines, actor: Actor, name: str, *, seen: str) -> None:
    """Make the files what they were in this version; what they are now can be brought back in turn.

    Raises Forbidden, NotFound, Conflict, WrongContent, RetryLater.
    """
    enforce_host(actor)
    version = _history(engines).version(name)
    if version is None:
        raise NotFound(lazy_gettext("This version is not kept any more."))
    then = version.files

    def make(files: Files) -> dict[str, bytes | None]:
        return {path: then.get(path) for path in {*files, *then} if NAMED.fullmatch(path)}

    change_files(engines, actor, make, seen={"*": seen}, change="Brought back an older version")


def add_image(engines: Engines, actor: Actor, file_name: str, content: bytes) -> str:
    """Put an image into media/ and make it ready; returns the name it got.

    Raises Forbidden, Invalid for what is no image, TooLarge, RetryLater.
    """
    enforce_host(actor)
    name = image_name(file_name)
    picture = engines.images.prepare(content)
    with engines.site.writing:
        try:
            _begin_folder(engines)
            place = write_image(engines.site.folder, name, content)
            status = place.stat()
        except OSError as error:
            raise RetryLater(cause=f"the folder of the site: {error}") from None
    engines.pictures.add(place.name, (status.st_mtime_ns, status.st_size, status.st_ino), picture)
    engines.site.forget()
    return place.name


def delete_image(engines: Engines, actor: Actor, name: str) -> None:
    """Take an image away that nothing shows. Raises Forbidden, NotFound, Conflict, RetryLater."""
    enforce_host(actor)
    with engines.site.writing:
        files, look = _now(engines)
        if not MEDIA.fullmatch(name) or name not in look.media:
            raise NotFound(lazy_gettext("There is no such image."))
        if found := users(files, name):
            raise Conflict(lazy_gettext("It is used in %(choices)s.", choices=", ".join(found)))
        try:
            remove_image(engines.site.folder, name)
        except OSError as error:
            raise RetryLater(cause=f"the folder of the site: {error}") from None
    engines.pictures.sweep()
    engines.site.forget()


def image_name(file_name: str) -> str:
    """A name that can stand in media/, like the one the file has. Raises Invalid."""
    base = re.split(r"[/\\]", file_name)[-1].lower()
    stem, _, ending = base.rpartition(".")
    name = f"{file_stem(stem) or 'image'}.{ending}"
    if not MEDIA.fullmatch(name) or LITTER.fullmatch(name):
        words = lazy_gettext("The name of an image ends in .jpg, .png, .webp, .gif or .avif.")
        raise Invalid(words, fields={"image": words})
    return name


def _now(engines: Engines) -> tuple[dict[str, bytes], Look]:
    try:
        folder, look = begun(engines.site.folder)
        return load(folder, look)[0], look
    except OSError as error:
        raise RetryLater(cause=f"the folder of the site: {error}") from None


def _check(files: Files, after: Files, made: Mapping[str, object], look: Look) -> None:
    """What is wrong elsewhere already is no reason to refuse a change that is right. Raises WrongContent."""
    problems = _problems(after, look)
    known = {str(problem) for problem in _problems(files, look)} if problems else set()
    wrong = [problem for problem in problems if problem.file in made or str(problem) not in known]
    if wrong:
        raise WrongContent(wrong)


def _problems(files: Files, look: Look) -> tuple[Problem, ...]:
    try:
        read_site(files, look.media.keys())
    except ContentError as error:
        return error.problems
    return ()


def _write(engines: Engines, files: Files, changes: Mapping[str, bytes | None], change: str) -> None:
    try:
        _begin_folder(engines)
        _history(engines).keep(files, change)
        write_files(engines.site.folder, changes)
    except OSError as error:
        raise RetryLater(cause=f"the folder of the site: {error}") from None
    engines.site.forget()


def _begin_folder(engines: Engines) -> None:
    """The first change is made to the sample, which becomes the owner's own."""
    if begun(engines.site.folder)[0] is SAMPLE:
        write_sample(engines.site.folder)


def _history(engines: Engines) -> History:
    return History(Path(engines.site.kept) / "history")
