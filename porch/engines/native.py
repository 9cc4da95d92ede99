"""The threads, locks and sleep of the system, in whose place gevent has put its own."""

from __future__ import annotations

from gevent import monkey

start_thread = monkey.get_original("_thread", "start_new_thread")
make_lock = monkey.get_original("_thread", "allocate_lock")
sleep = monkey.get_original("time", "sleep")
