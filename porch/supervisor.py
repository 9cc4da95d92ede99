"""Several processes on one port: started one after another, started again when they end, and replaced.

They share one listening socket, which stays open here: while a worker is replaced nobody is turned away.
"""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress

import gevent
from gevent.event import Event
from gevent.lock import RLock

from porch.config import ROOT, Settings
from porch.server import Handed, listen
from porch.web.logs import begin_log

log = logging.getLogger(__name__)

STARTING = 120.0  # seconds that a worker may take until it serves: the first one may change the database
STOPPING = 20.0  # and until it has ended
# Seconds until a worker that has ended is started again, at first and at most; one that lived for so many
# counts as a first one.
FIRST_PAUSE, LONGEST_PAUSE, LIVED = 0.5, 30.0, 60.0


def supervise(settings: Settings, environ: Mapping[str, str]) -> int:
    """Serve with several workers until SIGINT or SIGTERM; SIGHUP replaces them one after another. Returns the
    exit status.
    """
    begin_log(settings.log_format)
    with tempfile.TemporaryDirectory(prefix="porch-") as folder:
        return Supervisor(settings, environ, folder).run()


class Worker:
    def __init__(
        self, listener: socket.socket, environ: Mapping[str, str], folder: str, *, greets: bool
    ) -> None:
        # Held as long as the worker lives: it stops when this end is closed, also by a kill.
        self._end, theirs = socket.socketpair()
        handed = Handed(listener.fileno(), theirs.fileno(), greets, folder)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--handed", str(handed)],
            env=dict(environ),
            pass_fds=(handed.listener, handed.supervisor),
            start_new_session=True,  # Ctrl+C is for the supervisor
        )
        theirs.close()

    def serves(self) -> bool:
        """Wait until it does; False when it has ended, or takes too long."""
        self._end.settimeout(STARTING)
        with suppress(OSError):
            return self._end.recv(1) == b"1"
        return False

    def stop(self) -> int:
        """Let it come to its end, and wait for that; returns its exit status."""
        self.process.terminate()
        try:
            status = self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.ended()
        return status

    def ended(self) -> None:
        self._end.close()


class Supervisor:
    """`folder` is for what its workers have to do with each other."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], folder: str) -> None:
        self._folder = folder
        self._count = settings.workers
        self._environ = environ
        self._listener = listen(settings)
        self._workers: list[Worker] = []
        self._stopping = Event()
        self._pause = FIRST_PAUSE
        self._starting = RLock()  # one is started at a time: the first brings the database up to date
        self._replacing = RLock()

    def run(self) -> int:
        gevent.signal_handler(signal.SIGINT, self._stop)
        gevent.signal_handler(signal.SIGTERM, self._stop)
        gevent.signal_handler(signal.SIGHUP, self._replace_all)
        for number in range(self._count):
            worker = self._start(greets=number == 0)
            if worker is None:
                self._stopping.set()
                self._stop_all()
                return 1
        self._stopping.wait()
        self._stop_all()
        return 0

    def _stop(self) -> None:
        if self._stopping.is_set():
            sys.exit(1)  # a second signal: the workers see that nobody is here
        self._stopping.set()

    def _start(self, *, greets: bool = False) -> Worker | None:
        """A new worker, once it serves; None when it does not."""
        with self._starting:
            if self._stopping.is_set():
                return None
            worker = Worker(self._listener, self._environ, self._folder, greets=greets)
            if not worker.serves():
                worker.stop()
                return None
            self._workers.append(worker)
            gevent.spawn(self._watch, worker)
            return worker

    def _watch(self, worker: Worker) -> None:
        """Start another one when this one ends by itself."""
        status = worker.process.wait()
        if worker not in self._workers or self._stopping.is_set():
            return
        self._workers.remove(worker)
        worker.ended()
        lived = time.monotonic() - worker.began
        if lived >= LIVED:
            self._pause = FIRST_PAUSE
        log.error("A worker has ended with status %d after %d s; another one is started.", status, lived)
        while not self._stopping.wait(self._pause):
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            if self._start() is not None:
                return
            log.error("It does not come to serve; the next attempt is in %.0f s.", self._pause)

    def _replace_all(self) -> None:
        """Each worker goes when another one serves in its place. Where none does, the others stay."""
        with self._replacing:
            with self._starting:  # one that does not serve yet is an old one, too
                old = list(self._workers)
            for worker in old:
                if self._start() is None:
                    log.error("A new worker does not come to serve, so the old ones stay.")
                    return
                if worker in self._workers:
                    self._workers.remove(worker)
                    worker.stop()

    def _stop_all(self) -> None:
        self._listener.close()
        workers, self._workers = self._workers, []
        gevent.joinall([gevent.spawn(worker.stop) for worker in workers])
