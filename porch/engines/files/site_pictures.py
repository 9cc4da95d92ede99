"""Which images of the owner's folder are ready to be shown. New ones are made ready beside the requests, one
after the other; until then a page is shown without them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from porch.engines.files.images import TOO_LARGE, WORDS, Images, Picture
from porch.errors import PorchError, RetryLater
from porch.site.folder import MEDIA, Stamp, State
from porch.texts import in_english

log = logging.getLogger(__name__)

INDEX = "pictures"
PAUSE = 10.0  # seconds until what could not be made is tried again


class Known(msgspec.Struct, frozen=True):
    """What has become of a file of media/ as it was at `stamp`: its picture's key, or why there is none."""

    stamp: Stamp
    key: str = ""
    problem: str = ""


class SitePictures:
    """`media` is the folder that the images are in, `kept` one of ours, for what is known of them."""

    def __init__(self, images: Images, media: Path, kept: Path) -> None:
        self._images = images
        self._media = media
        self._kept = kept
        self._lock = threading.Lock()
        self._known: dict[str, Known] = self._read_index()
        self._card: Picture | None = None
        self._wanted: object = None
        self._not_before = 0.0  # when to look again whether something is missing
        self._making: threading.Thread | None = None
        # Another number when another picture is ready: pages that were made without it are made anew.
        self.version = 0

    def of(self, state: State, name: str | None) -> Picture | None:
        """The picture of a file of media/, when it is ready."""
        known = self._known.get(name or "")
        if known is None or known.stamp != state.media.get(name or ""):
            return None
        return self._images.known(known.key) if known.key else None

    @property
    def card(self) -> Picture | None:
        """The picture to show where the site is shared, when it is ready."""
        return self._card

    def problems(self, state: State) -> dict[str, str]:
        """Why some files are not shown, by name."""
        found = {name: self._known.get(name) for name in state.media}
        return {name: _told(known.problem) for name, known in found.items() if known and known.problem}

    def begin(self, state: State, card: Mapping[str, str] | None = None) -> None:
        """Make ready, beside, what this state needs. Called at every request; it costs little."""
        wanted = (state.version, tuple(card.items()) if card else None)
        with self._lock:
            if wanted == self._wanted or self._making is not None or time.monotonic() < self._not_before:
                return
            self._wanted = wanted
            missing = self._missing(state)
            if not missing and (card is None or (self._card is not None and self._has_card(card))):
                return
            self._making = threading.Thread(target=self._make, args=(state, missing, card), daemon=True)
            self._making.start()

    def finish(self, state: State, card: Mapping[str, str] | None = None) -> None:
        """Make all of it ready, now."""
        self._make(state, self._missing(state), card)

    def add(self, name: str, stamp: Stamp, picture: Picture) -> None:
        """A file that has just been put into media/ is ready already."""
        self._note(name, Known(stamp, picture.key))

    def sweep(self) -> None:
        """Remove what was made of images that are not there any more."""
        self._known = {name: known for name, known in self._known.items() if (self._media / name).is_file()}
        keys = {known.key for known in self._known.values()}
        self._images.keep_only(keys | ({self._card.key} if self._card else set()))

    def _has_card(self, card: Mapping[str, str]) -> bool:
        return self._card is not None and self._card.key == self._images.card_key(card)

    def _missing(self, state: State) -> list[str]:
        return [name for name, stamp in state.media.items() if not self._is_known(name, stamp)]

    def _is_known(self, name: str, stamp: Stamp) -> bool:
        known = self._known.get(name)
        if known is None or known.stamp != stamp:
            return False
        return bool(known.problem) or self._images.known(known.key) is not None

    def _make(self, state: State, names: Iterable[str], card: Mapping[str, str] | None) -> None:
        try:
            if card is not None:
                self._make_card(card)
            for name in names:
                self._make_one(name, state.media[name])
            self.sweep()
        except Exception:  # the next change tries again
            log.exception("the site's images could not be made ready")
        finally:
            with self._lock:
                self._making = None

    def _make_one(self, name: str, stamp: Stamp) -> None:
        path = self._media / name
        if not MEDIA.fullmatch(name) or path.is_symlink():
            return
        try:
            known = Known(stamp, self._images.prepare(path).key)
        except RetryLater as error:
            log.warning("media/%s: %s", name, error.cause)
            self._try_again()
            return
        except PorchError as error:
            problem = in_english(error)
            log.warning("media/%s: %s", name, problem)
            known = Known(stamp, problem=problem)
        except OSError as error:  # it went while it waited
            log.warning("media/%s: %s", name, error)
            return
        self._note(name, known)

    def _make_card(self, card: Mapping[str, str]) -> None:
        try:
            self._card = self._images.card(card)
            self.version += 1
        except PorchError as error:
            log.warning("the card of the site: %s", error.cause or in_english(error))
            if isinstance(error, RetryLater):
                self._try_again()

    def _try_again(self) -> None:
        self._wanted, self._not_before = None, time.monotonic() + PAUSE

    def _note(self, name: str, known: Known) -> None:
        self._known = self._known | {name: known}
        self.version += 1
        try:
            self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self._kept / f".{INDEX}-{os.getpid()}"
            temporary.write_bytes(msgspec.msgpack.encode(self._known))
            temporary.replace(self._kept / INDEX)
        except OSError as error:
            log.warning("what is known of the site's images could not be kept: %s", error)

    def _read_index(self) -> dict[str, Known]:
        try:
            return msgspec.msgpack.decode((self._kept / INDEX).read_bytes(), type=dict[str, Known])
        except (OSError, msgspec.DecodeError):
            return {}


def _told(problem: str) -> str:
    """What is kept in English, as whoever asks reads it."""
    return next((str(text) for text in (*WORDS.values(), TOO_LARGE) if in_english(text) == problem), problem)
